"""How a node stands: what goes on without the database, for how long, and what a policy says of it."""

import time
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import text

from assay.access.exchange import Allow, Refuse
from assay.access.import_policies import ImportOptions
from assay.access.standing import OutageLimits, Standing
from assay.apps import App
from assay.policy import SourceFile
from assay.store import Store
from assay.values import Reason
from tests.access.house import BY, NOW, HandClock, House, Person


class Passing:
    """Time that a test lets pass."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.mark.parametrize(
    ("bound", "passed", "refused"), [(900, 0, False), (900, 899, False), (900, 900, True), (0, 0, True), (60, 61, True)]
)
def test_the_bound(bound: int, passed: int, refused: bool) -> None:
    now = Passing()
    standing = Standing(OutageLimits(existing_sessions=timedelta(seconds=bound)), now)
    assert standing.clear
    standing.lost(now.at, NOW)
    now.at += passed
    assert (standing.refusal() is not None) is refused
    assert standing.refuses_new() == Reason.of("databaseGone")
    standing.found()
    assert standing.clear
    assert standing.refusal() is None


def test_a_second_loss_does_not_begin_the_bound_anew() -> None:
    now = Passing()
    standing = Standing(OutageLimits(existing_sessions=timedelta(seconds=60)), now)
    standing.lost(now.at, NOW)
    now.at += 59
    standing.lost(now.at, NOW)
    now.at += 1
    assert standing.refusal() == Reason.of("databaseGone")


def test_each_reason_to_be_out_counts_by_itself() -> None:
    standing = Standing(OutageLimits(), Passing())
    for code in ("nodeClock", "nodeReplaced"):
        standing.leave(Reason.of(code))
    standing.enter("nodeClock")
    assert standing.refusal() == Reason.of("nodeReplaced")
    standing.enter("nodeReplaced")
    assert standing.clear


_SNAPSHOTS = text("SELECT content FROM snapshot")


async def test_in_an_outage_decisions_say_from_when_their_picture_is_and_strict_policies_refuse(
    sqlite_store: Store,
) -> None:
    house = House(sqlite_store, HandClock(NOW))
    await house.start()
    alice = await house.person("alice")
    wiki = await house.app("wiki", assigned=["alice"])
    await alice.sign_in()
    assert isinstance(await alice.open(wiki), Allow)
    standing = house.signals.standing
    known_at = house.clock.now() - timedelta(seconds=5)
    standing.lost(time.monotonic(), known_at)
    assert isinstance(await alice.ask(wiki), Allow)
    await house.log.flush()
    kept = await house.store.read(lambda reader: reader.connection.execute(_SNAPSHOTS).scalars().all())
    assert f'"knownAt":"{known_at:%Y-%m-%dT%H:%M:%SZ}"' in "".join(kept)

    strict = {
        "displayName": "Strict",
        "state": "enabled",
        "conditions": {
            "users": {"includeUsers": ["All"]},
            "applications": {"includeApplications": [wiki.id]},
            "clientAppTypes": ["all"],
        },
        "sessionControls": {"disableResilienceDefaults": True},
    }
    files = (SourceFile(name="strict.json", content=msgspec.json.encode(strict)),)
    await house.policies.import_files(BY, files, ImportOptions())
    assert await reason(alice, wiki) == "notInAnOutage"
    standing.found()
    assert isinstance(await alice.ask(wiki), Allow), "with the database there it demands nothing"

    standing.leave(Reason.of("nodeClock", seconds="60"))
    assert await reason(alice, wiki) == "nodeClock"
    house.hashing.close()


async def reason(person: Person, app: App) -> str:
    """Why this person's program is refused for now."""
    refused = await person.ask(app, navigation=False)
    assert isinstance(refused, Refuse)
    assert (refused.status, dict(refused.headers)["retry-after"]) == (503, "3")
    return str(msgspec.json.decode(refused.body)["reasons"][0]["code"])
