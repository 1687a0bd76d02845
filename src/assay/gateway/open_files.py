"""How many descriptors a process of ours may have open: as many as it is allowed to allow itself."""

import contextlib
import resource


def allow_many_files(pid: int) -> None:
    """Raise the soft limit to the hard one: shells and systemd start programs with 1,024, which strangers fill."""
    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (hard, hard))
