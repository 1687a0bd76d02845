"""Rollouts of policies: what is asked for, and how far each has come."""

from datetime import datetime

from assay.api.shapes.policies import DanglingShape, FileShape, MapShape
from assay.api.shapes.published import PublishedShape
from assay.values import Wire


class RolloutStart(Wire, frozen=True, kw_only=True):
    """The new text: a file with one policy, or nothing where the policy `of` is not on and begins with its own.

    `of`: the policy whose place the file's takes; "" for the one with its id, or a new one. `onWithin`: switch it on at
    once, to be confirmed within so many seconds; null: begin in report-only. `override`: why it may break an invariant.
    """

    of: str = ""
    file: FileShape | None = None
    map: tuple[MapShape, ...] = ()
    waive: tuple[str, ...] = ()
    on_within: float | None = None
    override: str = ""


class RolloutStep(Wire, frozen=True, kw_only=True):
    """The next step: to the people of a group, to so many of a hundred, or with `everyone` to all.

    `confirmWithin`: seconds in which somebody has to confirm it, 0: nobody has to. `anyway`: though an administrator
    was refused. `override`: why it may break an invariant of the owner.
    """

    group: str = ""
    percent: int = 0
    everyone: bool = False
    confirm_within: float = 600
    anyway: bool = False
    override: str = ""


class EvidenceShape(Wire, frozen=True, kw_only=True):
    """Decisions since `since` that the new text applied to; in report-only, `refused` are those that it would have.

    `people`: how many it refused or asked for more; `administrators`: the first of those with a role that it refused
    and nothing else did; `shows`: a decision of the first of them. `complete`: all decisions of that time were looked
    at. `reported`: the new text only reports.
    """

    since: datetime
    decisions: int
    refused: int
    stepped_up: int
    people: int
    administrators: tuple[str, ...]
    complete: bool
    reported: bool = False
    shows: str | None = None


class RolloutShape(Wire, frozen=True, kw_only=True):
    """A rollout: `stage` is reportOnly, cohort or on; null: it is over.

    `policy` and `policyId` are the policy's, whose state is `state`, null where it is gone; `companionId` is that of
    the policy beside it that has the new text meanwhile. `people`: how many the new text is on for, chosen by `group`
    or by `percent`. `confirmBy`: until when somebody has to confirm the last step, null: nobody has to.
    `stuck`: why a step that nobody confirmed could not go back. `dangling`: what the new text names and is not here,
    which keeps it from going further. `published`: what was proved of the step just taken.
    """

    policy: str
    policy_id: str
    state: str | None
    stage: str | None
    companion_id: str | None = None
    by: str | None = None
    since: datetime | None = None
    confirm_by: datetime | None = None
    steps: int = 0
    people: int | None = None
    group: str | None = None
    percent: int | None = None
    evidence: EvidenceShape | None = None
    stuck: str | None = None
    dangling: tuple[DanglingShape, ...] = ()
    published: PublishedShape | None = None


class RolloutList(Wire, frozen=True, kw_only=True):
    """Every rollout that is not over."""

    value: tuple[RolloutShape, ...]
