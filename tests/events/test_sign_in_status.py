"""The status that a sign-in's row has under Conditional Access."""

import pytest

from assay.events.envelope import Applied, DecisionReference
from assay.events.sign_ins import conditional_access
from assay.values import PolicyId


def decided(*results: str) -> DecisionReference:
    return DecisionReference(
        uid="d",
        outcome="allow",
        policy_set_hash="",
        snapshot_hash="",
        engine_version="1",
        applied=tuple(Applied(policy=PolicyId("p"), name="P", result=each) for each in results),
    )


@pytest.mark.parametrize(
    ("results", "reason", "status"),
    [
        ((), "", "notApplied"),
        (("success",), "", "success"),
        (("success", "failure"), "mfaRequired", "failure"),
        (("unknown",), "policyCannotBeEvaluated", "failure"),
        # In report-only: it is not known what it would have said, and nobody was stopped.
        (("success", "unknown"), "", "success"),
        (("unknown", "reportOnlyFailure"), "notAssigned", "notApplied"),
    ],
)
def test_only_what_is_enforced_makes_a_failure(results: tuple[str, ...], reason: str, status: str) -> None:
    assert conditional_access(decided(*results), reason) == status


def test_where_nothing_was_decided_nothing_applied() -> None:
    assert conditional_access(None, "signInFailed") == "notApplied"
