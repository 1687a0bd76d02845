"""A name in a path is whatever was escaped: with a slash in it, or called as a route is, it is still a name.

Graph's clients use ids. At the admin socket people use names, and policies are called `iOS/Android` or `export`.
"""

from typing import Final, TypeVar
from urllib.parse import unquote

from litestar.types import ASGIApp, Receive, Scope, Send
from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendCallable
from uvicorn._types import Scope as ServerScope

T = TypeVar("T")
# Before a name, and in it in the place of each slash: no name has this character, and no route is called so.
_MARK: Final = "\0"


def keeping_names(app: ASGI3Application) -> ASGI3Application:
    """The application, whose routes see a segment with an escape in it as a name; with `names_as_typed` inside."""

    async def keeping(scope: ServerScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http" and b"%" in scope["raw_path"]:
            segments = scope["raw_path"].decode("ascii", "replace").split("/")
            scope = {**scope, "path": "/".join(map(_marked, segments))}
        await app(scope, receive, send)

    return keeping


def names_as_typed(app: ASGIApp) -> ASGIApp:
    """Middleware behind the routing: the names in a path as they were typed."""

    async def typed(scope: Scope, receive: Receive, send: Send) -> None:
        found = scope.get("path_params", {})
        scope["path_params"] = {key: _unmarked(value) for key, value in found.items()}
        await app(scope, receive, send)

    return typed


def _marked(escaped: str) -> str:
    if "%" not in escaped:
        return escaped
    return _MARK + unquote(escaped, errors="replace").replace("/", _MARK)


def _unmarked(value: T) -> T | str:
    """A name; what a route has read as a number stays one."""
    return value[1:].replace(_MARK, "/") if isinstance(value, str) and value.startswith(_MARK) else value
