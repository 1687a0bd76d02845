"""The stages of a rollout as a table: what stands in each, which step may come next, what going back puts back."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from assay.governance.rollouts import (
    LONGEST,
    MOST_STEPS,
    SHORTEST,
    Cohort,
    Placed,
    Rollout,
    Stage,
    Step,
    chosen,
    confirm_by,
    confirmed,
    gone_back,
    may_go,
    overdue,
    placed,
    stepped,
)
from assay.policy import ConditionalAccessPolicy, PolicyState
from assay.policy.condition_set import ConditionSet, Users
from assay.policy.definition import BuiltInControl, GrantControls
from assay.values import GroupId, InvalidInputError, PolicyId, RoleId

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
ID, ROLLOUT = PolicyId("11111111-1111-4111-8111-111111111111"), PolicyId("99999999-9999-4999-8999-999999999999")
ENABLED, DISABLED, REPORT_ONLY = PolicyState.ENABLED, PolicyState.DISABLED, PolicyState.REPORT_ONLY
COHORT = Cohort(people=("alice", "bob"), meant=("alice",), group="Pilots")


def policy(control: BuiltInControl = BuiltInControl.MFA, state: PolicyState = ENABLED) -> ConditionalAccessPolicy:
    users = Users(
        include_users=("All",),
        include_groups=(GroupId("staff"),),
        include_roles=(RoleId("admins"),),
        exclude_users=("carol",),
        exclude_groups=(GroupId("robots"),),
    )
    return ConditionalAccessPolicy(
        id=ID,
        display_name="Require it",
        state=state,
        conditions=ConditionSet(users=users),
        grant_controls=GrantControls(built_in_controls=(control,)),
    )


NEW = policy(BuiltInControl.BLOCK)
OLD = policy()
REPLACING = Rollout(id=ROLLOUT, text=NEW, before=OLD)


def at(stage: Stage, rollout: Rollout = REPLACING, until: datetime | None = None) -> Rollout:
    """The rollout in this stage, after nothing else."""
    step = Step(
        stage=stage,
        by="root",
        at=NOW,
        former=Placed(policy=rollout.before),
        cohort=COHORT if stage is Stage.COHORT else None,
        confirm_by=until,
    )
    return replace(rollout, steps=(step,))


def test_an_old_text_that_is_on_stays_on_until_the_end() -> None:
    seen = placed(REPLACING, Stage.REPORT_ONLY, None)
    assert seen.policy == OLD
    assert seen.companion == replace(NEW, id=ROLLOUT, display_name="Require it (rollout)", state=REPORT_ONLY)

    tried = placed(REPLACING, Stage.COHORT, COHORT)
    assert tried.policy is not None
    assert tried.companion is not None
    old, new = tried.policy.conditions.users, tried.companion.conditions.users
    assert old == replace(OLD.conditions.users, exclude_users=("carol", "alice", "bob"))
    assert new == Users(include_users=("alice",), exclude_users=("carol",), exclude_groups=(GroupId("robots"),))
    assert (tried.policy.state, tried.companion.state) == (ENABLED, ENABLED)

    assert placed(REPLACING, Stage.ON, None) == Placed(policy=NEW)


@pytest.mark.parametrize("before", [None, policy(state=DISABLED), policy(state=REPORT_ONLY)])
def test_without_an_old_text_that_is_on_the_policy_itself_reports(before: ConditionalAccessPolicy | None) -> None:
    rollout = Rollout(id=ROLLOUT, text=NEW, before=before)
    reports = replace(NEW, state=REPORT_ONLY)
    assert placed(rollout, Stage.REPORT_ONLY, None) == Placed(policy=reports)
    tried = placed(rollout, Stage.COHORT, COHORT)
    assert tried.policy == reports
    assert tried.companion is not None
    assert (tried.companion.id, tried.companion.state) == (ROLLOUT, ENABLED)
    assert placed(rollout, Stage.ON, None) == Placed(policy=NEW)


def test_a_cohort_of_people_whom_the_new_text_is_not_about_is_judged_by_none() -> None:
    tried = placed(REPLACING, Stage.COHORT, Cohort(people=("alice",), meant=(), percent=5))
    assert tried.companion is not None
    assert tried.companion.conditions.users.include_users == ("None",)


@pytest.mark.parametrize(("stage", "id_"), [(Stage.REPORT_ONLY, ROLLOUT), (Stage.COHORT, ROLLOUT), (Stage.ON, ID)])
def test_decisions_tell_of_the_new_text_by_the_policy_that_has_it(stage: Stage, id_: PolicyId) -> None:
    assert at(stage).judged_as == id_
    assert at(Stage.REPORT_ONLY, replace(REPLACING, before=None)).judged_as == ID


@pytest.mark.parametrize(
    ("stage", "waits", "to", "refused"),
    [
        (Stage.REPORT_ONLY, False, Stage.COHORT, None),
        (Stage.REPORT_ONLY, False, Stage.ON, None),
        (Stage.REPORT_ONLY, False, Stage.REPORT_ONLY, "rolloutNoWay"),
        (Stage.COHORT, False, Stage.COHORT, None),
        (Stage.COHORT, False, Stage.ON, None),
        (Stage.COHORT, False, Stage.REPORT_ONLY, "rolloutNoWay"),
        (Stage.COHORT, True, Stage.COHORT, "rolloutUnconfirmed"),
        (Stage.COHORT, True, Stage.ON, "rolloutUnconfirmed"),
        (Stage.ON, True, Stage.ON, "rolloutUnconfirmed"),
        (Stage.ON, False, Stage.COHORT, "rolloutNoWay"),
    ],
)
def test_which_step_may_come_next(stage: Stage, waits: bool, to: Stage, refused: str | None) -> None:
    found = may_go(at(stage, until=NOW if waits else None), to)
    assert (found and found.code) == refused


def test_steps_are_bounded() -> None:
    step = at(Stage.COHORT).step
    full = replace(REPLACING, steps=(step,) * MOST_STEPS)
    found = may_go(full, Stage.COHORT)
    assert found is not None
    assert found.code == "rolloutTooManySteps"
    assert may_go(full, Stage.ON) is None, "as the refusal says"
    assert may_go(replace(REPLACING, steps=(step,) * (MOST_STEPS - 1)), Stage.COHORT) is None


def test_steps_confirmations_and_the_way_back() -> None:
    begun = at(Stage.REPORT_ONLY)
    until = NOW + timedelta(minutes=10)
    on = Step(stage=Stage.ON, by="root", at=NOW, former=Placed(policy=OLD))
    tried = replace(on, stage=Stage.COHORT, cohort=COHORT, confirm_by=until)
    second = stepped(begun, tried)
    assert second == replace(begun, steps=(begun.step, tried))
    assert gone_back(second) == begun
    assert gone_back(begun) is None, "before the first step nothing is left of it"
    third = confirmed(second)
    assert third is not None
    assert third.step == replace(tried, confirm_by=None)
    assert stepped(third, on) is None, "on, and nobody has to confirm it: it is over"
    last = stepped(third, replace(on, confirm_by=until))
    assert last is not None
    assert gone_back(last) == third
    assert confirmed(last) is None


@pytest.mark.parametrize(
    ("until", "late"), [(None, False), (NOW + timedelta(microseconds=1), False), (NOW, True), (NOW - LONGEST, True)]
)
def test_a_step_is_overdue_from_its_deadline_on(until: datetime | None, late: bool) -> None:
    assert overdue(at(Stage.ON, until=until), NOW) is late


def test_how_long_a_step_waits() -> None:
    assert confirm_by(NOW, None) is None
    for within in (SHORTEST, LONGEST):
        assert confirm_by(NOW, within) == NOW + within
    for within in (SHORTEST - timedelta(microseconds=1), LONGEST + timedelta(microseconds=1), timedelta()):
        with pytest.raises(InvalidInputError):
            confirm_by(NOW, within)


def test_a_share_is_the_same_each_time_grows_and_is_about_as_large_as_it_says() -> None:
    people = [f"person-{number}" for number in range(2_000)]
    shares = {percent: chosen(ROLLOUT, percent, people) for percent in (1, 10, 50, 99, 100)}
    assert shares[10] == chosen(ROLLOUT, 10, reversed(people))
    assert set(shares[1]) < set(shares[10]) < set(shares[50]) < set(shares[99]) < set(shares[100]) == set(people)
    assert 160 <= len(shares[10]) <= 240
    assert chosen(ID, 10, people) != shares[10], "not the same people in each rollout"
    assert chosen(ROLLOUT, 0, people) == ()
