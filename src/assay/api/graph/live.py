"""/v1.0/assay/live: what happens, as it happens (server-sent events, HTML Living Standard §9.2)."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Final

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.exceptions import TooManyRequestsException
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Stream

from assay.access.activity import ShownDecision, ShownSignIn
from assay.access.authorize import Caller, Permission, authorize
from assay.access.live_feed import Happened, LiveFeed
from assay.api.graph.asking import Asking
from assay.api.graph.decisions import listed_decision
from assay.api.graph.directory_audits import audit_shape
from assay.api.graph.sign_ins import sign_in_shape
from assay.api.graph_flows import GraphFlows
from assay.values import InvalidInputError

HEARTBEAT_SECONDS: Final = 15.0
EVENT_STREAM: Final = "text/event-stream"
# Beyond a signed 64-bit integer there is no such event.
_DIGITS: Final = 18


@get(
    "/assay/live",
    opt={"permission": Permission.AUDIT_LOG_READ_ALL},
    responses={
        200: ResponseSpec(data_container=str, description="Events", media_type=EVENT_STREAM, generate_examples=False)
    },
)
async def watch(
    request: Asking,
    live: NamedDependency[LiveFeed],
    graph: NamedDependency[GraphFlows],
    caller: NamedDependency[Caller],
) -> Stream:
    """Sign-ins, decisions and changes as they are committed; `Last-Event-ID` goes on where a connection ended."""

    def permitted(permission: Permission) -> bool:
        now = graph.callers.again(caller)
        return now is not None and authorize(now, permission) is None

    after = _after(request.headers.get("last-event-id", ""))
    watcher = live.join(caller.token_id or caller.session_id or "")
    if watcher is None:
        raise TooManyRequestsException("too many watch already; close another window, or try again in a minute")
    if after is None:
        # Before anything is answered: whoever sees that the stream is open is told everything from then on.
        after = await live.newest()
    lines = _lines(live.watch(watcher, after), permitted)
    return Stream(lines, media_type=EVENT_STREAM, headers={"x-accel-buffering": "no"})


ROUTES: Final = (watch,)


def _after(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise InvalidInputError("Last-Event-ID is none of ours", remedy="leave it out to begin now")
    return int(text)


async def _lines(
    happened: AsyncGenerator[Happened, None], permitted: Callable[[Permission], bool]
) -> AsyncIterator[bytes]:
    """The stream; a comment every 15 s tells both ends that the other is there.

    It outlives the question that opened it, so that who may see what is asked again before every line.
    """
    yield b"retry: 2000\n\n"
    following = aiter(happened)
    while True:
        waiting = asyncio.ensure_future(anext(following, None))
        try:
            while not (await asyncio.wait({waiting}, timeout=HEARTBEAT_SECONDS))[0]:
                if not permitted(Permission.AUDIT_LOG_READ_ALL):
                    return
                yield b": still here\n\n"
            each = waiting.result()
        finally:
            waiting.cancel()
        if each is None or not permitted(Permission.AUDIT_LOG_READ_ALL):
            await happened.aclose()
            return
        if permitted(Permission.DECISION_READ_ALL) or not isinstance(each.what, ShownDecision):
            yield _event(each)


def _event(happened: Happened) -> bytes:
    what = happened.what
    if isinstance(what, ShownSignIn):
        name, shape = "signIn", msgspec.json.encode(sign_in_shape(what))
    elif isinstance(what, ShownDecision):
        name, shape = "decision", msgspec.json.encode(listed_decision(what))
    else:
        name, shape = "change", msgspec.json.encode(audit_shape(what))
    # Several decisions are told of by one event: whoever goes on behind its number must have seen all of them.
    number = b"id: %d\n" % happened.number if happened.last else b""
    return b"%sevent: %s\ndata: %s\n\n" % (number, name.encode(), shape)
