"""Refusals for programs: JSON that says why, never a page."""

import msgspec

from assay.access.exchange import Refuse
from assay.values import Reason, Value


class Problem(Value, frozen=True, kw_only=True):
    """What a program is told instead of a page."""

    error: str
    reasons: tuple[Reason, ...] = ()
    sign_in: str = ""
    decision: str = ""


def refuse(
    status: int,
    error: str,
    *,
    reasons: tuple[Reason, ...] = (),
    sign_in: str = "",
    decision: str = "",
    headers: tuple[tuple[str, str], ...] = (),
) -> Refuse:
    """A refusal with this status."""
    problem = Problem(error=error, reasons=reasons, sign_in=sign_in, decision=decision)
    return Refuse(status=status, body=msgspec.json.encode(problem), headers=headers)
