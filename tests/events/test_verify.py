"""Whoever writes to the database behind our back is found, and which record it was."""

import os
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from assay.events import (
    Actor,
    Checkpointer,
    DecisionLog,
    FindingKind,
    LeafRange,
    LogRewrittenError,
    Verification,
    Verifier,
    erase,
    prune_decisions,
    verify_log,
)
from assay.events.note import read_checkpoints
from assay.events.records.decisions import keep_policy_set
from assay.events.tree import Frontier, root, salted_leaf
from assay.events.tree import append as grow
from assay.policy import ConditionalAccessPolicy, PolicySet, PolicyState, policy_set_hash
from assay.store import Store, Transaction
from assay.values import EventId, PolicyId, Reason
from tests.events.company import (
    AT,
    NOTHING_PUBLISHED,
    TestClock,
    append,
    entry,
    failed_sign_in,
    leaves_of,
    user_created,
)

KEY = Ed25519PrivateKey.generate()
VERIFIER = Verifier(name="assay.localhost", public=KEY.public_key())
SIZE = 24


class Log:
    """A log of 24 records with checkpoints at 8 and 16, inside and outside the database."""

    def __init__(self, store: Store, outside: Path) -> None:
        self.store = store
        self.outside = outside
        self.clock = TestClock()
        self.checkpointer = self.new_checkpointer()

    def new_checkpointer(self) -> Checkpointer:
        return Checkpointer(
            self.store, origin="assay.localhost", key=lambda: KEY, clock=self.clock, outside=self.outside
        )

    async def fill(self) -> None:
        for _ in range(2):
            await append(self.store, *(failed_sign_in(f"user{number}") for number in range(8)))
            await self.checkpointer.tick(now=True)
        await append(self.store, *(user_created(f"user{number}") for number in range(8)))

    async def sql(self, *statements: str, **parameters: object) -> None:
        def act(transaction: Transaction) -> None:
            for statement in statements:
                transaction.connection.execute(text(statement), parameters)

        await self.store.write(act)

    async def verify(self, *, outside: bool = False) -> Verification:
        known = self.outside.read_text() if outside else ""
        return await self.store.read(lambda reader: verify_log(reader, verifiers=[VERIFIER], outside=known))

    async def rewrite_tree(self) -> None:
        """What a thorough attacker does last: the tree's row is made to fit the leaves."""
        tree = Frontier()
        for leaf in await leaves_of(self.store):
            tree = grow(tree, leaf.leaf_hash)
        frontier = b"".join(tree.hashes)
        await self.sql("UPDATE tree SET size = :size, frontier = :frontier", size=tree.size, frontier=frontier)

    async def forge(self, index: int, name: str) -> None:
        """Edit a record with its hash, as somebody does who knows how hashes are made."""
        leaf = (await leaves_of(self.store))[index]
        assert leaf.payload is not None
        assert leaf.salt is not None
        payload = leaf.payload.replace('"name":"user', f'"name":"{name}')
        assert payload != leaf.payload
        await self.sql(
            "UPDATE event SET payload = :payload, leaf_hash = :hash WHERE leaf_index = :index",
            payload=payload,
            hash=salted_leaf(leaf.salt, payload.encode()),
            index=index,
        )


@pytest.fixture
async def log(store: Store, tmp_path: Path) -> Log:
    made = Log(store, tmp_path / "outside.txt")
    await made.fill()
    return made


def kinds(verification: Verification) -> set[FindingKind]:
    return {finding.kind for finding in verification.findings}


async def test_an_untouched_log_is_good(log: Log) -> None:
    verdict = await log.verify(outside=True)
    assert verdict.ok
    assert verdict.first_bad is None
    assert (verdict.size, verdict.anchored, verdict.anchored_outside) == (SIZE, 16, 16)


async def test_an_empty_log_is_good(store: Store) -> None:
    verdict = await store.read(lambda reader: verify_log(reader, verifiers=[]))
    assert verdict.ok
    assert verdict.size == 0


