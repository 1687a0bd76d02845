"""Errors of the API: one shape, the right status, what to do next."""

import logging
from http import HTTPStatus
from typing import Final, TypeVar

from litestar import MediaType, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from assay.access.attempt import NotDone
from assay.api.sentences import sentence
from assay.api.shapes.errors import ErrorBody, Problem
from assay.policy.graph_json import MalformedError
from assay.policy.malformed_sentences import malformed_words
from assay.store import StoreUnavailableError
from assay.values import AssayError, ConflictError, InvalidInputError, NotFoundError, Reason, RefusedInputError

T = TypeVar("T")
_LOG = logging.getLogger("assay.api")
# All that Litestar says of a request without the body that its route reads.
_NO_BODY: Final = "'data'"

STATUS: Final[tuple[tuple[type[AssayError], int, str], ...]] = (
    (InvalidInputError, HTTPStatus.BAD_REQUEST, "invalidInput"),
    (MalformedError, HTTPStatus.BAD_REQUEST, "invalidInput"),
    (NotFoundError, HTTPStatus.NOT_FOUND, "notFound"),
    (ConflictError, HTTPStatus.CONFLICT, "conflict"),
    (StoreUnavailableError, HTTPStatus.SERVICE_UNAVAILABLE, "busy"),
)


class ChangeRefusedError(Exception):
    """A rule refused a change; made at the edge from the flow's value, so that one handler answers it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


def done(result: T | NotDone) -> T:
    """What the flow did; raises ChangeRefusedError where it did nothing."""
    if isinstance(result, NotDone):
        raise ChangeRefusedError(result.reason)
    return result


def answer_refusal(_: Request[None, None, State], error: Exception) -> Response[ErrorBody]:
    """A rule's refusal: 409, with its reason as the code."""
    assert isinstance(error, ChangeRefusedError)
    message, remedy = sentence(error.reason)
    return _response(HTTPStatus.CONFLICT, error.reason.code, message, remedy)


def words_of(error: AssayError) -> tuple[str, str]:
    """What went wrong and what to do next: a rule's reason as its sentence, wherever it is told."""
    if isinstance(error, MalformedError):
        return malformed_words(error)
    return sentence(error.reason) if isinstance(error, RefusedInputError) else (error.message, error.remedy)


def answer_ours(_: Request[None, None, State], error: Exception) -> Response[ErrorBody]:
    """One of our errors."""
    assert isinstance(error, AssayError)
    told = words_of(error)
    for kind, status, code in STATUS:
        if isinstance(error, kind):
            return _response(status, code, *told)
    _LOG.error("a request to the admin API failed", exc_info=error)
    return _response(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", error.message, error.remedy)


def answer_http(_: Request[None, None, State], error: Exception) -> Response[ErrorBody]:
    """What the framework refused: an unknown path, a body that is not what it should be."""
    assert isinstance(error, HTTPException)
    code = "badRequest" if error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR else "failed"
    return _response(error.status_code, code, http_words(error), "")


def http_words(error: HTTPException) -> str:
    """What the framework refused, for people: each field with its fault, where there are several."""
    words = error.detail
    if isinstance(error.extra, list) and error.extra:
        words = "; ".join(
            str(each.get("message", each)) if isinstance(each, dict) else str(each) for each in error.extra
        )
    return "there is no body; send the fields as JSON" if words == _NO_BODY else words


def answer_too_deep(_: Request[None, None, State], __: Exception) -> Response[ErrorBody]:
    """JSON that is nested deeper than any decoder goes; nothing else here recurses as deep as it is told to."""
    return _response(HTTPStatus.BAD_REQUEST, "invalidInput", "the JSON is nested too deep", "send the fields alone")


def answer_unexpected(_: Request[None, None, State], error: Exception) -> Response[ErrorBody]:
    """A fault of ours: told in the log, not to the client."""
    _LOG.error("a request to the admin API failed", exc_info=error)
    return _response(
        HTTPStatus.INTERNAL_SERVER_ERROR, "failed", "something went wrong; the service's log says what", ""
    )


def _response(status: int, code: str, message: str, remedy: str) -> Response[ErrorBody]:
    body = ErrorBody(error=Problem(code=code, message=message, remedy=remedy))
    return Response(body, status_code=status, media_type=MediaType.JSON)
