"""What a foreign proxy is told: 200 and what the app gets, or the whole answer for the client; no I/O.

`Cookie` and `Authorization` of an answer are what the app may see of the client's: a proxy puts them in the place of
what was sent, and takes off what is not there.
"""

from http import HTTPStatus
from typing import Final

from assay.access.exchange import Allow, CheckAnswer, CheckRequest, Redirect
from assay.access.own_cookies import without_own_cookies
from assay.access.refusals import refuse
from assay.access.refusals_in_words import refusal
from assay.access.standing import RETRY
from assay.apps.proxies import ProxyKind
from assay.values import Reason, Value

_NO_STORE: Final = (("cache-control", "no-store"),)


class Answer(Value, frozen=True, kw_only=True):
    """An HTTP answer to a proxy."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


# What nginx is told of everything that is not allowed: it then asks for the whole answer (`whole_answer`).
NOT_ALLOWED: Final = Answer(status=401, headers=_NO_STORE)


def answered(kind: ProxyKind, request: CheckRequest, answer: CheckAnswer) -> Answer:
    """The answer as this kind of proxy obeys it."""
    if isinstance(answer, Allow):
        return _allowed(kind, request, answer)
    if isinstance(answer, Redirect):
        cookies = tuple(("set-cookie", value) for value in answer.set_cookies)
        return Answer(status=302, headers=(("location", answer.location), *_NO_STORE, *cookies))
    if answer.status < HTTPStatus.BAD_REQUEST:
        # Proxies take every 2xx for leave to go on.
        return answered(kind, request, refusal(Reason.of("check_failed")))
    headers = (("content-type", answer.content_type), *answer.headers)
    if not any(name.lower() == "cache-control" for name, _ in answer.headers):
        headers += _NO_STORE
    return Answer(status=answer.status, headers=headers, body=answer.body)


def whole_answer(kind: ProxyKind, request: CheckRequest, answer: CheckAnswer) -> Answer:
    """For the client of a proxy that was told no before: never leave to go on, even where it would be given by now."""
    if isinstance(answer, Allow):
        return answered(kind, request, refuse(503, "unavailable", headers=RETRY))
    return answered(kind, request, answer)


def _allowed(kind: ProxyKind, request: CheckRequest, answer: Allow) -> Answer:
    cookie = without_own_cookies(answer.cookie) if answer.cookie else None
    authorization = None if answer.without_authorization else request.authorization or None
    headers = answer.headers
    headers += () if cookie is None else (("cookie", cookie),)
    if kind is not ProxyKind.ENVOY:
        return Answer(
            status=200, headers=headers if authorization is None else (*headers, ("authorization", authorization))
        )
    # Envoy leaves on what is not named (docs: "headers_to_remove" of an HTTP service).
    gone = (["cookie"] if cookie is None else []) + (["authorization"] if answer.without_authorization else [])
    gone += [] if any(name.lower() == "assay-assertion" for name, _ in headers) else ["assay-assertion"]
    return Answer(
        status=200, headers=(*headers, ("x-envoy-auth-headers-to-remove", ",".join(gone))) if gone else headers
    )
