"""/v1/events: follow, search, verify and export the log."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime
from typing import BinaryIO, Final, cast

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from litestar.response import Stream

from assay.access.search_events import Log
from assay.api.shapes.events import (
    EventList,
    EventShape,
    FindingShape,
    VerificationShape,
    VerifyRequest,
)
from assay.events import EventQuery, Verification
from assay.events.envelope import Envelope
from assay.events.records.log import Leaf
from assay.events.records.search import content
from assay.values import InvalidInputError

NDJSON: Final = "application/x-ndjson"
CHUNK: Final = 64 * 1024
VERIFY_LIMIT: Final = 32 * 1024 * 1024


@get("/events")
async def search_events(
    log: NamedDependency[Log],
    code: FromQuery[str | None] = None,
    user: FromQuery[str | None] = None,
    app: FromQuery[str | None] = None,
    session: FromQuery[str | None] = None,
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    outcome: FromQuery[str | None] = None,
    text: FromQuery[str | None] = None,
    before: FromQuery[int | None] = None,
    limit: FromQuery[int] = 100,
) -> EventList:
    """Events that match, newest first."""
    query = EventQuery(
        code=code,
        session_id=session,
        since=_aware(since),
        until=_aware(until),
        outcome=outcome,
        text=text,
        before=before,
        limit=limit,
    )
    page = await log.search(query, user=user, app=app)
    return EventList(value=tuple(map(_event, page.events)), cursor=page.cursor)


@get("/events/tail")
async def tail_events(log: NamedDependency[Log], count: FromQuery[int] = 20, follow: FromQuery[bool] = False) -> Stream:
    """The newest events in order, one JSON object a line; with `follow` also those to come."""
    return Stream(_lines(log, min(max(count, 0), 1_000), follow=follow), media_type=NDJSON)


@get("/events/export")
async def export_events(log: NamedDependency[Log]) -> Stream:
    """Every event as OCSF, one JSON object a line, with what an outsider needs to verify them."""
    spool = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115  closed when it was sent
    try:
        await log.export(spool)
    except BaseException:
        spool.close()
        raise
    return Stream(_file(spool), media_type=NDJSON)


@post("/events/verify", status_code=200, request_max_body_size=VERIFY_LIMIT)
async def verify_events(data: JSONBody[VerifyRequest], log: NamedDependency[Log]) -> VerificationShape:
    """Verify the whole log."""
    return verification_shape(await log.verify(checkpoints=data.checkpoints, keys=data.keys))


ROUTES: Final = (search_events, tail_events, export_events, verify_events)


def verification_shape(verdict: Verification) -> VerificationShape:
    """The verdict as the API shows it."""
    return VerificationShape(
        ok=verdict.ok,
        size=verdict.size,
        root=None if verdict.root is None else verdict.root.hex(),
        findings=tuple(
            FindingShape(kind=each.kind.value, first=each.first, last=each.last) for each in verdict.findings
        ),
        more_findings=verdict.more_findings,
        erased=sum(each.last - each.first + 1 for each in verdict.erased),
        decisions=verdict.decisions,
        anchored=verdict.anchored,
        anchored_outside=verdict.anchored_outside,
    )


async def _lines(log: Log, count: int, *, follow: bool) -> AsyncIterator[bytes]:
    if not follow:
        for leaf in await log.last(count):
            yield msgspec.json.encode(_event(leaf)) + b"\n"
        return
    async for leaves in log.follow(count):
        # Nothing happened: an empty line shows that the connection lives, and finds out when it does not.
        yield b"".join(msgspec.json.encode(_event(leaf)) + b"\n" for leaf in leaves) or b"\n"


async def _file(spool: BinaryIO) -> AsyncIterator[bytes]:
    with spool:
        spool.seek(0)
        while chunk := await asyncio.to_thread(spool.read, CHUNK):
            yield chunk


def _event(leaf: Leaf) -> EventShape:
    said = content(leaf)
    return EventShape(
        number=leaf.leaf_index,
        at=leaf.at,
        code=leaf.code,
        actor=(said.actor.user.name or said.actor.user.uid or "") if said else "",
        about=_about(said) if said else "",
        reason=(said.status_code or "") if said else "",
        event=_as_it_is(leaf),
    )


def _as_it_is(leaf: Leaf) -> msgspec.Raw:
    """What is kept of it; null where it was erased, or is no JSON any more, which would break all that is around it."""
    try:
        return msgspec.Raw(b"null") if leaf.payload is None else msgspec.json.decode(leaf.payload, type=msgspec.Raw)
    except msgspec.MsgspecError:
        return msgspec.Raw(b"null")


def _about(said: Envelope) -> str:
    named = (
        said.user.name or said.user.uid if said.user else None,
        f"group {said.group.name}" if said.group else None,
        f"app {said.service.name or said.service.uid}" if said.service else None,
        f"{said.entity.type} {said.entity.name or said.entity.uid}" if said.entity else None,
    )
    return ", ".join(name for name in named if name)


def _aware(instant: datetime | None) -> datetime | None:
    if instant is not None and instant.tzinfo is None:
        raise InvalidInputError("an instant needs its time zone", remedy="write it as 2026-01-31T08:00:00Z")
    return instant
