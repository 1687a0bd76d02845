"""Random requests for every operation of the OpenAPI document, until the time is over; each answer is as described."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from schemathesis import Case
from schemathesis.core.failures import FailureGroup

from assay.store import Database, Store
from assay.store.migrate import upgrade
from tests.access.house import NOW, HandClock, House
from tests.api.graph.company import Company, founded
from tests.api.graph.requests import CHECKS, ask, drawn, known_names, own_headers, placed
from tests.api.graph_service import GraphService

# Of each operation and mode in a round; the next round draws others.
EXAMPLES = 5


@dataclass
class Fuzzed:
    """How many requests were answered with which status, and what was not as described."""

    statuses: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


async def fuzz(directory: Path, seconds: float, seed: int) -> Fuzzed:
    """A service of its own, in which a small company lives, asked for so long."""
    database = Database.at(directory / "assay.db")
    upgrade(database)
    store = Store(database)
    house = House(store, HandClock(NOW))
    await house.start()
    service = GraphService(house, directory)
    await service.server.start()
    try:
        return await _rounds(await founded(service), seconds, random.Random(seed))
    finally:
        await service.server.stop()
        house.hashing.close()
        await store.close()


async def _rounds(company: Company, seconds: float, chance: random.Random) -> Fuzzed:
    found, end = Fuzzed(), time.monotonic() + seconds
    document = (await company.get("/openapi.json")).json()
    known = await known_names(company)
    async with company.service.client() as client:
        while time.monotonic() < end and not found.broken:
            cases = drawn(document, EXAMPLES, seeded=chance.randrange(1 << 32))
            while time.monotonic() < end and (case := await asyncio.to_thread(next, cases, None)) is not None:
                # What the requests did to the company is no reason to be refused: Ada is asked for anew each time.
                headers = await own_headers(company)
                named = next((name for path, name in known.items() if case.path.startswith(f"{path}{{")), None)
                if named is not None and chance.random() < 0.5:
                    case.path_parameters = placed(case.path, named)
                await _one(client, case, headers, found)
    return found


async def _one(client: httpx.AsyncClient, case: Case, headers: dict[str, str], found: Fuzzed) -> None:
    answer = await ask(client, case, headers)
    found.statuses[answer.status_code] += 1
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as failed:
        found.broken.append(f"{case.operation.label} {answer.url}: {failed.exceptions} {answer.text[:300]}")
