"""Signing keys, on both databases."""

import os
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import text

from assay.sealing import KeyPurpose, Keyring, SealBrokenError, SigningKeys, UnknownMasterKeyError
from assay.sealing.records.keys import (
    load_signing_keys,
    master_keys_in_use,
    retire_signing_keys,
    rotate_signing_key,
)
from assay.sealing.seal import new_master_key
from assay.store import Change, Store, Topic
from assay.values import AssayError, NotFoundError

AT = datetime(2026, 3, 2, tzinfo=UTC)
MASTER = new_master_key(os.urandom(40), at=AT)
KEYRING = Keyring(keys=(MASTER,), random=os.urandom)


async def load(store: Store, keyring: Keyring = KEYRING) -> SigningKeys:
    return await store.read(lambda reader: load_signing_keys(reader, keyring))


async def rotate(store: Store, purpose: KeyPurpose = KeyPurpose.ASSERTION, at: datetime = AT) -> str:
    return (await store.write(lambda transaction: rotate_signing_key(transaction, purpose, KEYRING, at=at))).kid


async def test_the_newest_signs_and_all_verify(store: Store) -> None:
    first = await rotate(store)
    old_keys = await load(store)
    old = jwt.encode({"alg": "ES256", "kid": first}, {"sub": "a"}, old_keys.signer(KeyPurpose.ASSERTION, AT).private)
    second = await rotate(store, at=AT + timedelta(days=1))
    keys = await load(store)
    assert keys.signer(KeyPurpose.ASSERTION, AT + timedelta(days=1)).kid == second
    published = msgspec.to_builtins(keys.jwks(KeyPurpose.ASSERTION))
    assert [key["kid"] for key in published["keys"]] == [second, first]
    assert all("d" not in key for key in published["keys"])
    assert jwt.decode(old, KeySet.import_key_set(published), algorithms=["ES256"]).claims == {"sub": "a"}


async def test_a_retired_key_is_gone_but_never_the_newest(store: Store) -> None:
    heard: list[Change] = []
    first = await rotate(store)
    second = await rotate(store, at=AT + timedelta(days=1))
    store.feed.follow(lambda _reader, changes: changes, heard.extend)
    late = AT + timedelta(days=9)
    count = await store.write(
        lambda transaction: retire_signing_keys(transaction, KeyPurpose.ASSERTION, before=late, at=late)
    )
    assert count == (first,)
    assert heard == [Change(topic=Topic.KEY, key=first)]
    assert [key.kid for key in (await load(store)).keys] == [second]
    everything = await store.read(lambda reader: load_signing_keys(reader, KEYRING, retired=True))
    assert [key.kid for key in everything.keys] == [first, second]


async def test_purposes_are_kept_apart(store: Store) -> None:
    kid = await rotate(store, KeyPurpose.CHECKPOINT)
    keys = await load(store)
    assert keys.signer(KeyPurpose.CHECKPOINT, AT).kid == kid
    assert len(keys.signer(KeyPurpose.CHECKPOINT, AT).ed25519().sign(b"x")) == 64
    with pytest.raises(NotFoundError):
        keys.signer(KeyPurpose.ASSERTION, AT)
    await rotate(store)
    with pytest.raises(AssayError, match="Ed25519"):
        (await load(store)).signer(KeyPurpose.ASSERTION, AT).ed25519()


async def test_a_key_cannot_be_swapped_for_another_in_the_database(store: Store) -> None:
    await rotate(store, KeyPurpose.CHECKPOINT)
    await rotate(store, KeyPurpose.ASSERTION)
    swap = text("UPDATE signing_key SET purpose = 'assertion', algorithm = 'Ed25519' WHERE purpose = 'checkpoint'")
    await store.write(lambda transaction: transaction.connection.execute(swap) and None)
    with pytest.raises(SealBrokenError):
        await load(store)


async def test_another_master_key_is_said(store: Store) -> None:
    await rotate(store)
    other = Keyring(keys=(new_master_key(os.urandom(40), at=AT),), random=os.urandom)
    with pytest.raises(UnknownMasterKeyError, match=MASTER.id):
        await load(store, other)
    assert await store.read(master_keys_in_use) == {MASTER.id}
