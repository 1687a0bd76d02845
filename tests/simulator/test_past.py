"""A company's past: equal from equal seeds, its attacks in the log for whoever asks, and taken up where it ended."""

import asyncio
import shutil
import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest

from assay.access.explain import Decisions
from assay.access.import_policies import ImportOptions
from assay.access.replay import Replays
from assay.access.search_events import Log
from assay.access.snapshot import decode_snapshot
from assay.cli.demo_past import QUIET, live_past
from assay.cli.up_settings import Options, composed
from assay.configuration.sections import Configuration
from assay.events.records.log import read_tree
from assay.events.tree import root
from assay.policy import SourceFile
from assay.sealing import KeyFile
from assay.server.core import Core
from assay.server.settings import ServiceSettings
from assay.simulator.company import Company, Size, plan_company
from assay.simulator.past import Past
from assay.simulator.past_cache import DATABASE, OLDEST, PastCache
from assay.simulator.person import WEAK_PASSWORD

pytestmark = pytest.mark.slow
SEED = 5
SIZE = Size(people=8, days=3)
# A Thursday afternoon: the days before it are working days.
PRESENT = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Lived:
    """An installation that a company lived in; nothing runs on it."""

    settings: ServiceSettings
    past: Past

    def rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """What a query of the database says, as an analyst asks it."""
        connection = sqlite3.connect(f"file:{self.settings.places.database}?mode=ro", uri=True)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()


def company() -> Company:
    return plan_company(SEED, SIZE)


def settings_in(directory: Path) -> ServiceSettings:
    """An installation of its own, key and checkpoints included."""
    data, key = directory / "data", directory / "key" / "master-key.json"
    found, _ = composed(Configuration(), Options(data=data, master_key=key), file=None, demo=True)
    places = msgspec.structs.replace(found.places, checkpoints=directory / "key" / "checkpoints.txt")
    return msgspec.structs.replace(found, places=places)


def cache_in(directory: Path) -> PastCache:
    return PastCache(seed=SEED, size=SIZE, base_domain="assay.localhost", directory=directory)


async def lived(
    directory: Path, cache: Path, *, present: datetime = PRESENT, said: list[str] | None = None, seed: int = SEED
) -> Lived:
    """A past in a new installation, with random bytes that are the same for each seed."""
    settings, lines = settings_in(directory), [] if said is None else said
    random = Random(seed).randbytes
    past = await live_past(settings, company(), say=lines.append, random=random, present=present, cache=cache_in(cache))
    return Lived(settings, past)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the past of `first` is kept."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, kept: Path) -> Lived:
    """A past that was lived from the beginning."""
    said: list[str] = []
    where = tmp_path_factory.mktemp("here")
    made = asyncio.run(lived(where, kept, said=said))
    assert "later starts take seconds" in said[0]
    done = [int(line.partition("%")[0]) for line in said[1:]]
    assert (done[0], done, done[-1]) == (0, sorted(done), 100)
    # Out of the way: where an app listens is in the log, and so the next one has to live in the same place.
    moved = where.rename(where.with_name("first"))
    return Lived(settings_in(moved), made.past)


async def tree_of(settings: ServiceSettings) -> tuple[int, bytes]:
    """Size and root of the log, from a core that runs on it for a moment."""
    core = Core(settings)
    await core.start()
    try:
        tree = await core.store.read(read_tree)
        return tree.size, root(tree)
    finally:
        await core.stop()


async def test_equal_seeds_and_random_bytes_make_equal_logs(first: Lived, tmp_path: Path) -> None:
    again = await lived(first.settings.places.data.parent.with_name("here0"), tmp_path / "cache")
    assert again.past == first.past
    size, top = await tree_of(again.settings)
    assert (size, top) == await tree_of(first.settings)
    assert size > 300


