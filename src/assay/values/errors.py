"""Errors: what went wrong, for the log; what to do, for the person."""


class AssayError(Exception):
    """The root of our errors; `remedy` tells the person what to do next."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class InvalidInputError(AssayError):
    """The input cannot be read or breaks a rule; nothing was changed."""


class NotFoundError(AssayError):
    """What the input names does not exist here."""


class ConflictError(AssayError):
    """The input contradicts what is stored, such as a name already taken."""
