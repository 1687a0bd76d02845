"""Sealing binds a secret to its key and to its place."""

import os
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.sealing import Keyring, SealBrokenError, UnknownMasterKeyError, sealed_with
from assay.sealing.seal import new_master_key
from assay.values import InvalidInputError

AT = datetime(2026, 3, 2, tzinfo=UTC)
OLD, NEW = (new_master_key(os.urandom(40), at=AT) for _ in range(2))
BEFORE = Keyring(keys=(OLD,), random=os.urandom)
AFTER = Keyring(keys=(OLD, NEW), random=os.urandom)


@given(plaintext=st.binary(max_size=200), context=st.text(max_size=40))
def test_what_was_sealed_opens_in_its_place(plaintext: bytes, context: str) -> None:
    assert AFTER.open(AFTER.seal(plaintext, context=context), context=context) == plaintext


@given(plaintext=st.binary(max_size=40), position=st.integers(min_value=0), bit=st.integers(0, 7))
def test_one_changed_bit_breaks_the_seal(plaintext: bytes, position: int, bit: int) -> None:
    sealed = bytearray(AFTER.seal(plaintext, context="c"))
    sealed[position % len(sealed)] ^= 1 << bit
    with pytest.raises((SealBrokenError, UnknownMasterKeyError)):
        AFTER.open(bytes(sealed), context="c")


def test_the_key_id_cannot_be_changed_to_another_known_key() -> None:
    sealed = BEFORE.seal(b"x", context="c")
    with pytest.raises(SealBrokenError):
        AFTER.open(sealed[:1] + bytes.fromhex(NEW.id) + sealed[9:], context="c")


def test_a_ciphertext_cannot_move_to_another_place() -> None:
    sealed = AFTER.seal(b"x", context="totp.secret:alice")
    with pytest.raises(SealBrokenError, match=r"totp\.secret:bob"):
        AFTER.open(sealed, context="totp.secret:bob")


def test_after_rotation_the_newest_seals_and_all_open() -> None:
    old = BEFORE.seal(b"x", context="c")
    assert AFTER.open(old, context="c") == b"x"
    assert sealed_with(old) == OLD.id
    assert sealed_with(AFTER.seal(b"x", context="c")) == NEW.id


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(UnknownMasterKeyError, match=NEW.id) as caught:
        BEFORE.open(AFTER.seal(b"x", context="c"), context="c")
    assert "--master-key" in caught.value.remedy


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x02" + bytes(60)])
def test_what_is_no_sealed_value_is_said(blob: bytes) -> None:
    with pytest.raises(SealBrokenError):
        AFTER.open(blob, context="c")


def test_the_same_secret_is_never_sealed_to_the_same_bytes() -> None:
    assert AFTER.seal(b"x", context="c") != AFTER.seal(b"x", context="c")


def test_a_key_never_shows_in_a_representation() -> None:
    assert OLD.secret.hex() not in repr(AFTER)
    assert repr(OLD.secret) not in repr(AFTER)


def test_a_keyring_needs_distinct_keys() -> None:
    for keys in ((), (OLD, OLD)):
        with pytest.raises(InvalidInputError):
            Keyring(keys=keys, random=os.urandom)
