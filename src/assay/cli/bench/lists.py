"""`assay bench lists`: what a page of the lists costs, for every filter and order there is, on a large history."""

import asyncio
import secrets
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

import msgspec

from assay.access.overview import Glance
from assay.access.premises import Addresses, Premises
from assay.access.signals import Signals
from assay.api.graph.decisions import DECISIONS
from assay.api.graph.sign_ins import SIGN_INS
from assay.api.reading import Reading
from assay.cli.bench import lists_of_people
from assay.cli.bench.figures import Figure, Measurement, measured
from assay.cli.bench.pages import NOBODY, Cost, costs_of, cpu, figures, questions, quickest
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
from assay.values.asking import Compare, Operator, Scalar

OVERVIEW_TARGET_MS: Final = 100.0
AT_ONCE: Final = 500
SHOWN: Final = 8
PEOPLE, APPS, DAYS = 2_000, 40, 30
AGENTS: Final = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605.1 (KHTML, like Gecko) Version/18.0 Safari/605.1",
    "curl/8.5.0",
)
_NOTHING: Final = policy_set_hash(PolicySet())


def run(directory: Path, *, people: int, sign_ins_kept: int, decisions_kept: int, url: str = "") -> Measurement:
    """Fill a database by the recording functions of the service, then ask for pages as the API does.

    `url`: an empty PostgreSQL database; SQLite in `directory` where there is none.
    """
    return asyncio.run(_bench(url or f"sqlite:///{directory / 'assay.db'}", people, sign_ins_kept, decisions_kept))


async def _bench(url: str, people: int, sign_ins_kept: int, decisions_kept: int) -> Measurement:
    database = Database(url)
    upgrade(database)
    store = Store(database)
    history = _History(Random(1), datetime.now(UTC) - timedelta(days=DAYS), sign_ins_kept)  # noqa: S311  one history, the same every time
    began = time.perf_counter()
    await _sign_in(store, history, sign_ins_kept)
    per_sign_in = (time.perf_counter() - began) / max(sign_ins_kept, 1) * 1_000_000
    await _decide(store, history, decisions_kept)
    premises, signals = _premises(store), Signals()
    await lists_of_people.fill(premises, people)
    await signals.start(store)
    reading = Reading.of(premises, signals)
    beside = Compare(field="outcome", operator=Operator.EQ, value="allow")
    found = {
        "sign-ins": await costs_of(reading.activity.sign_ins, questions(SIGN_INS.asked, history.known, beside)),
        "decisions": await costs_of(reading.activity.decisions, questions(DECISIONS.asked, history.known, beside)),
        **await lists_of_people.ask(reading),
    }
    overview, overview_cpu = await _overview(premises)
    shown_figures = [
        *(figure for name, costs in found.items() for figure in figures(name, [cost for cost, _ in costs])),
        Figure(name="overview of the whole time", value=overview, unit="ms", target=OVERVIEW_TARGET_MS),
        Figure(name="overview of the whole time, CPU", value=overview_cpu, unit="ms"),
        Figure(name="recording one sign-in", value=per_sign_in, unit="µs"),
    ]
    await store.close()
    slowest = (each for costs in found.values() for each in sorted(costs, key=cpu, reverse=True)[:SHOWN])
    shown = "\n".join(f"{cost:7.1f} ms, CPU {used:6.1f} ms  {name}" for (cost, used), name in slowest)
    notes = (f"{people} people, {sign_ins_kept} sign-ins, {decisions_kept} decisions, {database.dialect}",)
    return measured("Lists", "assay bench lists", shown_figures, notes=notes, block=shown)


class _History:
    """Who signs in where, and how it ends: as in a company, most of it well."""

    def __init__(self, random: Random, since: datetime, count: int) -> None:
        self._random = random
        self._since = since
        self._step = timedelta(days=DAYS) / max(count, 1)
        self.people = [UserId(f"00000000-0000-4000-8000-{number:012}") for number in range(PEOPLE)]
        self.apps = [AppId(f"00000000-0000-4000-9000-{number:012}") for number in range(APPS)]

        self.known: dict[str, tuple[Scalar, ...]] = {
            "error_code": (0, 50105, 7),
            "at": (since, self.at(10_000), since + timedelta(days=DAYS + 1)),
            "user_key": ("person0007@example.com", NOBODY),
            "app_key": ("app 3", NOBODY),
            "address": ("192.0.2.9", NOBODY),
            "browser": ("Chrome 156", NOBODY),
            "user_id": (self.people[7], NOBODY),
            "app_id": (self.apps[0], NOBODY),
            "system": ("Linux", NOBODY),
            "reason": ("notAssigned", NOBODY),
        }

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
    return await quickest(partial(glance.look, now - timedelta(days=DAYS + 1), now))
