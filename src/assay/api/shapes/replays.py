"""A draft of policies held against the decisions that were made."""

from datetime import datetime

from assay.api.shapes.policies import DanglingShape, FileShape, MapShape
from assay.values import Wire


class ReplayRequest(Wire, frozen=True, kw_only=True):
    """The draft, and from when on; `whole`: it takes the place of all policies. `since` null: all that is kept."""

    files: tuple[FileShape, ...]
    map: tuple[MapShape, ...] = ()
    state: str | None = None
    whole: bool = False
    since: datetime | None = None


class CountShape(Wire, frozen=True, kw_only=True):
    """How many decisions on one person or app, or by one policy, and the id of one of them."""

    id: str
    name: str
    count: int
    example: str


class ChangeShape(Wire, frozen=True, kw_only=True):
    """Decisions that would come out differently in one way.

    `change`: refused, steppedUp, letIn, asked (was refused, would be asked for more) or limited (let in under other
    limits or session controls). `already`: of these so many by the policies in force, without the draft. `beyond`: so
    many are not counted by person, because there are too many people.
    """

    change: str
    count: int
    already: int
    people: tuple[CountShape, ...]
    apps: tuple[CountShape, ...]
    policies: tuple[CountShape, ...]
    beyond: int


class ReplayReport(Wire, frozen=True, kw_only=True):
    """What became of the decisions from `first` to `last`.

    `notOn`: those of the drafted policies that are off or in report-only as they were replayed, and decide nothing.
    `dangling`: what the draft names and is not here, so that nobody and nothing is meant by it.
    `unasked`: no policy was asked. `unreadable`: the decision or its signals are not kept, or cannot be read.
    `withoutSet`: the policies it was made by are not kept, so it was not made again. `differently`: by today's engine
    it does not come out as recorded; `differentlyExample` is one of these.
    """

    whole: bool
    drafted: tuple[str, ...]
    not_on: tuple[str, ...]
    dangling: tuple[DanglingShape, ...]
    first: datetime | None
    last: datetime | None
    decisions: int
    unchanged: int
    changes: tuple[ChangeShape, ...]
    unasked: int
    unreadable: int
    without_set: int
    differently: int
    differently_example: str
