"""Doctor names rollouts that wait for somebody, those that went back by themselves, and those that cannot."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from msgspec.structs import replace

from assay.api.shapes.events import EventShape
from assay.api.shapes.rollouts import RolloutShape
from assay.cli.doctor_findings import Severity
from assay.cli.doctor_rollouts import NEWS, rollout_findings

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
ROLLOUT = RolloutShape(policy="Wiki", policy_id="1", state="enabled", stage="cohort")
WENT_BACK = EventShape(
    number=1,
    at=NOW - timedelta(hours=1),
    code="rollout.went-back",
    actor="Assay",
    about="rollout Wiki",
    reason="notConfirmed",
    event=msgspec.Raw(b"null"),
)


@pytest.mark.parametrize(
    ("rollout", "severity", "words"),
    [
        (ROLLOUT, None, ""),
        (replace(ROLLOUT, confirm_by=NOW), Severity.NOTE, "goes back at 2026-11-29 09:00:00Z"),
        (replace(ROLLOUT, confirm_by=NOW, stuck="nobody gets in"), Severity.ERROR, "cannot go back: nobody gets in"),
    ],
)
def test_rollouts_that_wait(rollout: RolloutShape, severity: Severity | None, words: str) -> None:
    found = [(each.severity, each.message) for each in rollout_findings((rollout,), (), NOW)]
    assert [each for each, _ in found] == ([] if severity is None else [severity])
    assert all(words in said for _, said in found)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (WENT_BACK, True),
        (replace(WENT_BACK, reason="byAdministrator"), False),
        (replace(WENT_BACK, at=NOW - NEWS), False),
    ],
)
def test_what_went_back_by_itself_is_news_for_some_days(event: EventShape, told: bool) -> None:
    found = list(rollout_findings((), (event,), NOW))
    assert [each.severity for each in found] == [Severity.WARNING] * told
    assert all(each.check == "rollout Wiki" and "went back" in each.message for each in found)


def test_of_each_policy_the_last_that_went_back_is_told() -> None:
    by_hand = replace(WENT_BACK, reason="byAdministrator", at=NOW)
    other = replace(WENT_BACK, about="rollout Other")
    found = [each.check for each in rollout_findings((), (by_hand, other, WENT_BACK), NOW)]
    assert found == ["rollout Other"]


@pytest.mark.parametrize("code", ["rollout.begun", "rollout.advanced", "rollout.confirmed"])
def test_what_went_on_since_is_told_no_more(code: str) -> None:
    since = replace(WENT_BACK, code=code, reason=None, at=NOW)
    assert list(rollout_findings((), (since, WENT_BACK), NOW)) == []
    assert len(list(rollout_findings((), (WENT_BACK, since), NOW))) == 1
