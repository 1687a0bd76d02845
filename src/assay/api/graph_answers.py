"""Errors of the Graph API: Graph's shape, the right status, what to do next; and who is answered."""

import logging
from http import HTTPStatus
from typing import Final, cast

from litestar import MediaType, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from uvicorn._types import Scope

from assay.access.attempt import By
from assay.access.authorize import Caller, Permission, authorize
from assay.access.graph_errors import InnerError, graph_error
from assay.api.errors import STATUS, ChangeRefusedError, http_words, words_of
from assay.api.odata.refused import UNSUPPORTED
from assay.api.sentences import sentence
from assay.store import StoreUnavailableError
from assay.values import AssayError, InvalidInputError, Reason, Value

logger = logging.getLogger("assay.api.graph")
SCOPE: Final = "assay.graph"
RETRY_SECONDS: Final = "3"
_WORDS: Final = {
    404: "there is no such resource; the API is described at /v1.0/openapi.json",
    405: "this resource has no such method; the API is described at /v1.0/openapi.json",
    413: "the body is too large",
}

# Found out in the transaction that changes: by the roles of that moment, or by the version that is stored then.
_STATUS_OF: Final = {
    "subjectPrivileged": HTTPStatus.FORBIDDEN,
    "changedMeanwhile": HTTPStatus.PRECONDITION_FAILED,
}

Asking = Request[None, None, State]


class Asked(Value, frozen=True, kw_only=True):
    """One request as the door let it in: who asks, and how it is found again."""

    inner: InnerError
    caller: Caller


class UnsupportedQueryError(InvalidInputError):
    """A query that can be read and is not answered here; the message names what is (Graph's own code for it)."""


class PermissionMissingError(Exception):
    """A route's permission is missing; raised at the edge for one handler."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


def permitted_to_override(caller: Caller, by: By) -> By:
    """The same, where nothing is overridden or this caller may; raises PermissionMissingError."""
    refused = authorize(caller, Permission.POLICY_OVERRIDE_INVARIANTS) if by.override else None
    if refused is not None:
        raise PermissionMissingError(refused)
    return by


def asked(request: Asking) -> Asked:
    """What the door put into this request's scope."""
    extensions: object = cast("Scope", request.scope).get("extensions")
    found: object = extensions.get(SCOPE) if isinstance(extensions, dict) else None
    assert isinstance(found, Asked)
    return found


def answer_permission(request: Asking, error: Exception) -> Response[bytes]:
    """403: who asks is known, and may not."""
    assert isinstance(error, PermissionMissingError)
    message, remedy = sentence(error.reason)
    return _response(request, HTTPStatus.FORBIDDEN, message, remedy, error.reason)


def answer_refused(request: Asking, error: Exception) -> Response[bytes]:
    """409: a rule refused the change; 403 where it is that the caller may not, 412 where it goes by another version."""
    assert isinstance(error, ChangeRefusedError)
    message, remedy = sentence(error.reason)
    status = _STATUS_OF.get(error.reason.code, HTTPStatus.CONFLICT)
    return _response(request, status, message, remedy, error.reason)


def answer_ours(request: Asking, error: Exception) -> Response[bytes]:
    """One of our errors."""
    assert isinstance(error, AssayError)
    message, remedy = words_of(error)
    for kind, status, code in STATUS:
        if isinstance(error, kind):
            unsupported = UNSUPPORTED if isinstance(error, UnsupportedQueryError) else ""
            answer = _response(request, status, message, remedy, Reason.of(code), unsupported)
            if isinstance(error, StoreUnavailableError):
                answer.headers["retry-after"] = RETRY_SECONDS
            return answer
    return answer_unexpected(request, error)


def answer_http(request: Asking, error: Exception) -> Response[bytes]:
    """What the framework refused: an unknown path, a body that is not what it should be."""
    assert isinstance(error, HTTPException)
    if error.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return answer_unexpected(request, error)
    answer = _response(request, error.status_code, _WORDS.get(error.status_code) or http_words(error))
    for name in ("Allow", "Retry-After"):
        value = (error.headers or {}).get(name)
        if value:
            answer.headers[name.lower()] = value
    return answer


def answer_too_deep(request: Asking, _: Exception) -> Response[bytes]:
    """JSON that is nested deeper than any decoder goes."""
    return _response(request, HTTPStatus.BAD_REQUEST, "the JSON is nested too deep", "send the fields alone")


def answer_unexpected(request: Asking, error: Exception) -> Response[bytes]:
    """A fault of ours: told in the log, under the request's id, and not to the client."""
    inner = asked(request).inner
    logger.error("a request to the API failed: %s", inner.request_id, exc_info=error)
    return _response(
        request, HTTPStatus.INTERNAL_SERVER_ERROR, "something went wrong", "the service's log has it by request-id"
    )


def _response(
    request: Asking, status: int, message: str, remedy: str = "", reason: Reason | None = None, code: str = ""
) -> Response[bytes]:
    inner = asked(request).inner
    if reason is not None:
        reasons = (reason,) if reason.parameters else ()
        inner = InnerError(
            date=inner.date,
            request_id=inner.request_id,
            client_request_id=inner.client_request_id,
            code=reason.code,
            reasons=reasons,
        )
    text = f"{message}; {remedy}" if remedy else message
    return Response(graph_error(status, text, inner, code), status_code=status, media_type=MediaType.JSON)