COPIED = (
    "INSERT INTO event SELECT {}, 'new', at, code, type_uid, severity_id, status_id, actor_id, user_id, app_id,"
    " session_id, payload, salt, leaf_hash FROM event WHERE leaf_index = 2"
)
MOVED = "UPDATE event SET leaf_index = leaf_index {} WHERE leaf_index {}"
ATTACKS: list[tuple[str, list[str], FindingKind, int]] = [
    ("edited", ["UPDATE event SET payload = replace(payload, 'user3', 'user4') WHERE leaf_index = 3"],
     FindingKind.EDITED, 3),
    ("salt", ["UPDATE event SET salt = NULL WHERE leaf_index = 3"], FindingKind.EDITED, 3),
    ("column", ["UPDATE event SET user_id = 'id-bob' WHERE leaf_index = 5"], FindingKind.COLUMNS_EDITED, 5),
    ("time", ["UPDATE event SET at = at + 1 WHERE leaf_index = 5"], FindingKind.COLUMNS_EDITED, 5),
    ("id", ["UPDATE event SET id = 'x' WHERE leaf_index = 5"], FindingKind.COLUMNS_EDITED, 5),
    ("hash", ["UPDATE event SET leaf_hash = salt WHERE leaf_index = 20"], FindingKind.EDITED, 20),
    ("deleted", ["DELETE FROM event WHERE leaf_index = 7"], FindingKind.MISSING, 7),
    ("deleted at the start", ["DELETE FROM event WHERE leaf_index = 0"], FindingKind.MISSING, 0),
    ("deleted and closed up", ["DELETE FROM event WHERE leaf_index = 7",
                               MOVED.format("+ 1000", "> 7"), MOVED.format("- 1001", "> 999")],
     FindingKind.MOVED, 7),
    ("cut off", ["DELETE FROM event WHERE leaf_index >= 20"], FindingKind.CUT_OFF, 20),
    ("reordered", [MOVED.format("+ 1000", "= 4"), MOVED.format("- 1", "= 5"), MOVED.format("- 999", "= 1004")],
     FindingKind.MOVED, 4),
    ("inserted", [MOVED.format("+ 1000", ">= 9"), MOVED.format("- 999", "> 999"), COPIED.format(9)],
     FindingKind.MOVED, 9),
    ("appended", [COPIED.format(24)],
     FindingKind.APPENDED, 24),
    ("erased quietly", ["UPDATE event SET payload = NULL, salt = NULL WHERE leaf_index = 11"],
     FindingKind.ERASED_UNRECORDED, 11),
    ("negative number", ["UPDATE event SET leaf_index = -1 WHERE leaf_index = 0"], FindingKind.MOVED, -1),
    ("tree", ["UPDATE tree SET frontier = (SELECT salt FROM event WHERE leaf_index = 0)"],
     FindingKind.TREE_DIFFERS, 16),
    ("checkpoint", ["UPDATE checkpoint SET note = replace(note, 'assay.localhost', 'evil.localhost')"],
     FindingKind.CHECKPOINT_FORGED, 8),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "kind", "first"), [row[1:] for row in ATTACKS], ids=[row[0] for row in ATTACKS])
async def test_an_attack_is_found_where_it_was(log: Log, statements: list[str], kind: FindingKind, first: int) -> None:
    await log.sql(*statements)
    verdict = await log.verify()
    assert kind in kinds(verdict)
    assert min(finding.first for finding in verdict.findings if finding.kind is kind) == first


async def test_a_forged_hash_is_found_between_two_checkpoints(log: Log) -> None:
    await log.forge(10, "evil")
    verdict = await log.verify()
    (found, tree) = verdict.findings
    assert (found.kind, found.first, found.last) == (FindingKind.CHECKPOINT_DIFFERS, 8, 15)
    assert tree.kind is FindingKind.TREE_DIFFERS
    assert verdict.anchored == 8


