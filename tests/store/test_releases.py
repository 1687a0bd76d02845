"""Which releases may work on one database at the same time."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from assay.store.releases import ALIVE, NodesRunningError, RunningNode, floor, may_work, refuse_running

MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("ours", "schema", "oldest", "may"),
    [
        ("0014", "0014", "0014", True),
        ("0014", "0014", None, True),
        ("0014", "0015", "0014", True),
        ("0014", "0016", "0015", False),
        ("0014", "0015", None, False),
        # Taken back under a node that runs: its tables are not there any more.
        ("0015", "0014", "0014", False),
    ],
)
def test_a_release_works_on_its_own_schema_and_on_a_later_one_that_says_so(
    ours: str, schema: str, oldest: str | None, *, may: bool
) -> None:
    assert may_work(ours, schema=schema, oldest=oldest) is may


@pytest.mark.parametrize(
    ("steps", "works_from", "before", "oldest"),
    [
        (("0015",), {"0015": "0014"}, "0014", "0014"),
        (("0015", "0016"), {"0015": "0014", "0016": "0014"}, "0012", "0014"),
        (("0015", "0016"), {"0015": "0014"}, "0014", "0016"),
        (("0015", "0016"), {"0016": "0015"}, "0014", "0015"),
        (("0016",), {"0016": "0014"}, "0015", "0015"),
        (("0001", "0002"), {}, None, "0002"),
        ((), {}, "0014", "0014"),
    ],
)
def test_one_step_that_says_nothing_ends_what_came_before(
    steps: tuple[str, ...], works_from: Mapping[str, str], before: str | None, oldest: str
) -> None:
    assert floor(steps, works_from, before) == oldest


@pytest.mark.parametrize(
    ("schema", "ago", "refused"),
    [
        ("", MOMENT, True),
        ("0014", MOMENT, True),
        ("0014", ALIVE, False),
        ("0015", MOMENT, False),
    ],
)
def test_who_runs_and_could_not_go_on_is_named(schema: str, ago: timedelta, *, refused: bool) -> None:
    node = RunningNode(name="node-1", schema=schema, ago=ago)
    if not refused:
        refuse_running((node,), "0015")
        return
    with pytest.raises(NodesRunningError, match="node-1"):
        refuse_running((node,), "0015")
