"""`assay bench lists`: what a page of the lists costs, for every filter and order there is, on a large history."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Final, TypeVar

import msgspec

from assay.access.activity import Activity
from assay.access.overview import Glance
from assay.access.premises import Addresses, Premises
from assay.api.graph.decisions import DECISIONS
from assay.api.graph.sign_ins import SIGN_INS
from assay.api.odata.properties import Collection, Kind, Property
from assay.cli.bench.figures import Figure, Measurement, measured
from assay.clock import SystemClock
from assay.events import About, Actor, DecisionEntry, EventType, Source, occurrence, record_decision
from assay.events.decision_log import DecisionLog
from assay.events.log import append_events
from assay.events.types import SIGN_IN_FAILED, SIGN_IN_INTERRUPTED, SIGN_IN_SUCCEEDED
from assay.policy import Outcome, PolicySet, policy_set_hash
from assay.sealing import Derivation, Keyring
from assay.sealing.seal import KEY_BYTES, KEY_ID_BYTES, new_master_key
from assay.store import Database, Store, Transaction
from assay.store.migrate import upgrade
from assay.values import AppId, Reason, SessionId, UserId
from assay.values.asking import All, Ask, Compare, Condition, Found, Holds, Operator, Order

PAGE_TARGET_MS: Final = 50.0
OVERVIEW_TARGET_MS: Final = 100.0
AT_ONCE: Final = 500
TRIES: Final = 3
SHOWN: Final = 8
T = TypeVar("T")
# Milliseconds by the clock, and of CPU.
Cost = tuple[float, float]
PEOPLE, APPS, DAYS = 2_000, 40, 30
AGENTS: Final = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605.1 (KHTML, like Gecko) Version/18.0 Safari/605.1",
    "curl/8.5.0",
)
_NOTHING: Final = policy_set_hash(PolicySet())


def run(directory: Path, *, sign_ins_kept: int, decisions_kept: int, url: str = "") -> Measurement:
    """Fill a database by the recording functions of the service, then ask for pages as the API does.

    `url`: an empty PostgreSQL database; SQLite in `directory` where there is none.
    """
    return asyncio.run(_bench(url or f"sqlite:///{directory / 'assay.db'}", sign_ins_kept, decisions_kept))


async def _bench(url: str, sign_ins_kept: int, decisions_kept: int) -> Measurement:
    database = Database(url)
    upgrade(database)
    store = Store(database)
    history = _History(Random(1), datetime.now(UTC) - timedelta(days=DAYS), sign_ins_kept)  # noqa: S311  one history, the same every time
    began = time.perf_counter()
    await _sign_in(store, history, sign_ins_kept)
    per_sign_in = (time.perf_counter() - began) / max(sign_ins_kept, 1) * 1_000_000
    await _decide(store, history, decisions_kept)
    premises = _premises(store)
    activity = Activity(premises)
    pages = {
        "sign-ins": await _pages(activity.sign_ins, _questions(SIGN_INS.asked, history)),
        "decisions": await _pages(activity.decisions, _questions(DECISIONS.asked, history)),
    }
    overview, overview_cpu = await _overview(premises)
    figures = [
        *(figure for name, costs in pages.items() for figure in _figures(name, [cost for cost, _ in costs])),
        Figure(name="overview of the whole time", value=overview, unit="ms", target=OVERVIEW_TARGET_MS),
        Figure(name="overview of the whole time, CPU", value=overview_cpu, unit="ms"),
        Figure(name="recording one sign-in", value=per_sign_in, unit="µs"),
    ]
    await store.close()
    slowest = (each for costs in pages.values() for each in sorted(costs, key=_cpu, reverse=True)[:SHOWN])
    shown = "\n".join(f"{cost:7.1f} ms, CPU {used:6.1f} ms  {name}" for (cost, used), name in slowest)
    notes = (f"{sign_ins_kept} sign-ins, {decisions_kept} decisions, {database.dialect}",)
    return measured("Lists", "assay bench lists", figures, notes=notes, block=shown)


async def _pages(
    find: Callable[[Ask], Awaitable[Found[T]]], questions: Iterator[tuple[str, Ask]]
) -> list[tuple[Cost, str]]:
    return [(await _page_cost(find, ask), name) for name, ask in questions]


def _cpu(page: tuple[Cost, str]) -> float:
    return page[0][1]


def _figures(name: str, costs: list[Cost]) -> tuple[Figure, ...]:
    clock, cpu = [cost for cost, _ in costs], [used for _, used in costs]
    return (
        Figure(name=f"slowest page of {name}", value=max(clock), unit="ms", target=PAGE_TARGET_MS),
        Figure(name=f"slowest page of {name}, CPU", value=max(cpu), unit="ms"),
        Figure(name=f"99th of 100 pages of {name}", value=quantiles(clock, n=100)[98], unit="ms"),
        Figure(name=f"median page of {name}", value=median(clock), unit="ms"),
        Figure(name=f"median page of {name}, CPU", value=median(cpu), unit="ms"),
    )


class _History:
    """Who signs in where, and how it ends: as in a company, most of it well."""

    def __init__(self, random: Random, since: datetime, count: int) -> None:
        self._random = random
        self._since = since
        self._step = timedelta(days=DAYS) / max(count, 1)
        self.people = [UserId(f"00000000-0000-4000-8000-{number:012}") for number in range(PEOPLE)]
        self.apps = [AppId(f"00000000-0000-4000-9000-{number:012}") for number in range(APPS)]

    def at(self, number: int) -> datetime:
        return self._since + number * self._step

    def moment(self, part: float) -> datetime:
        """The instant at which this part of the time was over."""
        return self._since + part * timedelta(days=DAYS)

    def about(self, number: int) -> About:
        person, app = self._random.randrange(PEOPLE), min(self._random.randrange(APPS), self._random.randrange(APPS))
        return About(
            user_id=self.people[person],
            user_name=f"person{person:04}@example.com",
            app_id=self.apps[app],
            app_name=f"App {app}",
            session_id=SessionId(f"00000000-0000-4000-a000-{number // 3:012}"),
        )

    def source(self) -> Source:
        return Source(ip=f"192.0.2.{self._random.randrange(256)}", port=50_000, user_agent=self._random.choice(AGENTS))

    def ends(self) -> tuple[EventType, Reason | None]:
        chance = self._random.random()
        if chance < 0.8:
            return SIGN_IN_SUCCEEDED, None
        if chance < 0.9:
            return SIGN_IN_INTERRUPTED, Reason.of("mfaRequired", policies="Baseline")
        if chance < 0.93:
            return SIGN_IN_FAILED, Reason.of("notAssigned")
        return SIGN_IN_FAILED, Reason.of("signInFailed")


async def _sign_in(store: Store, history: _History, count: int) -> None:
    def keep(transaction: Transaction, first: int) -> None:
        for number in range(first, min(first + AT_ONCE, count)):
            kind, reason = history.ends()
            about = history.about(number)
            event = occurrence(
                kind, at=history.at(number), actor=Actor.system(), about=about, source=history.source(), reason=reason
            )
            if reason is not None and reason.code == "signInFailed":
                append_events(transaction, [(event, secrets.token_bytes(32))])
            else:
                record_decision(transaction, event, _entry(about, reason), random=secrets.token_bytes)

    for first in range(0, count, AT_ONCE):
        await store.write(partial(keep, first=first))


async def _decide(store: Store, history: _History, count: int) -> None:
    log = DecisionLog(store, clock=SystemClock(), random=secrets.token_bytes)
    for number in range(count):
        _, reason = history.ends()
        log.add(_entry(history.about(number), reason), history.moment(number / max(count, 1)))
        if log.waiting >= AT_ONCE:
            await log.flush()
    await log.flush()


def _entry(about: About, reason: Reason | None) -> DecisionEntry:
    outcome = Outcome.ALLOW if reason is None else Outcome.STEP_UP if reason.code == "mfaRequired" else Outcome.BLOCK
    proofs = [{"at": "2026-01-01T00:00:00Z", "method": method} for method in ("password", "softwareOath")]
    signals = {"address": "192.0.2.1", "app": about.app_id, "proofs": proofs, "user": about.user_id, "version": 1}
    return DecisionEntry(
        session_id=about.session_id,
        user_id=about.user_id,
        app_id=about.app_id,
        outcome=outcome.value,
        policy_set_hash=_NOTHING,
        snapshot=msgspec.json.encode(signals, order="sorted"),
        engine_version="bench",
        reasons=() if reason is None else (reason,),
    )


def _questions(collection: Collection, history: _History) -> Iterator[tuple[str, Ask]]:
    """Each property held against what nearly all have, what few have and what nobody has, in each order."""
    orders = [Order(field=each.field, descending=down) for each in collection.properties if each.ordered
              for down in (False, True)]  # fmt: skip
    for order in orders:
        yield f"all by {order.field}", Ask(order=order)
        yield f"all by {order.field}, counted", Ask(order=order, count=True)
        for each in collection.properties:
            operator = Operator.EQ if Operator.EQ in each.operators and each.kind is not Kind.INSTANT else Operator.GE
            for value in _values(each, history):
                where: Condition = Compare(field=each.field, operator=operator, value=value)
                name = f"{each.path} {operator} {value!r} by {order.field} {'desc' * order.descending}"
                yield name, Ask(order=order, where=where, count=order == collection.order)
                both = All(parts=(Compare(field="outcome", operator=Operator.EQ, value="allow"), where))
                yield f"outcome eq 'allow' and {name}", Ask(order=order, where=both)
        for each in collection.properties:
            if each.text_search:
                holds = Holds(field=each.field, text="nobody has this", anywhere=True)
                yield f"contains({each.path}, ...) by {order.field}", Ask(order=order, where=holds, count=True)


def _values(each: Property, history: _History) -> tuple[str | int | datetime, ...]:
    if each.kind is Kind.NUMBER:
        return (0, 50105, 7)
    if each.kind is Kind.INSTANT:
        return (history.at(0), history.at(10_000), datetime.now(UTC) + timedelta(days=1))
    if each.spelled:
        return tuple(each.spelled.values())
    known = {"user_key": "person0007@example.com", "app_key": "app 3", "address": "192.0.2.9", "browser": "Chrome 156"}
    known |= {"user_id": history.people[7], "app_id": history.apps[0], "system": "Linux", "reason": "notAssigned"}
    return (known.get(each.field, ""), "nobody has this")


async def _page_cost(find: Callable[[Ask], Awaitable[Found[T]]], ask: Ask) -> Cost:
    """The first page or the second, whichever costs more; each at the quickest of three times."""
    first = await find(ask)
    costs = [
        await _quickest(partial(find, msgspec.structs.replace(ask, after=after)))
        for after in ((None, first.next) if first.next is not None else (None,))
    ]
    return max(cost for cost, _ in costs), max(used for _, used in costs)


async def _quickest(act: Callable[[], Awaitable[object]]) -> Cost:
    """Milliseconds by the clock and of this process's CPU.

    On a machine that other work shares, the clock says what else was done meanwhile, and the CPU what this costs.
    """
    costs: list[Cost] = []
    while len(costs) < TRIES:
        began, used = time.perf_counter(), time.process_time()
        await act()
        costs.append(((time.perf_counter() - began) * 1_000, (time.process_time() - used) * 1_000))
    return min(cost for cost, _ in costs), min(used for _, used in costs)


def _premises(store: Store) -> Premises:
    key = new_master_key(secrets.token_bytes(KEY_ID_BYTES + KEY_BYTES), at=datetime.now(UTC))
    return Premises(
        store=store,
        clock=SystemClock(),
        random=secrets.token_bytes,
        addresses=Addresses(base="assay.localhost", port=443),
        keyring=lambda: Keyring(keys=(key,), random=secrets.token_bytes),
        derivation=lambda: Derivation(roots=(secrets.token_bytes(32),)),
    )


async def _overview(premises: Premises) -> Cost:
    glance = Glance(premises)
    now = datetime.now(UTC)
    return await _quickest(partial(glance.look, now - timedelta(days=DAYS + 1), now))