async def test_a_rewritten_database_is_found_only_by_what_is_kept_outside(log: Log) -> None:
    await log.forge(10, "evil")
    await log.rewrite_tree()
    await log.sql("DELETE FROM checkpoint")
    assert (await log.verify()).ok, "nothing inside can tell; the verdict says so by anchored == 0"
    assert (await log.verify()).anchored == 0
    verdict = await log.verify(outside=True)
    assert kinds(verdict) == {FindingKind.CHECKPOINT_DIFFERS}
    assert verdict.first_bad == 8


async def test_a_cut_end_is_found_by_what_is_kept_outside(log: Log) -> None:
    await log.sql("DELETE FROM event WHERE leaf_index >= 12", "DELETE FROM checkpoint")
    await log.rewrite_tree()
    assert (await log.verify()).ok
    verdict = await log.verify(outside=True)
    assert [(found.kind, found.first, found.last) for found in verdict.findings] == [(FindingKind.CUT_OFF, 12, 15)]


async def test_a_checkpoint_signed_by_another_key_is_said(log: Log) -> None:
    stranger = Verifier(name="assay.localhost", public=Ed25519PrivateKey.generate().public_key())
    verdict = await log.store.read(lambda reader: verify_log(reader, verifiers=[stranger]))
    assert kinds(verdict) == {FindingKind.CHECKPOINT_FORGED}
    assert verdict.anchored == 0


async def test_erased_records_are_listed_and_not_failed(log: Log) -> None:
    def act(transaction: Transaction) -> EventId:
        ranges = (LeafRange(first=2, last=3), LeafRange(first=9, last=9))
        return erase(transaction, ranges, at=AT, actor=Actor.system(), reason=Reason.of("gdpr"), salt=os.urandom(32))

    await log.store.write(act)
    verdict = await log.verify(outside=True)
    assert verdict.ok
    assert verdict.erased == (LeafRange(first=2, last=3), LeafRange(first=9, last=9))
    erased = (await leaves_of(log.store))[2]
    assert (erased.payload, erased.salt, erased.user_id) == (None, None, None)


async def test_the_checkpointer_refuses_to_sign_what_was_rewritten(log: Log) -> None:
    await log.checkpointer.tick()
    await log.forge(20, "evil")
    await log.rewrite_tree()
    with pytest.raises(LogRewrittenError):
        await log.checkpointer.tick(now=True)
    await log.sql("DELETE FROM event WHERE leaf_index >= 12")
    await log.rewrite_tree()
    with pytest.raises(LogRewrittenError, match="16 were signed"):
        await log.new_checkpointer().tick(now=True)


async def test_checkpoints_come_after_ten_seconds_or_a_thousand_events(log: Log) -> None:
    assert await log.checkpointer.tick() is None
    log.clock.seconds += 10
    note = await log.checkpointer.tick()
    assert note is not None
    assert root_and_size(note) == (SIZE, await tree_root(log))
    log.clock.seconds += 1000
    assert await log.checkpointer.tick() is None, "nothing new, nothing to sign"
    outside = list(read_checkpoints(log.outside.read_text(), [VERIFIER]))
    assert [(point.size, point.signed) for point in outside] == [(8, True), (16, True), (24, True)]
    assert log.outside.stat().st_mode & 0o777 == 0o600


async def test_old_checkpoints_are_thinned_to_one_an_hour(log: Log) -> None:
    for number in range(3):
        log.clock.seconds += 3_600 if number == 0 else 20
        await append(log.store, failed_sign_in())
        await log.checkpointer.tick()
    log.clock.seconds += 26 * 3_600
    await append(log.store, failed_sign_in())
    await log.checkpointer.tick()
    kept = await log.store.read(
        lambda reader: list(reader.connection.execute(text("SELECT size FROM checkpoint ORDER BY size")).scalars())
    )
    assert kept == [16, 27, 28]
    assert (await log.verify(outside=True)).ok


