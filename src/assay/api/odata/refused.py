"""A query that cannot be answered: Graph's error code and what to do."""

from typing import Final

from assay.values import Value

BAD_REQUEST: Final = "Request_BadRequest"
UNSUPPORTED: Final = "Request_UnsupportedQuery"


class Refused(Value, frozen=True, kw_only=True):
    """Why a query is not answered; `code` by Graph's names, `message` names what would do instead."""

    code: str = BAD_REQUEST
    message: str


class RefusedError(Exception):
    """Ends a reading from deep inside; it never leaves this package."""

    def __init__(self, message: str, code: str = BAD_REQUEST) -> None:
        super().__init__(message)
        self.refused = Refused(code=code, message=message)
