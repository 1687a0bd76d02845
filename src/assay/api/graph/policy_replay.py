"""/v1.0/assay/policies/replay: a policy that is being written, held against what was decided; nothing is stored."""

from datetime import datetime
from typing import Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from assay.access.authorize import Caller, Permission, authorize
from assay.access.replay import ChangedDecisions, NamedCount, Replayed
from assay.access.replay_draft import ReplayDraft
from assay.api.graph.asking import Asking
from assay.api.graph.changes import BODY_LIMIT
from assay.api.graph.policy_preview import PreviewRequest, policy_of
from assay.api.graph_answers import PermissionMissingError
from assay.api.shapes.replays import CountShape
from assay.api.while_they_wait import while_they_wait
from assay.values import Wire

SHOWN: Final = 8


class ReplayedChange(Wire, frozen=True, kw_only=True):
    """Decisions that would have come out differently in one way: `refused`, `steppedUp`, `letIn`, `asked`, `limited`.

    `already`: of these so many come out so by the policies in force, without the draft. `people` are the first by
    count, of `peopleCount` (where there were too many people to count by name, of those that were); `apps` all.
    """

    change: str
    count: int
    already: int
    people_count: int
    people: tuple[CountShape, ...]
    apps: tuple[CountShape, ...]


class DraftReplayShape(Wire, frozen=True, kw_only=True):
    """What became of `decisions` decisions from `first` to `last`, as if the draft had been on.

    `unknown`: of these so many cannot be held against it, because they or their signals are not kept, or no policy was
    asked. `superseded`: the same caller asked of a newer draft meanwhile, and nothing is told.
    """

    superseded: bool
    first: datetime | None = None
    last: datetime | None = None
    decisions: int = 0
    unchanged: int = 0
    unknown: int = 0
    changes: tuple[ReplayedChange, ...] = ()


@post(
    "/assay/policies/replay",
    status_code=200,
    request_max_body_size=BODY_LIMIT,
    opt={"permission": Permission.POLICY_READ_ALL},
)
async def replay_policy(
    request: Asking,
    data: JSONBody[PreviewRequest],
    replaying: NamedDependency[ReplayDraft],
    caller: NamedDependency[Caller],
) -> DraftReplayShape:
    """Who would have been refused, asked for more or let in during the last 14 days with this policy on."""
    # Both: what a draft would change tells of the policies in force and of groups, and names who asked for what.
    refused = authorize(caller, Permission.DECISION_READ_ALL)
    if refused is not None:
        raise PermissionMissingError(refused)
    replay = replaying.replay(caller.user_id or caller.token_id or "", await policy_of(request))
    found = await while_they_wait(request, replay)
    return DraftReplayShape(superseded=True) if found is None else _shape(found)


ROUTES: Final = (replay_policy,)


def _shape(found: Replayed) -> DraftReplayShape:
    return DraftReplayShape(
        superseded=False,
        first=found.first,
        last=found.last,
        decisions=found.decisions,
        unchanged=found.unchanged,
        unknown=found.unasked + found.unreadable,
        changes=tuple(_change(each) for each in found.changes if each.count),
    )


def _change(found: ChangedDecisions) -> ReplayedChange:
    return ReplayedChange(
        change=found.kind.value,
        count=found.count,
        already=found.already,
        people_count=len(found.people),
        people=_counts(found.people[:SHOWN]),
        apps=_counts(found.apps),
    )


def _counts(found: tuple[NamedCount, ...]) -> tuple[CountShape, ...]:
    return tuple(CountShape(id=each.id, name=each.name, count=each.count, example=each.example) for each in found)