def root_and_size(note: str) -> tuple[int, bytes]:
    (point,) = read_checkpoints(note, [VERIFIER])
    return point.size, point.root


async def tree_root(log: Log) -> bytes:
    tree = Frontier()
    for leaf in await leaves_of(log.store):
        tree = grow(tree, leaf.leaf_hash)
    return root(tree)


DECISION_ATTACKS = {
    "edited": "UPDATE decision SET record = replace(record, 'allow', 'block') WHERE position = 1",
    "column": "UPDATE decision SET outcome = 'block' WHERE position = 1",
    "code": "UPDATE decision SET short_code = 'AAAAAAAA' WHERE position = 1",
    "deleted": "DELETE FROM decision WHERE position = 1",
    "moved": "UPDATE decision SET batch = batch - 1",
    "beyond": "UPDATE decision SET batch = 99 WHERE position = 2",
    "all": "DELETE FROM decision",
}


@pytest.mark.parametrize("attack", DECISION_ATTACKS)
async def test_a_changed_decision_is_found(log: Log, attack: str) -> None:
    await write_decisions(log)
    verdict = await log.verify()
    assert verdict.ok
    assert verdict.decisions == 3
    await log.sql(DECISION_ATTACKS[attack])
    expected = FindingKind.DECISIONS_MISSING if attack == "all" else FindingKind.DECISIONS_DIFFER
    assert expected in kinds(await log.verify())


EVIDENCE_ATTACKS = {
    "snapshot edited": ("UPDATE snapshot SET content = replace(content, '203', '204')", FindingKind.EVIDENCE_EDITED),
    "snapshot deleted": ("DELETE FROM snapshot", FindingKind.EVIDENCE_MISSING),
    "policies edited": ("UPDATE policy_set SET content = replace(content, 'one', 'two')", FindingKind.EVIDENCE_EDITED),
    "policies unreadable": ("UPDATE policy_set SET content = '{'", FindingKind.EVIDENCE_EDITED),
    "policies deleted": ("DELETE FROM policy_set", FindingKind.EVIDENCE_MISSING),
}


@pytest.mark.parametrize("attack", EVIDENCE_ATTACKS)
async def test_a_change_of_what_decisions_rest_on_is_found(log: Log, attack: str) -> None:
    policies = PolicySet(
        policies=(ConditionalAccessPolicy(id=PolicyId("p"), display_name="one", state=PolicyState.ENABLED),)
    )
    digest = policy_set_hash(policies)
    await log.store.write(lambda transaction: keep_policy_set(transaction, digest, msgspec.json.encode(policies)))
    await write_decisions(log, policies=digest)
    assert (await log.verify()).ok
    statement, kind = EVIDENCE_ATTACKS[attack]
    await log.sql(statement)
    (found,) = (await log.verify()).findings
    assert (found.kind, found.first) == (kind, SIZE)


async def test_decisions_pruned_on_the_record_may_be_missing(log: Log) -> None:
    await write_decisions(log)

    def prune(transaction: Transaction) -> EventId | None:
        why = Reason.of("retention")
        return prune_decisions(
            transaction, log.clock.now(), at=AT, actor=Actor.system(), reason=why, salt=os.urandom(32)
        )

    assert await log.store.write(prune) is None, "they are not older than now"
    log.clock.seconds += 1
    assert await log.store.write(prune) is not None
    assert (await log.verify()).ok
    left = "SELECT (SELECT count(*) FROM decision) + (SELECT count(*) FROM snapshot)"
    assert await log.store.read(lambda reader: reader.connection.execute(text(left)).scalar_one()) == 0


async def write_decisions(log: Log, policies: str = NOTHING_PUBLISHED) -> None:
    decisions = DecisionLog(log.store, clock=log.clock, random=os.urandom)
    for number in range(3):
        decisions.add(entry(session=f"s{number}", policies=policies), log.clock.now())
    await decisions.flush()