def test_a_spray_is_many_accounts_from_one_address_and_then_one_that_is_right(first: Lived) -> None:
    asked = """
        select address from sign_in where outcome = 'failed' and user_id <> ''
        group by address having count(distinct user_id) >= 5
    """
    (attack,) = (each for each in first.past.attacks if each.kind == "passwordSpray")
    assert first.rows(asked) == [(attack.address,)]
    right = "select distinct user_key from sign_in where address = ? and outcome = 'stepUp'"
    assert first.rows(right, attack.address) == [(attack.user,)]
    assert first.past.people[attack.user].password == WEAK_PASSWORD
    # A password is all that was found: nothing opened.
    assert first.rows("select * from sign_in where address = ? and outcome = 'allow'", attack.address) == []


def test_a_stolen_session_is_one_session_on_two_platforms_and_addresses(first: Lived) -> None:
    seen: dict[object, set[tuple[object, object]]] = defaultdict(set)
    for session, content in first.rows(
        "select d.session_id, s.content from decision d join snapshot s on s.hash = d.snapshot_hash"
        " where d.session_id is not null"
    ):
        request = decode_snapshot(str(content).encode(), PRESENT)
        seen[session].add((request.platform, str(request.address)))
    torn = {session for session, where in seen.items() if len({platform for platform, _ in where}) > 1}
    (attack,) = (each for each in first.past.attacks if each.kind == "stolenSession")
    assert len(torn) == 1
    assert attack.address in {address for session in torn for _, address in seen[session]}
    owner = "select distinct u.user_key from decision d join users u on u.id = d.user_id where d.session_id = ?"
    assert first.rows(owner, *torn) == [(attack.user,)]


def test_a_hoarder_asks_for_many_times_what_others_do(first: Lived) -> None:
    (attack,) = (each for each in first.past.attacks if each.kind == "insider")
    asked = """
        select u.user_key, sum(d.times) from decision d join users u on u.id = d.user_id join app a on a.id = d.app_id
        where a.name = 'files' and d.at >= ? and d.at < ? group by u.user_key order by 2 desc
    """
    day = attack.since.replace(hour=0, minute=0, second=0)
    microseconds = [round(each.timestamp() * 1_000_000) for each in (day, day + timedelta(days=1))]
    (most, times), *others = first.rows(asked, *microseconds)
    assert (most, int(str(times)) > 1_000) == (attack.user, True)
    assert all(int(str(times)) > 5 * int(str(other)) for _, other in others)


