"""Errors in Microsoft Graph's shape, for the check and for the API behind it: one word for each, whoever refuses."""

from datetime import datetime
from typing import Final

import msgspec

from assay.access.exchange import CheckRequest, Refuse
from assay.access.refusals import Problem
from assay.values import Reason, Value

# By status; the words are Graph's where it has one.
CODES: Final = {
    400: "Request_BadRequest",
    401: "Authentication_Required",
    403: "Authorization_RequestDenied",
    404: "Request_ResourceNotFound",
    405: "Request_MethodNotAllowed",
    409: "Request_Conflict",
    412: "Request_PreconditionFailed",
    413: "Request_TooLarge",
    415: "Request_UnsupportedMediaType",
    429: "TooManyRequests",
    503: "ServiceUnavailable",
}
FAILED: Final = "InternalServerError"

_MESSAGES: Final = {
    "signInRequired": "Sign in first: in a browser, or with: assay login",
    "credentialInvalid": "The token is unknown, revoked or expired. Get a new one with: assay login",
    "stepUpRequired": "A policy asks for more than was proved, or for proof that is fresher. Sign in again.",
    "accessDenied": "Access is refused. An administrator sees why with: assay explain {decision}",
    "limitedByPolicy": "A policy lets you read here and change nothing.",
    "originNotAllowed": "Another site's scripts may not use the API.",
    "ambiguousCookie": "Two session cookies were sent, and one is not ours. Clear the cookies of this site.",
    "unavailable": "Access cannot be judged just now. Try again in a moment.",
}


_HYPHENED: Final = {"request_id": "request-id", "client_request_id": "client-request-id"}


class InnerError(Value, frozen=True, kw_only=True, omit_defaults=True, rename=_HYPHENED):
    """What helps to find the request: Graph's fields, then our stable code, the reasons, and the decision's code."""

    date: datetime
    request_id: str
    client_request_id: str = ""
    code: str = ""
    reasons: tuple[Reason, ...] = ()
    decision: str = ""


class GraphError(Value, frozen=True, kw_only=True, rename="camel"):
    """Graph's `error`: a stable code and a sentence that says what to do."""

    code: str
    message: str
    inner_error: InnerError


class GraphErrorBody(Value, frozen=True, kw_only=True):
    """What every answer of the API of 400 and above holds."""

    error: GraphError


def graph_error(status: int, message: str, inner: InnerError, code: str = "") -> bytes:
    """The body of an error; `code`: where Graph has a finer word than the status."""
    error = GraphError(code=code or CODES.get(status, FAILED), message=message, inner_error=inner)
    return msgspec.json.encode(GraphErrorBody(error=error))


def missing_token(host: str) -> Refuse:
    """RFC 6750 §3.1: without a token, no word of an error."""
    problem = Problem(error="signInRequired")
    challenge = ("www-authenticate", f'Bearer realm="{host}"')
    return Refuse(status=401, body=msgspec.json.encode(problem), headers=(challenge,))


def in_graphs_words(answer: Refuse, request: CheckRequest, *, at: datetime, request_id: str) -> Refuse:
    """A refusal of the check as the API itself would say it; a person who waits for a page gets none of this."""
    if request.is_navigation or not answer.body:
        return answer
    problem = msgspec.json.decode(answer.body, type=Problem)
    message = _MESSAGES.get(problem.error, problem.error).replace("{decision}", problem.decision or "CODE")
    inner = InnerError(
        date=at, request_id=request_id, code=problem.error, reasons=problem.reasons, decision=problem.decision
    )
    return msgspec.structs.replace(
        answer,
        body=graph_error(answer.status, message, inner),
        headers=(*answer.headers, ("request-id", request_id)),
    )
