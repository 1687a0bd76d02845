"""Who is in a cohort: people of the old or the new text, of a group or so many of a hundred, as things are now."""

from assay.access.everybody import Everybody
from assay.governance.rollouts import LARGEST_COHORT, Cohort, Rollout, chosen
from assay.policy.affected import affected_by
from assay.values import GroupId, Reason, Value


class Selection(Value, frozen=True, kw_only=True):
    """Whom to take: the people of a group (with its name), or so many of a hundred."""

    group: GroupId | None = None
    group_name: str = ""
    percent: int = 0


def cohort_of(rollout: Rollout, selection: Selection, everybody: Everybody) -> Cohort | Reason:
    """The cohort, or why there cannot be one. Disabled people are in it: they may be enabled tomorrow.

    Whoever joins later is not in it, whoever leaves the group stays: only so it is known for whom the text was tried.
    """
    principals = tuple(principal for _, principal in everybody.principals())
    meant = affected_by(rollout.text, principals)
    old = affected_by(rollout.before, principals) if rollout.before is not None and rollout.replaces else frozenset()
    if meant is None or old is None:
        return Reason.of("rolloutPeopleUnknown", name=rollout.name)
    about = meant | old
    if selection.group is not None:
        members = (str(each.id) for each in principals if selection.group in each.groups)
        people = tuple(sorted(each for each in members if each in about))
    else:
        people = chosen(rollout.id, selection.percent, about)
    if not people:
        return Reason.of("rolloutNobody", name=rollout.name)
    if len(people) > LARGEST_COHORT:
        return Reason.of("rolloutTooManyPeople", count=str(len(people)), maximum=str(LARGEST_COHORT))
    return Cohort(
        people=people,
        meant=tuple(each for each in people if each in meant),
        group=selection.group_name,
        percent=selection.percent,
    )


def all_meant(rollout: Rollout, everybody: Everybody) -> bool:
    """Whether the text is still about everybody in the cohort; who left a group since, it may be about no more."""
    cohort = rollout.step.cohort
    if cohort is None:
        return False
    meant = frozenset(cohort.meant)
    people = tuple(each for _, each in everybody.principals() if each.id in meant and not each.break_glass)
    about = affected_by(rollout.text, people)
    return about is not None and len(about) == len(people)
