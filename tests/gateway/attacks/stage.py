"""Real Envoy, the real check with a person who is signed in, and a canary; an attack is carried out and judged."""

import asyncio
import re
from contextlib import suppress
from pathlib import Path

from assay.access.exchange import Allow
from assay.store import Database, Store
from assay.store.migrate import upgrade
from tests.access.house import NOW, HandClock, House
from tests.gateway.attacks.attack import Attack, Where
from tests.gateway.attacks.canary import Canary
from tests.gateway.frames import Frames, serialized
from tests.gateway.rig import RawConnection, Rig

# What must never be seen: the app got what it must not, or the attack broke what came after it on its connection.
LEAKED, DISTURBED = "LEAKED", "DISTURBED"
DATABASE = "assay.db"
_AFTER = b"GET /after "


class Stage:
    """One installation for all attacks of a file; they come one after another."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.canary = Canary()

    async def start(self) -> None:
        database = Database.at(self._directory / DATABASE)
        await asyncio.to_thread(upgrade, database)
        self._store = Store(database)
        self.house = House(self._store, HandClock(NOW))
        await self.house.start()
        # A machine under load answers late, and late is refused.
        self.rig = Rig(self._directory, self.house.check.decide, check_timeout_ms=30_000)
        await self.rig.start()
        await self.canary.start()
        apps = [self.rig.protected(label, url=self.canary.url) for label in ("wiki", "files")]
        await self.rig.gateway.apply(apps)
        alice = await self.house.person("alice")
        wiki = await self.house.app("wiki", assigned=["alice"])
        await self.house.app("files")
        await alice.sign_in()
        assert isinstance(await alice.open(wiki), Allow)
        self.where = Where(
            authority=self.rig.authority(), cookie=f"__Host-assay-app={alice.app_cookies['wiki']}; theme=dark"
        )

    async def stop(self) -> None:
        await self.rig.stop()
        await self.canary.stop()
        self.house.hashing.close()
        await self._store.close()

    async def carry_out(self, attack: Attack) -> tuple[str, str]:
        """What happened in HTTP/1.1 and in HTTP/2; the given cell where there is no form."""
        one, two = attack.cells
        if attack.one is not None:
            one = await self._in_one(attack)
        if attack.two is not None:
            two = await self._in_two(attack)
        return one, two

    async def _in_one(self, attack: Attack) -> str:
        assert attack.one is not None
        self._begin(attack)
        wire = await self.rig.connect(attack.sni, alpn="http/1.1")
        sent = attack.one(self.where)
        status, answered, after = 0, b"", 0
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            async with asyncio.timeout(60):
                wire.writer.write(sent)
                await wire.writer.drain()
                status, answered = await _response(wire, head_only=sent.startswith(b"HEAD"))
                if status != 101 and b"\r\nconnection: close\r\n" not in answered:
                    after = await self._after(wire)
        wire.close()
        return self._judged(attack, "closed", status, answered, after)

    async def _after(self, wire: RawConnection) -> int:
        """An honest request behind the attack, on the same connection: 0 where that was closed."""
        line = f"GET /after HTTP/1.1\r\nHost: {self.where.authority}\r\nCookie: {self.where.cookie}\r\n"
        try:
            wire.writer.write(f"{line}Connection: close\r\n\r\n".encode())
            await wire.writer.drain()
            status, _ = await _response(wire)
        except (ConnectionError, asyncio.IncompleteReadError):
            return 0
        return status

    async def _in_two(self, attack: Attack) -> str:
        assert attack.two is not None
        self._begin(attack)
        client = await Frames.connect(self.rig, attack.sni)
        sent = attack.two(client, self.where)
        with suppress(ConnectionError):
            await client.write(serialized(sent))
        answer = await client.answer(1)
        after = 0
        if not client.closed and client.goaway < 0:
            pairs = [*client.pseudo(path="/after", authority=self.where.authority), ("cookie", self.where.cookie)]
            after = (await client.request(pairs)).status
        client.close()
        headers = "".join(f"{name}: {value}\r\n" for name, value in answer.headers).encode("latin-1")
        return self._judged(attack, "reset", answer.status, headers + answer.body, after)

    def _begin(self, attack: Attack) -> None:
        self.canary.received.clear()
        self.canary.answer = attack.answer

    def _judged(self, attack: Attack, ended: str, status: int, answered: bytes, after: int) -> str:
        received = [each for each in self.canary.received if not each.startswith(_AFTER)]
        honest = len(self.canary.received) - len(received)
        if len(received) > 1 or after not in (0, 200, 421) or (after == 200) != bool(honest):
            return f"{DISTURBED}: {status} {after} {received!r}"
        # Where the app attacks, what it was asked is no secret from it.
        seen = b"".join(() if attack.answer else received).lower() + (answered.lower() if status in (200, 101) else b"")
        if any(word.lower().encode("latin-1") in seen for word in attack.forbidden):
            return f"{LEAKED}: {seen!r}"
        if not received:
            return ended if not status else "our pages" if status == 200 else str(status)
        if status not in (200, 101):
            return f"{LEAKED}: {status} {seen!r}" if attack.answer == b"" else f"{status}, clean"
        got = received[0].split(b" ")[1]
        if attack.target and got != attack.target:
            return f"as {got.decode('latin-1')}"
        return "clean"


async def _response(wire: RawConnection, *, head_only: bool = False) -> tuple[int, bytes]:
    """Status and all bytes of the next final response; interim ones are part of the bytes."""
    whole = b""
    while True:
        head = await wire.reader.readuntil(b"\r\n\r\n")
        whole += head
        status = int(head.split(b" ")[1])
        if status >= 200 or status == 101:
            break
    length = re.search(rb"(?im)^content-length: *(\d+)\r$", head)
    if length is not None and not head_only:
        whole += await wire.reader.readexactly(int(length[1]))
    elif re.search(rb"(?im)^transfer-encoding: *chunked\r$", head):
        while not whole.endswith(b"\r\n0\r\n\r\n"):
            whole += await wire.reader.readuntil(b"\r\n")
    return status, whole
