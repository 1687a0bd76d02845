"""What `assay policy replay` says: first what the draft does, and what is so without it in one line."""

from datetime import UTC, datetime
from typing import Final

from msgspec.structs import replace

from assay.api.shapes.policies import DanglingShape
from assay.api.shapes.replays import ChangeShape, CountShape, ReplayReport
from assay.cli.policy_replay import SHOWN, report_lines

AT: Final = datetime(2026, 3, 2, tzinfo=UTC)


def change(kind: str, count: int, already: int) -> ChangeShape:
    named = (CountShape(id="p", name="Baseline", count=count, example="d1"),)
    return ChangeShape(change=kind, count=count, already=already, people=named, apps=named, policies=named, beyond=0)


def report(*changes: ChangeShape) -> ReplayReport:
    return ReplayReport(
        whole=False,
        drafted=("Draft",),
        not_on=(),
        dangling=(),
        first=AT,
        last=AT,
        decisions=9,
        unchanged=0,
        changes=changes,
        unasked=0,
        unreadable=0,
        without_set=0,
        differently=0,
        differently_example="",
    )


def test_what_the_draft_does_is_told_from_what_is_so_already() -> None:
    lines = list(
        report_lines(report(change("refused", 3_364, 3_364), change("letIn", 9, 0), change("steppedUp", 7, 5)))
    )
    assert [line for line in lines if line.startswith("newly")] == [
        "newly refused: 0 by the draft (3,364 already by the policies in force)",
        "newly let in: 9",
        "newly asked for more: 2 by the draft, and 5 already by the policies in force; together:",
    ]
    after = lines.index("newly let in: 9")
    assert lines[after - 1].startswith("newly refused"), "nobody is listed whom the draft does nothing to"
    assert lines[after + 1] == "  kept out before by Baseline: 9, such as d1"
    assert "  by Baseline: 7, such as d1" in lines


def test_a_draft_that_decides_nothing_says_so() -> None:
    off = "off or report-only, so nothing of it counts; --state on replays it as if it were on"
    assert not [line for line in report_lines(report()) if "report-only" in line]
    assert f"the draft: {off}" in report_lines(replace(report(), not_on=("Draft",)))
    both = replace(report(), drafted=("Draft", "Other"), not_on=("Other",))
    assert f"Other: {off}" in report_lines(both)


def test_what_is_unknown_here_is_named_since_no_decision_can_be_about_it() -> None:
    def told(count: int) -> list[str]:
        unknown = tuple(DanglingShape(kind="application", path="p", id=f"a{number}") for number in range(count))
        return [line for line in report_lines(replace(report(), dangling=unknown)) if "unknown here" in line]

    assert told(0) == []
    assert told(1) == [
        "unknown here, so nothing is meant by it: application a0 in p; to say what it means: --map a0=NEW"
    ]
    assert len(told(SHOWN)) == SHOWN
    assert told(SHOWN + 3)[-1] == "and 3 more ids that are unknown here (--json has all)"
