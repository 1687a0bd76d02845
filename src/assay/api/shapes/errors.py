"""The one shape of every error."""

from assay.values import Wire


class Problem(Wire, frozen=True, kw_only=True):
    """A stable code, a sentence, and what to do next."""

    code: str
    message: str
    remedy: str = ""


class ErrorBody(Wire, frozen=True, kw_only=True):
    """What every answer of 400 and above holds."""

    error: Problem
