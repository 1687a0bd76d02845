"""What happens is told while it happens: rows of the lists, in order, and on from where a connection ended."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
from sqlalchemy import text

from assay.access.live_feed import LOOK_SECONDS, WAITING_LIMIT, WATCHERS_LIMIT, WATCHERS_OF_ONE, LiveFeed, Watcher
from assay.access.visitor import Destination
from assay.api.graph_api import graph_routes
from assay.api.graph_door import GraphDoor
from assay.events.records.log import read_tree
from tests.access.house import BY
from tests.api.graph.company import Company
from tests.api.graph_service import HOST


async def told(answer: httpx.Response) -> AsyncIterator[tuple[str, str, dict[str, object]]]:
    """Each event of a stream: the id to go on behind, its name, its row."""
    fields: dict[str, str] = {"id": ""}
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        elif "data" in fields:
            yield fields["id"], fields["event"], json.loads(fields["data"])
            fields = {"id": fields["id"]}


async def until(
    events: AsyncIterator[tuple[str, str, dict[str, object]]], wanted: str
) -> tuple[str, dict[str, object]]:
    """The next event of this name."""
    async with asyncio.timeout(60):
        async for number, name, row in events:
            if name == wanted:
                return number, row
    raise AssertionError("the stream ended")


async def test_sign_ins_and_changes_are_told_and_a_broken_connection_goes_on(company: Company) -> None:
    house = company.service.house
    headers = {"host": HOST, "assay-assertion": await company.service.assertion(company.ada)}
    async with company.service.client() as client:
        async with client.stream("GET", "/v1.0/assay/live", headers=headers) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            assert answer.headers["cache-control"] == "no-store"
            events, early = told(answer), 0
            first = asyncio.ensure_future(until(events, "change"))
            # It watches once it is told something: what was before is not told.
            while not first.done():
                early += 1
                await house.people.add(BY, user_name=f"watched{early}")
                await asyncio.wait([first], timeout=LOOK_SECONDS)
            await first
            # The first of its kind: what repeats is counted, and told when its window ends.
            await house.sign_in.with_password(company.ada.visitor, Destination(), "ada", "wrong wrong wrong")
            number, row = await until(events, "signIn")
            assert row["userPrincipalName"] == "ada"
            listed = (await company.get(f"/auditLogs/signIns/{row['id']}")).json()
            assert row == {name: value for name, value in listed.items() if name != "@odata.context"}
        await house.people.add(BY, user_name="late")
        async with client.stream("GET", "/v1.0/assay/live", headers=headers | {"last-event-id": number}) as answer:
            number, row = await until(told(answer), "change")
            assert row["activityDisplayName"] == "Add user"
        refused = await client.get("/v1.0/assay/live", headers=headers | {"last-event-id": "x"})
        assert refused.status_code == 400


async def test_what_happens_as_soon_as_the_stream_is_open_is_told(company: Company) -> None:
    """Before the service has looked at the log for it: a console that says it is live misses nothing."""
    service = company.service
    door, seen = GraphDoor(graph_routes(service.flows), service.flows), asyncio.Event()
    headers = {"host": HOST, "assay-assertion": await service.assertion(company.ada)}

    async def receive() -> dict[str, object]:
        await seen.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200
            await service.house.people.add(BY, user_name="first")
        elif b"Add user" in bytes(message["body"]):
            seen.set()

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/v1.0/assay/live",
        "raw_path": b"/v1.0/assay/live",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "server": ("assay", 80),
        "client": None,
    }
    async with asyncio.timeout(60):
        await door(scope, receive, send)
    assert seen.is_set()


async def test_what_cannot_be_read_is_passed_over_and_what_comes_behind_it_is_told(company: Company) -> None:
    house = company.service.house
    headers = {"host": HOST, "assay-assertion": await company.service.assertion(company.ada)}
    headers["last-event-id"] = str(before := await newest(company))
    await house.sign_in.with_password(company.ada.visitor, Destination(), "ada", "wrong wrong wrong")
    await house.people.add(BY, user_name="unreadable")
    for statement in (
        "UPDATE sign_in SET outcome = 'of a newer release' WHERE leaf_index > :before",
        "UPDATE event SET at = -999999999999999999 WHERE code = 'user.created' AND leaf_index > :before",
    ):
        damage = text(statement).bindparams(before=before)
        changed = await house.store.write(lambda transaction, damage=damage: transaction.connection.execute(damage))
        assert changed.rowcount == 1, statement
    async with company.service.client() as client, client.stream("GET", "/v1.0/assay/live", headers=headers) as answer:
        events = told(answer)
        async with asyncio.timeout(60):
            assert (await anext(events))[2]["activityDisplayName"] == "Issue enrolment link"
            await house.people.add(BY, user_name="after")
            assert (await anext(events))[2]["activityDisplayName"] == "Add user"


async def newest(company: Company) -> int:
    """The number of the newest event."""
    return (await company.service.house.store.read(lambda reader: read_tree(reader).size)) - 1


async def test_a_role_that_is_taken_ends_the_stream_although_another_role_still_opens_the_api(company: Company) -> None:
    house = company.service.house
    wanda = await company.service.person("wanda", "Security Reader", "Directory Readers")
    headers = {"host": HOST, "assay-assertion": await company.service.assertion(wanda)}
    headers["last-event-id"] = str(await newest(company))
    async with company.service.client() as client, client.stream("GET", "/v1.0/assay/live", headers=headers) as answer:
        events = told(answer)
        await house.people.add(BY, user_name="before")
        async with asyncio.timeout(60):
            async for _, _, row in events:
                if row.get("activityDisplayName") == "Issue enrolment link":
                    break
            await house.roles.remove(BY, "Security Reader", user="wanda")
            await house.people.add(BY, user_name="after")
            assert [row async for _, _, row in events] == [], "and it ends"
        users = await client.get("/v1.0/users", headers=headers)
        assert users.status_code == 200, "the other role is still there"


async def test_who_goes_on_after_one_decision_of_several_is_told_the_others(company: Company) -> None:
    house = company.service.house
    eve = await house.person("eva")
    await house.apps.assign(BY, "wiki", user="eva")
    headers = {"host": HOST, "assay-assertion": await company.service.assertion(company.ada)}
    await house.log.flush()
    headers["last-event-id"] = before = str(await newest(company))
    for person in (company.ada, eve):
        await person.sign_in()
        await person.open(company.wiki)
    await house.log.flush()
    seen: list[object] = []
    async with company.service.client() as client:
        async with client.stream("GET", "/v1.0/assay/live", headers=headers) as answer:
            number, row = await until(told(answer), "decision")
            seen.append(row["userPrincipalName"])
        headers["last-event-id"] = number or before
        async with client.stream("GET", "/v1.0/assay/live", headers=headers) as answer:
            async with asyncio.timeout(60):
                async for _, name, row in told(answer):
                    if name == "decision":
                        seen.append(row["userPrincipalName"])
                    if {"ada", "eva"} <= set(seen):
                        break
    assert {"ada", "eva"} <= set(seen)


def joined(live: LiveFeed, who: str = "somebody") -> Watcher:
    watcher = live.join(who)
    assert watcher is not None
    return watcher


async def test_nobody_takes_every_place_and_what_was_never_read_takes_none(company: Company) -> None:
    live = LiveFeed(company.service.house.premises)
    taken = [joined(live) for _ in range(WATCHERS_OF_ONE)]
    assert live.join("somebody") is None
    assert live.join("somebody else") is not None
    reading = live.watch(taken.pop(), None)
    assert live.join("somebody") is None, "taken before anything is answered"
    await reading.aclose()
    del reading
    taken.append(joined(live))
    taken.clear()
    every = [joined(live, f"person{number}") for number in range(WATCHERS_LIMIT)]
    assert live.join("one more") is None
    every.pop()
    assert live.join("one more") is not None


async def test_head_of_the_stream_ends_and_leaves_its_connection_to_the_next(company: Company) -> None:
    """Envoy keeps connections: whoever comes next on this one, another administrator perhaps, would wait for ever."""
    assertion = await company.service.assertion(company.ada)
    reader, writer = await asyncio.open_unix_connection(str(company.service.server.path))
    try:
        for request in ("HEAD /v1.0/assay/live", "GET /v1.0/assay/me"):
            writer.write(f"{request} HTTP/1.1\r\nhost: {HOST}\r\nassay-assertion: {assertion}\r\n\r\n".encode())
            async with asyncio.timeout(60):
                head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            if request.startswith("HEAD"):
                assert b"text/event-stream" in head
        async with asyncio.timeout(60):
            assert b'"userPrincipalName":"ada"' in await reader.readuntil(b'"ada"')
    finally:
        writer.close()


async def told_of(live: LiveFeed, name: str) -> None:
    """Read until something is told of this person."""
    async for happened in live.watch(joined(live), None):
        if name in str(happened.what):
            return


async def test_a_reader_that_lets_too_much_wait_is_dropped(company: Company) -> None:
    house = company.service.house
    live = LiveFeed(house.premises)
    watching = live.watch(joined(live), None)
    first = asyncio.ensure_future(anext(watching))
    # It watches once it is told something: what was before is not told.
    early = 0
    while not first.done():
        early += 1
        await house.people.add(BY, user_name=f"early{early}")
        await asyncio.wait({first}, timeout=1)
    # Somebody who reads: what this one was handed, the one who does not read was handed too.
    keeps_up = asyncio.create_task(told_of(live, "the-last"))
    for number in range(WAITING_LIMIT // 2 + 10):
        await house.people.add(BY, user_name=f"person{number}")
    await house.people.add(BY, user_name="the-last")
    await asyncio.wait_for(keeps_up, 120)
    async with asyncio.timeout(120):
        met = [happened async for happened in watching]
    assert len(met) < WAITING_LIMIT


async def test_who_was_further_than_the_log_is_told_what_is_new(company: Company) -> None:
    """After a backup was restored: a browser goes on behind a number that is not there any more."""
    house = company.service.house
    live = LiveFeed(house.premises)
    watching = live.watch(joined(live), await newest(company) + 1_000)
    first = asyncio.ensure_future(anext(watching))
    async with asyncio.timeout(60):
        number = 0
        while not first.done():
            number += 1
            await house.people.add(BY, user_name=f"restored{number}")
            await asyncio.wait([first], timeout=LOOK_SECONDS)
    assert first.result().number <= await newest(company)
    await watching.aclose()
