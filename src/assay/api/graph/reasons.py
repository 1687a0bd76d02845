"""Reasons and policies as every list of what happened shows them."""

from collections.abc import Iterable

from assay.api.reason_sentences import reason_sentence
from assay.events.envelope import Applied
from assay.values import Reason, Wire


class ReasonShape(Wire, frozen=True, kw_only=True):
    """A stable code and its sentence."""

    code: str
    message: str


class AppliedShape(Wire, frozen=True, kw_only=True):
    """A policy that applied, by the name it had then, and its result in Graph's words."""

    id: str
    display_name: str
    result: str


def reason_shapes(reasons: Iterable[Reason]) -> tuple[ReasonShape, ...]:
    """The reasons in words, in order."""
    return tuple(ReasonShape(code=each.code, message=reason_sentence(each)) for each in reasons)


def applied_shapes(applied: Iterable[Applied]) -> tuple[AppliedShape, ...]:
    """The policies in order."""
    return tuple(AppliedShape(id=each.policy, display_name=each.name, result=each.result) for each in applied)
