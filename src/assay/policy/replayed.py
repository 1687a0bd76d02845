"""What another set of policies makes of decisions that were made: who would be refused, asked for more, or let in."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from assay.policy.decision import Decision, Outcome, PolicyResult
from assay.values import Value

FAILED: Final = frozenset({PolicyResult.FAILURE, PolicyResult.UNKNOWN})
MOST_NAMED: Final = 10_000  # people, apps or policies of one change that are counted by name


class ChangeKind(StrEnum):
    """What becomes of a decision."""

    REFUSED = "refused"  # was let in or asked for more
    STEPPED_UP = "steppedUp"  # was let in, is asked for more
    LET_IN = "letIn"  # was refused or asked for more
    ASKED = "asked"  # was refused, is asked for more
    LIMITED = "limited"  # is let in as before, under other limits or session controls
    UNCHANGED = "unchanged"


def change_kind(before: Outcome, after: Outcome, *, alike: bool) -> ChangeKind:
    """What became of a decision; `alike`: limits and session controls are the same."""
    if before is after:
        return ChangeKind.UNCHANGED if alike or after is not Outcome.ALLOW else ChangeKind.LIMITED
    if after is Outcome.BLOCK:
        return ChangeKind.REFUSED
    if after is Outcome.ALLOW:
        return ChangeKind.LET_IN
    return ChangeKind.STEPPED_UP if before is Outcome.ALLOW else ChangeKind.ASKED


def policies_behind(kind: ChangeKind, before: Decision | None, after: Decision) -> tuple[tuple[str, str], ...]:
    """Id and name of the policies that make the difference: those that now fail, or that did and no longer do."""
    failing = dict(_failing(after))
    earlier = {} if before is None else dict(_failing(before))
    if kind in (ChangeKind.REFUSED, ChangeKind.STEPPED_UP):
        return tuple(failing.items())
    if kind in (ChangeKind.LET_IN, ChangeKind.ASKED):
        gone = {each: name for each, name in earlier.items() if each not in failing}
        # Where none is gone, one of them asks now where it refused.
        return tuple((gone or earlier).items())
    return ()


def _failing(decision: Decision) -> Iterable[tuple[str, str]]:
    return ((found.policy, found.display_name) for found in decision.applied if found.result in FAILED)


class Counted(Value, frozen=True, kw_only=True):
    """How many decisions on one person or app, or by one policy; `example`: the id of one of them."""

    id: str
    count: int
    example: str


class Counter:
    """Counts by id, with an example each; what does not fit any more is counted together."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._examples: dict[str, str] = {}
        self.beyond = 0

    def add(self, named: str, count: int, example: str) -> None:
        """Count so many more."""
        if named in self._counts:
            self._counts[named] += count
        elif len(self._counts) < MOST_NAMED:
            self._counts[named], self._examples[named] = count, example
        else:
            self.beyond += count

    def every(self) -> tuple[Counted, ...]:
        """All of them, the most frequent first."""
        ordered = sorted(self._counts.items(), key=lambda each: (-each[1], each[0]))
        return tuple(Counted(id=named, count=count, example=self._examples[named]) for named, count in ordered)


class Changed:
    """The decisions that change in one way."""

    def __init__(self) -> None:
        self.count = 0
        # Of these the policies in force would decide so already: it is not the draft that makes the difference.
        self.already = 0
        self.people, self.apps, self.policies = Counter(), Counter(), Counter()