async def test_every_decision_comes_out_the_same_again(first: Lived) -> None:
    ids = [str(row[0]) for row in first.rows("select id from decision order by at")]
    core = Core(first.settings)
    await core.start()
    try:
        decisions = Decisions(core.premises)
        accounts = [await decisions.explain(each) for each in ids[:: max(1, len(ids) // 60)]]
        attacks = [await decisions.explain(attack.decision) for attack in first.past.attacks]
        verified = await Log(core.premises, verifiers=core.keys.verifiers).verify()
    finally:
        await core.stop()
    assert Counter(account.same for account in accounts)[False] == 0
    assert sum(account.same is True for account in accounts) > 50
    assert [account.same for account in attacks] == [True, True, True]
    assert [account.user_name for account in attacks] == [attack.user for attack in first.past.attacks]
    assert verified.ok


async def test_the_whole_history_is_replayed(first: Lived) -> None:
    """Every decision that the company made comes out of the columns as it was recorded; a draft says who it refuses."""
    blocking = {
        "id": "22222222-2222-4222-8222-222222222222",
        "displayName": "Nobody",
        "state": "enabled",
        "conditions": {"users": {"includeUsers": ["All"]}, "applications": {"includeApplications": ["All"]}},
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    }
    core = Core(first.settings)
    await core.start()
    try:
        replays = Replays(core.premises)
        draft = (SourceFile(name="draft.json", content=msgspec.json.encode(blocking)),)
        found = await replays.replay(draft, ImportOptions(), whole=False, since=None)
    finally:
        await core.stop()
    (total,) = first.rows("select sum(times) from decision")[0]
    assert (found.differently, found.differently_example, found.without_set, found.unreadable) == (0, "", 0, 0)
    assert found.decisions == int(str(total))
    assert found.decisions == found.unchanged + found.unasked + sum(each.count for each in found.changes)
    refused = next(each for each in found.changes if each.kind == "refused")
    assert refused.count > found.decisions / 2
    assert {each.name for each in refused.policies} >= {"Nobody"}
    assert sum(each.count for each in refused.people) == refused.count
    assert {attack.user for attack in first.past.attacks} <= {each.name for each in refused.people}


async def test_a_kept_past_goes_on_in_another_installation(first: Lived, kept: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(kept, cache)
    settings = settings_in(tmp_path / "there")
    settings.places.data.mkdir(parents=True)
    own = KeyFile(settings.places.master_key, data_directory=settings.places.data).create(at=PRESENT, demo=True)
    said: list[str] = []
    later = await lived(tmp_path / "there", cache, present=PRESENT + timedelta(hours=9), said=said, seed=SEED + 1)
    assert not any("begin" in line for line in said)
    assert later.past.until - first.past.until >= timedelta(hours=8)
    assert later.past.attacks == first.past.attacks
    (before,), (after,) = (each.rows("select count(*) from event") for each in (first, later))
    assert int(str(after[0])) > int(str(before[0])) + 10
    # It still opens everything, and what it seals from now on is sealed with the key of this installation.
    ring = KeyFile(settings.places.master_key, data_directory=settings.places.data).load(at=datetime.now(UTC))
    assert len(ring.keys) == 2
    assert ring.newest.id == own.newest.id
    for (upstream,) in later.rows("select upstream from app"):
        assert str(settings.places.data) in str(upstream)
    # What was lived on top is kept for the next time.
    again = cache_in(cache).take(settings_in(tmp_path / "third").places, PRESENT + timedelta(hours=10))
    assert again == later.past


async def test_a_kept_past_can_be_shown_as_it_ended(first: Lived, kept: Path, tmp_path: Path) -> None:
    settings, said = settings_in(tmp_path / "there"), []
    days_later = PRESENT + timedelta(days=3)
    past = await live_past(
        settings, company(), say=said.append, present=days_later, cache=cache_in(kept), goes_on=False
    )
    assert (past.until, past.people) == (first.past.until, first.past.people)
    shown = Lived(settings, past)
    newest = "select max(at) from decision"
    assert shown.rows(newest) == first.rows(newest)
    for (upstream,) in shown.rows("select upstream from app"):
        assert str(settings.places.data) in str(upstream)


def test_what_is_too_old_damaged_or_of_the_future_is_not_taken(first: Lived, kept: Path, tmp_path: Path) -> None:
    until = first.past.until
    for present in (until - timedelta(seconds=1), until + OLDEST + timedelta(seconds=1)):
        assert cache_in(kept).take(settings_in(tmp_path / "any").places, present) is None
        assert cache_in(kept).until(present) is None
    assert cache_in(kept).until(until) == until
    damaged = tmp_path / "damaged"
    shutil.copytree(kept, damaged)
    (entry,) = damaged.iterdir()
    with (entry / DATABASE).open("r+b") as file:
        file.seek(5_000)
        file.write(b"not what was written")
    places = settings_in(tmp_path / "other").places
    assert cache_in(damaged).until(until + QUIET) is None
    assert cache_in(damaged).take(places, until + QUIET) is None
    assert not places.database.exists()
    assert (
        PastCache(seed=SEED + 1, size=SIZE, base_domain="assay.localhost", directory=kept).take(places, until) is None
    )


def test_a_cache_that_cannot_be_written_is_done_without(first: Lived, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no directory")
    assert not cache_in(in_the_way).keep(first.settings.places, first.past)
    assert cache_in(in_the_way).take(settings_in(tmp_path / "any").places, first.past.until) is None


def test_only_its_owner_reads_what_is_kept(kept: Path, first: Lived) -> None:
    assert first.past.people
    for path in (entry for entry in kept.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
