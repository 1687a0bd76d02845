"""The one who empties the outbox: with real servers, files, and several nodes."""

import asyncio
import stat
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path

from assay.events import EventQuery, search
from assay.messages.carrier import Carrier
from assay.messages.deliver import GRACE_SECONDS, LEASE_MARGIN, Delivery
from assay.messages.file_carrier import FileCarrier
from assay.messages.records import outbox
from assay.messages.retry import GIVE_UP_AGE
from assay.messages.smtp_carrier import SmtpCarrier
from assay.store import Store
from tests.access.house import HandClock, House
from tests.messages.build import HEAD, NOW, message, smtp
from tests.messages.mail_server import Drop, Hang, MailServer, mail_server


def post(house: House, carrier: Carrier | None, *, alone: bool = False) -> Delivery:
    """One node's delivery."""
    premises = house.premises
    return Delivery(
        premises.store,
        clock=premises.clock,
        random=premises.random,
        record=premises.record,
        head=HEAD,
        carrier=carrier,
        alone=alone,
    )


def smtp_carrier(server: MailServer) -> SmtpCarrier:
    return SmtpCarrier(smtp(server.port), local_host="id.example.com")


async def waiting(house: House) -> int:
    return (await house.store.read(outbox.count)).waiting


async def until_nothing_waits(house: House) -> None:
    """That it was sent is noted a moment after its server has it."""
    async with asyncio.timeout(60):
        while await waiting(house):  # noqa: ASYNC110  what another task writes, which tells no event here
            await asyncio.sleep(0.01)


async def events(house: House, code: str) -> int:
    found = await house.store.read(lambda reader: search(reader, EventQuery(code=code)))
    return len(found.events)


