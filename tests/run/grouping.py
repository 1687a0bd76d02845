"""A pytest plugin: how tests are shared out over the workers."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# Each has one house, company or installation for all its tests, which takes longer to build than most of them.
TOGETHER = ("nodes", "console", "attacks", "simulator")
# What makes a file long: programs, browsers, machines.
_LONG = ("slow", "browser", "interop", "namespaces")
# The long ones have begun when so much of the rest is done: what comes last is short, and no worker waits for another.
_BEGUN_BY = 0.8


class ByFile(LoadScopeScheduling):
    """One worker for a file, so that what its tests share is built once; and one for each of `TOGETHER`.

    Not by `xdist_group`: with pytest 9.2 the names of tests do not show it any more to xdist 3.8.
    """

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    return ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long and short files in turn."""
    groups: dict[str, list[pytest.Item]] = {}
    for item in items:
        groups.setdefault(group_of(item.nodeid), []).append(item)
    items[:] = [item for name in _in_turn(groups) for item in groups[name]]


def group_of(nodeid: str) -> str:
    """What runs in one process, and in the order in which it was found."""
    path = PurePosixPath(nodeid.partition("::")[0])
    room = path.parts[1] if len(path.parts) > 1 else ""
    return room if room in TOGETHER else str(path)


def _in_turn(groups: dict[str, list[pytest.Item]]) -> list[str]:
    """The names of the groups in the order in which they are begun."""
    long = [name for name, items in groups.items() if any(map(_is_long, items))]
    long.sort(key=lambda name: name not in TOGETHER)
    short = [name for name in groups if name not in long]
    places = [*_spread(long, _BEGUN_BY), *_spread(short, 1.0)]
    return [name for _, name in sorted(places, key=lambda each: each[0])]


def _spread(names: Iterable[str], until: float) -> Iterator[tuple[float, str]]:
    names = list(names)
    for number, name in enumerate(names):
        yield until * number / len(names), name


def _is_long(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) is not None for name in _LONG)
