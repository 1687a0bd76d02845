"""Rolling a policy out in stages: what stands in force in each, what may come next, until when a step wants a yes.

Pure. A rollout is the list of its steps, and each step keeps what stood before it: going back is putting that back.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from msgspec.structs import replace

from assay.policy.condition_set import NONE, Users
from assay.policy.definition import ConditionalAccessPolicy, PolicyState
from assay.values import InvalidInputError, PolicyId, Reason, Stored
from assay.values.naming import typed_name

CONFIRM_WITHIN: Final = timedelta(minutes=10)
# So short that it can be tried while one looks on; so long that a weekend and a holiday fit.
SHORTEST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(days=7)
# A policy with so many ids is what an event can hold twice (before and after), and an index in memory is built of.
LARGEST_COHORT: Final = 5_000
# Each step keeps whole policies.
MOST_STEPS: Final = 20
SUFFIX: Final = " (rollout)"
_BUCKETS: Final = 10_000


class Stage(StrEnum):
    """How far the new text has come."""

    REPORT_ONLY = "reportOnly"
    COHORT = "cohort"
    ON = "on"


class Placed(Stored, frozen=True, kw_only=True):
    """What is stored of a policy in rollout: the policy itself, and the companion beside it; None: not there."""

    policy: ConditionalAccessPolicy | None = None
    companion: ConditionalAccessPolicy | None = None


class Cohort(Stored, frozen=True, kw_only=True):
    """The people for whom the new text is on, as they were chosen: of a group by its name, or so many of a hundred.

    `people` are judged by the new text in place of the old; `meant` are those of them whom the new text is about.
    """

    people: tuple[str, ...]
    meant: tuple[str, ...]
    group: str = ""
    percent: int = 0


class Step(Stored, frozen=True, kw_only=True):
    """One step: its stage, by whom and when, and what stood before it.

    `confirm_by`: until when somebody has to confirm it; None: nobody has to, or somebody has.
    """

    stage: Stage
    by: str
    at: datetime
    former: Placed
    cohort: Cohort | None = None
    confirm_by: datetime | None = None


class Rollout(Stored, frozen=True, kw_only=True):
    """A new text of a policy on its way to being on; `id` is the companion's too.

    `before`: the policy as it was when this began, None where it is new. `text` has the policy's id and is on.
    `waived`: ids in the text that may mean nobody.
    """

    id: PolicyId
    text: ConditionalAccessPolicy
    before: ConditionalAccessPolicy | None = None
    waived: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def policy_id(self) -> PolicyId:
        return self.text.id

    @property
    def name(self) -> str:
        """What people know the policy by."""
        return (self.before or self.text).display_name

    @property
    def names(self) -> frozenset[str]:
        """Every name, folded, that the policy or the one beside it has in some stage: a step may put another on it."""
        new = self.text.display_name
        return frozenset(typed_name(each) for each in (self.name, new, f"{new}{SUFFIX}"))

    @property
    def step(self) -> Step:
        return self.steps[-1]

    @property
    def replaces(self) -> bool:
        """Whether an old text is on meanwhile, so that the new one needs a place of its own."""
        return self.before is not None and self.before.state is PolicyState.ENABLED

    @property
    def judged_as(self) -> PolicyId:
        """Under which id decisions tell of the new text in the stage that it has come to."""
        beside = placed(self, self.step.stage, self.step.cohort).companion
        return self.policy_id if beside is None else self.id


def placed(rollout: Rollout, stage: Stage, cohort: Cohort | None) -> Placed:
    """What has to be stored in this stage; `cohort` in the stage of one alone."""
    text = rollout.text
    own = replace(text, state=PolicyState.REPORT_ONLY)
    beside = replace(text, id=rollout.id, display_name=f"{text.display_name}{SUFFIX}")
    match stage:
        case Stage.REPORT_ONLY if rollout.replaces:
            return Placed(policy=rollout.before, companion=replace(beside, state=PolicyState.REPORT_ONLY))
        case Stage.REPORT_ONLY:
            return Placed(policy=own)
        case Stage.COHORT:
            assert cohort is not None
            old = _without(rollout.before, cohort.people) if rollout.before and rollout.replaces else own
            return Placed(policy=old, companion=_for(beside, cohort.meant))
        case Stage.ON:
            return Placed(policy=text)


def may_go(rollout: Rollout, to: Stage) -> Reason | None:
    """Why the next step must not lead to this stage, or None: one stage on, past the cohort, or to another cohort."""
    step = rollout.step
    if step.confirm_by is not None:
        return Reason.of("rolloutUnconfirmed", name=rollout.name)
    if to is Stage.REPORT_ONLY or step.stage is Stage.ON:
        return Reason.of("rolloutNoWay", name=rollout.name, stage=step.stage.value)
    # One more leads to everybody, which ends it; or nothing but going back would be left.
    if to is Stage.COHORT and len(rollout.steps) >= MOST_STEPS:
        return Reason.of("rolloutTooManySteps", maximum=str(MOST_STEPS))
    return None


def stepped(rollout: Rollout, step: Step) -> Rollout | None:
    """The rollout after this step; None where it is over: on, and nobody has to confirm it."""
    if step.stage is Stage.ON and step.confirm_by is None:
        return None
    return replace(rollout, steps=(*rollout.steps, step))


def confirmed(rollout: Rollout) -> Rollout | None:
    """The rollout with its last step confirmed; None where it is over by that."""
    step = replace(rollout.step, confirm_by=None)
    return stepped(replace(rollout, steps=rollout.steps[:-1]), step)


def gone_back(rollout: Rollout) -> Rollout | None:
    """The rollout one step before; None where that was the first, so that nothing is left of it."""
    return replace(rollout, steps=rollout.steps[:-1]) if len(rollout.steps) > 1 else None


def overdue(rollout: Rollout, at: datetime) -> bool:
    """Whether the last step should have been confirmed by now."""
    return rollout.step.confirm_by is not None and rollout.step.confirm_by <= at


def confirm_by(at: datetime, within: timedelta | None) -> datetime | None:
    """Until when a step of this moment has to be confirmed; raises InvalidInputError for a bad length of time."""
    if within is None:
        return None
    if not SHORTEST <= within <= LONGEST:
        raise InvalidInputError(
            "a step is confirmed within 1 second to 7 days", remedy="write such as --confirm-within 10m"
        )
    return at + within


def chosen(rollout_id: str, percent: int, people: Iterable[str]) -> tuple[str, ...]:
    """So many of a hundred of these people (ids), sorted; who is among 10 of a hundred is also among 20.

    By a hash of person and rollout: no chance that could not be looked at again, and not the same people each time.
    """
    return tuple(sorted(each for each in people if _bucket(rollout_id, each) * 100 < percent * _BUCKETS))


def _bucket(rollout_id: str, person: str) -> int:
    return int.from_bytes(sha256(f"{rollout_id} {person}".encode()).digest()[:8]) % _BUCKETS


def _for(policy: ConditionalAccessPolicy, people: tuple[str, ...]) -> ConditionalAccessPolicy:
    """The policy for these people alone; whom it excludes, it excludes as before."""
    users = policy.conditions.users
    narrowed = Users(
        include_users=people or (NONE,),
        exclude_users=users.exclude_users,
        exclude_groups=users.exclude_groups,
        exclude_roles=users.exclude_roles,
        exclude_guests_or_external_users=users.exclude_guests_or_external_users,
        exclude_external_tenants=users.exclude_external_tenants,
        exclude_agent_users=users.exclude_agent_users,
    )
    return replace(policy, conditions=replace(policy.conditions, users=narrowed))


def _without(policy: ConditionalAccessPolicy, people: tuple[str, ...]) -> ConditionalAccessPolicy:
    users = policy.conditions.users
    excluded = tuple(dict.fromkeys((*users.exclude_users, *people)))
    return replace(policy, conditions=replace(policy.conditions, users=replace(users, exclude_users=excluded)))