@asynccontextmanager
async def running(delivery: Delivery) -> AsyncIterator[None]:
    task = asyncio.create_task(delivery.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        delivery.close()


@asynccontextmanager
async def a_house(store: Store) -> AsyncIterator[House]:
    house = House(store, HandClock(NOW))
    await house.start()
    try:
        yield house
    finally:
        house.hashing.close()


async def test_a_message_is_sent_as_soon_as_it_is_written_and_then_gone(store: Store) -> None:
    async with a_house(store) as house:
        with mail_server() as server:
            async with running(post(house, smtp_carrier(server))):
                await store.write(partial(outbox.put, message=message(1)))
                await until_nothing_waits(house)
            assert len(server.received) == server.connections == 1
        assert await events(house, "message.sent") == 1


async def test_a_server_that_comes_back_gets_everything_in_order(store: Store) -> None:
    async with a_house(store) as house:
        with mail_server(MailServer(acts={"greeting": Drop()})) as server:
            delivery = post(house, smtp_carrier(server))
            for number in (1, 2, 3):
                await store.write(partial(outbox.put, message=message(number)))
            assert not await delivery.tick()
            assert delivery.last_error == "connect: the server closed the connection"
            assert await waiting(house) == 3
            server.acts.clear()
            for _ in range(3):
                house.clock.advance(hours=1)
                await delivery.tick()
            sent = await asyncio.to_thread(server.wait_for, 3)
            assert [mail["Message-ID"] for mail in sent] == [f"<{message(n).id}@id.example.com>" for n in (1, 2, 3)]
            assert delivery.last_error == ""
            delivery.close()
        assert await waiting(house) == 0


async def test_a_server_that_takes_a_message_and_hangs_up_gets_it_again_under_the_same_id(store: Store) -> None:
    async with a_house(store) as house:
        with mail_server(MailServer(acts={"content": Drop()})) as server:
            delivery = post(house, smtp_carrier(server))
            await store.write(partial(outbox.put, message=message(1)))
            await delivery.tick()
            assert await waiting(house) == 1
            server.acts.clear()
            house.clock.advance(hours=1)
            await delivery.tick()
            first, second = await asyncio.to_thread(server.wait_for, 2)
            assert first["Message-ID"] == second["Message-ID"]
            delivery.close()


async def test_a_refused_recipient_is_given_up_and_said(store: Store) -> None:
    async with a_house(store) as house:
        with mail_server(MailServer(acts={"RCPT": b"550 nobody here\r\n"})) as server:
            delivery = post(house, smtp_carrier(server))
            await store.write(partial(outbox.put, message=message(1)))
            await delivery.tick()
            delivery.close()
        (kept,) = await store.read(partial(outbox.every, limit=10))
        assert kept.given_up_at == NOW
        assert kept.error == "recipient: 550 nobody here"
        assert await events(house, "message.given-up") == 1


async def test_what_could_not_be_sent_in_days_is_given_up_and_later_forgotten(store: Store) -> None:
    async with a_house(store) as house:
        with mail_server(MailServer(acts={"greeting": Drop()})) as server:
            delivery = post(house, smtp_carrier(server))
            await store.write(partial(outbox.put, message=message(1)))
            await delivery.tick()
            house.clock.at = NOW + GIVE_UP_AGE
            await delivery.tick()
            assert await waiting(house) == 0
            assert await events(house, "message.given-up") == 1
            house.clock.advance(days=15)
            await delivery.tick()
            assert await store.read(partial(outbox.every, limit=10)) == ()
            delivery.close()


async def test_two_nodes_send_each_message_once(store: Store) -> None:
    async with a_house(store) as house:
        with mail_server() as server:
            nodes = [post(house, smtp_carrier(server)) for _ in range(2)]
            for number in range(1, 21):
                each = message(number, recipient=f"user{number % 7}@example.net")
                await store.write(partial(outbox.put, message=each))
            async with running(nodes[0]), running(nodes[1]):
                sent = await asyncio.to_thread(server.wait_for, 20)
            assert len({mail["Message-ID"] for mail in sent}) == len(sent) == 20
            for recipient in {mail["To"] for mail in sent}:
                mine = [mail["Message-ID"] for mail in sent if mail["To"] == recipient]
                assert mine == sorted(mine)


async def test_a_node_that_dies_while_sending_leaves_the_message_to_another(store: Store) -> None:
    async with a_house(store) as house:
        with mail_server() as server:
            carrier = smtp_carrier(server)
            await store.write(partial(outbox.put, message=message(1)))
            until_then = NOW + timedelta(seconds=carrier.deadline) + LEASE_MARGIN
            await store.write(partial(outbox.take, lease="the dead one", at=NOW, until=until_then, limit=4))
            delivery = post(house, carrier)
            await delivery.tick()
            assert server.received == []
            house.clock.at = until_then
            await delivery.tick()
            assert len(server.wait_for(1)) == 1
            delivery.close()


async def test_who_is_alone_sends_at_once_what_was_in_hand_when_its_process_was_killed(store: Store) -> None:
    async with a_house(store) as house:
        with mail_server() as server:
            await store.write(partial(outbox.put, message=message(1)))
            until_then = NOW + timedelta(days=1)
            await store.write(partial(outbox.take, lease="the dead one", at=NOW, until=until_then, limit=4))
            async with running(post(house, smtp_carrier(server), alone=True)):
                await until_nothing_waits(house)
            assert len(server.received) == 1


async def test_files_are_whole_private_and_one_a_message(store: Store, tmp_path: Path) -> None:
    directory = tmp_path / "mail"
    async with a_house(store) as house:
        delivery = post(house, FileCarrier(directory))
        await store.write(partial(outbox.put, message=message(1)))
        await delivery.tick()
        delivery.close()
        assert await waiting(house) == 0
    (file,) = directory.iterdir()
    assert file.name == f"{message(1).id}.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert message_from_bytes(file.read_bytes(), policy=policy.default)["To"] == "alice@example.net"


async def test_a_directory_that_cannot_be_written_keeps_the_message(store: Store, tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    async with a_house(store) as house:
        delivery = post(house, FileCarrier(tmp_path / "mail"))
        await store.write(partial(outbox.put, message=message(1)))
        await delivery.tick()
        delivery.close()
        assert await waiting(house) == 1


async def test_without_a_way_out_nothing_piles_up(store: Store) -> None:
    async with a_house(store) as house:
        delivery = post(house, None)
        await store.write(partial(outbox.put, message=message(1)))
        await delivery.tick()
        delivery.close()
        assert await waiting(house) == 0


async def test_stopping_does_not_wait_for_a_mail_server_and_keeps_the_message(store: Store) -> None:
    async with a_house(store) as house:
        with mail_server(MailServer(acts={"MAIL": Hang()})) as server:
            carrier = SmtpCarrier(smtp(server.port, timeout_seconds=60.0), local_host="id.example.com")
            async with running(post(house, carrier)):
                await store.write(partial(outbox.put, message=message(1)))
                await asyncio.to_thread(server.wait_for_connection)
                began = time.monotonic()
            assert time.monotonic() - began < GRACE_SECONDS + 20, "and not a minute"
        (kept,) = await store.read(partial(outbox.every, limit=10))
        assert kept.attempts == 1
