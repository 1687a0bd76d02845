"""Errors: what went wrong, for the log; what to do, for the person."""

from assay.values.reasons import Reason


class AssayError(Exception):
    """The root of our errors; `remedy` tells the person what to do next."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class InvalidInputError(AssayError):
    """The input cannot be read or breaks a rule; nothing was changed."""


class RefusedInputError(InvalidInputError):
    """The same with the reason of the rule, of which the edges make a sentence."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"refused: {reason.code}", remedy="correct the input")
        self.reason = reason


class NotFoundError(AssayError):
    """What the input names does not exist here."""


class ConflictError(AssayError):
    """The input contradicts what is stored, such as a name already taken."""
