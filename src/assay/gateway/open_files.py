"""How many descriptors a process of ours may have open: as many as it is allowed to allow itself."""

import contextlib
import resource
from typing import Final

# What Envoy has open before anybody comes, with room for its files.
_OWN: Final = 96
_FEWEST: Final = 16


def allow_many_files(pid: int) -> None:
    """Raise the soft limit to the hard one: shells and systemd start programs with 1,024, which strangers fill."""
    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (hard, hard))


def connections_within(limit: int, most: int) -> int:
    """How many connections of people fit into this limit of descriptors, each with one to its app; at most `most`.

    One too many is refused at once. Without a bound it would hang unanswered, and the connections of those who are
    let in would fail with it, to their apps and to the check.
    """
    return most if limit == resource.RLIM_INFINITY else max(min((limit - _OWN) // 2, most), _FEWEST)


def most_files() -> int:
    """The hard limit of this process, which its Envoy inherits."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]
