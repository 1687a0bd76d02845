"""An exported file stands alone: OCSF for others, and proof without us."""

import os
from base64 import b64decode
from hashlib import sha256

import msgspec
import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assay.events import (
    Actor,
    DecisionLog,
    FindingKind,
    LeafRange,
    Verification,
    Verifier,
    erase,
    export,
    parse_verifier,
    verify_export,
)
from assay.events.note import read_checkpoints, sign_checkpoint, sign_note
from assay.events.records.log import read_tree
from assay.events.tree import root, root_of
from assay.store import Store
from assay.values import InvalidInputError, Reason
from tests.events.company import AT, TestClock, append, entry, failed_sign_in, user_created

KEY = Ed25519PrivateKey.generate()
VERIFIER = Verifier(name="assay.localhost", public=KEY.public_key())


class Exported:
    """A file and the checkpoint that was kept apart from it."""

    def __init__(self, lines: list[bytes], checkpoint: str) -> None:
        self.lines = lines
        self.checkpoint = checkpoint

    def verify(self) -> Verification:
        return verify_export(self.lines, self.checkpoint, [VERIFIER])


@pytest.fixture
async def exported(store: Store) -> Exported:
    await append(store, user_created("jürgen"), *(failed_sign_in(f"user{number}") for number in range(6)))
    decisions = DecisionLog(store, clock=TestClock(), random=os.urandom)
    for number in range(3):
        decisions.add(entry(session=f"s{number}"), AT)
    await decisions.flush()
    await store.write(
        lambda transaction: erase(
            transaction,
            (LeafRange(first=2, last=2),),
            at=AT,
            actor=Actor.system(),
            reason=Reason.of("gdpr"),
            salt=os.urandom(32),
        )
    )
    lines: list[bytes] = []
    count = await store.read(lambda reader: export(reader, lines.append))
    assert count == len(lines) == 9
    tree = await store.read(read_tree)
    return Exported(lines, sign_checkpoint("assay.localhost", tree.size, root(tree), KEY))


async def test_it_verifies_without_us(exported: Exported) -> None:
    verdict = exported.verify()
    assert verdict.ok
    assert (verdict.size, verdict.anchored_outside, verdict.decisions) == (9, 9, 3)
    assert verdict.erased == (LeafRange(first=2, last=2),)


async def test_ten_lines_of_another_program_come_to_the_same_root(exported: Exported) -> None:
    hashes = []
    for line in exported.lines:
        record = msgspec.json.decode(line)
        integrity = record["unmapped"].pop("integrity")
        leaf = b64decode(integrity["leaf_hash"])
        if integrity["salt"] is not None:
            assert sha256(b"\x00" + b64decode(integrity["salt"]) + rfc8785.dumps(record)).digest() == leaf
        hashes.append(leaf)
    held = exported.checkpoint.splitlines()
    assert b64decode(held[2]) == root_of(hashes)


async def test_it_is_ocsf(exported: Exported) -> None:
    event = msgspec.json.decode(exported.lines[0])
    assert (event["class_uid"], event["activity_id"], event["type_uid"], event["category_uid"]) == (3001, 1, 300101, 3)
    assert event["time"] == 1772443800123
    assert event["time_dt"] == "2026-03-02T09:30:00.123456Z"
    assert event["metadata"]["version"] == "1.8.0"
    assert event["metadata"]["event_code"] == "user.created"
    assert event["actor"] == {"user": {"uid": "host:1000", "name": "root", "type": "host"}}
    assert event["user"] == {"uid": "id-jürgen", "name": "jürgen"}
    assert event["unmapped"]["after"] == {"name": "jürgen"}


async def test_a_changed_file_is_found(exported: Exported) -> None:
    exported.lines[4] = exported.lines[4].replace(b"203.0.113.9", b"203.0.113.8")
    verdict = exported.verify()
    assert (verdict.findings[0].kind, verdict.first_bad) == (FindingKind.EDITED, 4)


async def test_a_changed_decision_is_found(exported: Exported) -> None:
    exported.lines[7] = exported.lines[7].replace(b'"outcome":"allow"', b'"outcome":"block"')
    verdict = exported.verify()
    assert (verdict.findings[0].kind, verdict.first_bad) == (FindingKind.DECISIONS_DIFFER, 7)


async def test_a_missing_line_is_found(exported: Exported) -> None:
    del exported.lines[5]
    verdict = exported.verify()
    assert (verdict.findings[0].kind, verdict.first_bad) == (FindingKind.MISSING, 5)


async def test_a_cut_file_is_found(exported: Exported) -> None:
    del exported.lines[7:]
    verdict = exported.verify()
    found = [(finding.first, finding.last) for finding in verdict.findings if finding.kind is FindingKind.CUT_OFF]
    assert found == [(7, 8)]


async def test_a_checkpoint_of_somebody_else_proves_nothing(exported: Exported) -> None:
    stranger = Verifier(name="assay.localhost", public=Ed25519PrivateKey.generate().public_key())
    verdict = verify_export(exported.lines, exported.checkpoint, [stranger])
    assert [finding.kind for finding in verdict.findings] == [FindingKind.CHECKPOINT_FORGED]
    assert verdict.anchored == 0


@pytest.mark.parametrize("line", [b"", b"[]", b"{}", b'{"unmapped":{}}', b'{"unmapped":{"integrity":{"index":"x"}}}'])
def test_what_is_no_export_is_said(line: bytes) -> None:
    with pytest.raises(InvalidInputError):
        verify_export([line], "", [])


def test_a_verifier_key_is_read_as_it_is_written() -> None:
    text = str(VERIFIER)
    assert str(parse_verifier(text)) == text
    for bad in ("", "a+b+c", text.replace("assay", "evil"), text[:-4]):
        with pytest.raises(InvalidInputError):
            parse_verifier(bad)


def test_the_published_example_of_a_signed_note() -> None:
    """Key and note of golang.org/x/mod/sumdb/note's documentation, which every witness verifies."""
    seed = b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
    body = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    key = Ed25519PrivateKey.from_private_bytes(seed)
    assert sign_note(body, "PeterNeumann", key) == f"{body}\n\u2014 PeterNeumann {signature}\n"
    verifier = parse_verifier("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert verifier == Verifier(name="PeterNeumann", public=key.public_key())


def test_half_a_checkpoint_spoils_no_other() -> None:
    whole = sign_checkpoint("assay.localhost", 8, bytes(32), KEY)
    text = f"\n{whole}\n{whole[:60]}\n{whole}"
    assert [(point.size, point.signed) for point in read_checkpoints(text, [VERIFIER])] == [(8, True), (8, True)]
    forged = whole.replace("\n8\n", "\n9\n")
    assert [(point.size, point.signed) for point in read_checkpoints(forged, [VERIFIER])] == [(9, False)]
