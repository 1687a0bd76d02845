"""The app: nobody sees anything of it without an assertion that is good for exactly this app."""

from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, select_autoescape
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from assay_verify import streams
from assay_verify.assertion import HEADER, Checked, Verifier

PAGE_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "x-content-type-options": "nosniff",
}
TIMES = ("iat", "exp")
_templates = Environment(autoescape=select_autoescape(default=True), undefined=StrictUndefined)
_page = _templates.from_string(files("assay_verify").joinpath("page.html").read_text(encoding="utf-8"))


class Guard:
    """Checks the assertion of every request and every WebSocket before anything else sees it."""

    def __init__(self, app: ASGIApp, verifier: Verifier) -> None:
        self._app = app
        self._verifier = verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        checked = await self._verifier.check(Headers(scope=scope).getlist(HEADER))
        if checked.valid:
            scope.setdefault("state", {})["checked"] = checked
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(code=1008, reason=checked.refusal[:100])(scope, receive, send)
        else:
            await _refused(Request(scope), checked)(scope, receive, send)


def create_app(verifier: Verifier) -> ASGIApp:
    """The whole app, guarded."""
    routes = [
        Route("/", show),
        Route("/json", show_json),
        Route("/events", streams.events),
        Route("/download", streams.download),
        Route("/upload", streams.upload, methods=["POST"]),
        Route("/slow", streams.slow),
        WebSocketRoute("/ws", streams.echo),
    ]
    return Guard(Starlette(routes=routes), verifier)


async def show(request: Request) -> Response:
    """What arrived, as a page."""
    return _answer_page(request, _checked(request), 200)


async def show_json(request: Request) -> Response:
    """What arrived, as JSON."""
    return JSONResponse(received(request, _checked(request)), headers={"cache-control": "no-store"})


def received(request: HTTPConnection, checked: Checked) -> dict[str, Any]:
    """Everything that an app gets to see of one request."""
    return {
        "method": request.scope.get("method", "GET"),
        "path": request.url.path,
        "query": request.url.query,
        "http_version": request.scope.get("http_version", ""),
        "headers": sorted([name, value] for name, value in request.headers.items() if name != HEADER),
        "cookies": dict(sorted(request.cookies.items())),
        "assertion": {
            "valid": checked.valid,
            "refusal": checked.refusal,
            "key_id": checked.key_id,
            "claims": checked.claims,
            "token": request.headers.get(HEADER, "") if checked.valid else "",
        },
    }


def _checked(request: HTTPConnection) -> Checked:
    checked = request.scope["state"]["checked"]
    assert isinstance(checked, Checked)
    return checked


def _refused(request: Request, checked: Checked) -> Response:
    if "text/html" in request.headers.get("accept", ""):
        return _answer_page(request, checked, 403)
    return JSONResponse({"error": "noValidAssertion", "detail": checked.refusal}, status_code=403)


def _answer_page(request: Request, checked: Checked, status: int) -> Response:
    facts = received(request, checked)
    claims = [(name, _readable(name, value)) for name, value in checked.claims.items()]
    return HTMLResponse(_page.render(**facts, claims=claims), status_code=status, headers=PAGE_HEADERS)


def _readable(name: str, value: Any) -> str:
    if name in TIMES and isinstance(value, int):
        return f"{value} ({datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC)"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)
