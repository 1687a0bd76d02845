"""The shell around the routes: admission before them, security headers on all that leaves, no body for HEAD."""

from collections.abc import Callable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from assay.access.standing import RETRY
from assay.pages.admission import Problem, admission_problem
from assay.pages.answers import Answer, Answers
from assay.pages.arrival import read_arrival
from assay.pages.assets import ASSET_PATH
from assay.pages.routes.health import ALIVE
from assay.pages.security_headers import SECURITY_HEADERS
from assay.pages.settings import PagesSettings
from assay.values import Reason

# What needs nothing but memory: how our pages look, and the keys that apps verify assertions with.
STILL_SERVED = (ASSET_PATH, "/.assay/jwks.json")
POLICY_VIOLATION = 1008  # RFC 6455 §7.4.1; no page has a WebSocket
_HEADERS = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in SECURITY_HEADERS]


class Guard:
    """An ASGI application that lets only admitted requests through to another."""

    def __init__(
        self, app: ASGIApp, *, settings: PagesSettings, answers: Answers, closed: Callable[[], Reason | None]
    ) -> None:
        """`closed`: why nothing new may be trusted on this node at the moment."""
        self._app = app
        self._settings = settings
        self._answers = answers
        self._closed = closed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": ""})

    async def _http(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        arrival = read_arrival(scope["method"], scope["path"], scope["headers"])
        send = _hardened(send, bodiless=arrival.method == "HEAD")
        problem = admission_problem(arrival, self._settings) or self._closed_to(arrival.path)
        if problem is not None and problem.status == 503:
            await _send_answer(self._answers.problem(arrival, problem, RETRY), send)
            return
        if problem is not None:
            allowed = (("allow", "GET, HEAD, POST"),) if problem.status == 405 else ()
            await _send_answer(self._answers.problem(arrival, problem, allowed), send)
            return
        if arrival.method == "HEAD":
            # HEAD is GET without the body (RFC 9110 §9.3.2); the copy leaves the server's own scope alone.
            scope = scope.copy()
            scope["method"] = "GET"
        await self._app(scope, receive, send)

    def _closed_to(self, path: str) -> Problem | None:
        if path == ALIVE or path.startswith(STILL_SERVED):
            return None
        reason = self._closed()
        return None if reason is None else Problem(status=503, reason=reason)


def _hardened(send: Send, *, bodiless: bool) -> Send:
    async def hardened(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *_HEADERS]
        elif message["type"] == "http.response.body" and bodiless:
            message["body"] = b""
        await send(message)

    return hardened


async def _send_answer(answer: Answer, send: Send) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-type", answer.content_type.encode()))
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
