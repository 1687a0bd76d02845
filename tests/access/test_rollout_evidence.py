"""What a recorded decision says of a new text: a table of results, outcomes and what else applied."""

from datetime import UTC, datetime

import pytest

from assay.access.rollout_evidence import Counts
from assay.events import DecisionId, DecisionRecord
from assay.events.envelope import Applied
from assay.policy import Outcome, PolicyResult
from assay.values import PolicyId, Reason, UserId

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
NEW = PolicyId("new")
ALLOW, STEP_UP, BLOCK = Outcome.ALLOW, Outcome.STEP_UP, Outcome.BLOCK
SUCCESS, FAILURE = PolicyResult.SUCCESS, PolicyResult.FAILURE
WOULD_FAIL, WOULD_ASK = PolicyResult.REPORT_ONLY_FAILURE, PolicyResult.REPORT_ONLY_INTERRUPTED


def decided(outcome: Outcome, *, assigned: bool = True, **results: PolicyResult) -> DecisionRecord:
    """Three equal decisions about Alice, with these results by policy."""
    return DecisionRecord(
        uid=DecisionId("00000000-0000-4000-8000-000000000000"),
        at=NOW,
        last_at=NOW,
        count=3,
        user_id=UserId("alice"),
        outcome=outcome.value,
        policy_set_hash="",
        snapshot_hash="",
        engine_version="",
        reasons=() if assigned else (Reason.of("notAssigned"),),
        applied=tuple(
            Applied(policy=PolicyId(policy), name=policy, result=result.value) for policy, result in results.items()
        ),
    )


@pytest.mark.parametrize(
    ("record", "decisions", "refused", "stepped_up", "alone"),
    [
        (decided(ALLOW, other=SUCCESS), 0, 0, 0, False),
        (decided(ALLOW, new=SUCCESS), 3, 0, 0, False),
        (decided(ALLOW, new=PolicyResult.REPORT_ONLY_SUCCESS), 3, 0, 0, False),
        # In report-only: what it would have done, beside what was done.
        (decided(ALLOW, new=WOULD_ASK), 3, 0, 3, False),
        (decided(ALLOW, new=WOULD_FAIL), 3, 3, 0, True),
        (decided(STEP_UP, new=WOULD_FAIL, other=FAILURE), 3, 3, 0, True),
        (decided(BLOCK, new=WOULD_FAIL, other=FAILURE), 3, 3, 0, False),
        (decided(BLOCK, new=WOULD_FAIL, assigned=False), 3, 3, 0, False),
        # Enforced: unmet, and what can be done about it.
        (decided(STEP_UP, new=FAILURE), 3, 0, 3, False),
        (decided(BLOCK, new=FAILURE, other=SUCCESS), 3, 3, 0, True),
        (decided(BLOCK, new=FAILURE, other=FAILURE), 3, 3, 0, False),
        (decided(BLOCK, new=FAILURE, assigned=False), 3, 3, 0, False),
    ],
)
def test_what_a_decision_says(
    record: DecisionRecord, decisions: int, refused: int, stepped_up: int, alone: bool
) -> None:
    counts = Counts(NEW)
    counts.take(record)
    assert (counts.decisions, counts.refused, counts.stepped_up) == (decisions, refused, stepped_up)
    assert counts.refused_alone == ({"alice": record.uid} if alone else {})
    assert counts.people == ({"alice"} if refused or stepped_up else set())
