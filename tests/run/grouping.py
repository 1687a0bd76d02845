"""A pytest plugin: how tests are shared out over the workers."""

from collections.abc import Iterable, Iterator

import pytest

# Each has one house or company for all its tests, which takes longer to build than most of them.
TOGETHER = ("nodes", "console")
# What makes a file long: programs, browsers, machines.
_LONG = ("slow", "browser", "interop", "namespaces")
# The long ones have begun when so much of the rest is done: what comes last is short, and no worker waits for another.
_BEGUN_BY = 0.8


# Before xdist reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker for a file, so that what its tests share is built once; long and short ones in turn."""
    groups: dict[str, list[pytest.Item]] = {}
    for item in items:
        groups.setdefault(_group_of(item), []).append(item)
    items[:] = [item for name in in_turn(groups) for item in groups[name]]


def _group_of(item: pytest.Item) -> str:
    marked = next(item.iter_markers("xdist_group"), None)
    if marked is not None:
        return str(marked.args[0])
    room = item.path.parent.name
    name = room if room in TOGETHER else str(item.path)
    item.add_marker(pytest.mark.xdist_group(name))
    return name


def in_turn(groups: dict[str, list[pytest.Item]]) -> list[str]:
    """The names of the groups in the order in which they are begun."""
    long = [name for name, items in groups.items() if any(_is_long(item) for item in items)]
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
