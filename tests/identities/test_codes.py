"""Recovery codes and enrolment passes: their entropy, their forms, their limits."""

import os
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.identities.methods import enrolment, recovery_code
from assay.identities.methods.enrolment import (
    EnrolmentPass,
    EnrolmentPurpose,
    lifetime_refusal,
    new_pass_code,
    pass_digest,
    pass_refusal,
)
from assay.identities.methods.recovery_code import CROCKFORD, canonical_code, code_digest, new_codes
from assay.values import UserId
from tests.identities.people import NOW


@given(st.binary(min_size=100, max_size=100))
def test_ten_codes_keep_all_their_randomness(random: bytes) -> None:
    codes = new_codes(random)
    assert len(codes) == 10
    read = [canonical_code(code) for code in codes]
    value = 0
    for code in read:
        assert code is not None
        for character in code:
            value = value * 32 + CROCKFORD.index(character)
    assert value.to_bytes(100, "big") == random


def test_codes_are_at_least_64_bits_each() -> None:
    assert recovery_code.OCTETS * 8 >= 64
    assert enrolment.OCTETS * 8 >= 128
    with pytest.raises(ValueError, match="100 octets"):
        new_codes(bytes(99))
    with pytest.raises(ValueError, match="20 octets"):
        new_pass_code(bytes(16))


def test_a_code_is_read_as_people_write_it() -> None:
    written = "0123-4567-89AB-CDEF"
    for read in ("0123 4567 89ab cdef", "oi23-4567-89AB-CDEF", "OL23456789abcdef", " 0123-4567\t89AB-CDEF "):
        assert code_digest(read) == code_digest(written)
    assert code_digest("0123-4567-89AB-CDEG") != code_digest(written)


@pytest.mark.parametrize(
    "given_code", ["", "0123-4567-89AB-CDE", "0123-4567-89AB-CDEFA", "0123-4567-89AB-CDEU", "ß" * 16, "0" * 10_000]
)
def test_what_is_no_code_has_no_digest(given_code: str) -> None:
    assert code_digest(given_code) is None


@given(st.text(max_size=70))
def test_reading_a_code_never_raises(text: str) -> None:
    assert canonical_code(text) is None or code_digest(text) is not None
    assert pass_digest(text) is None or len(text) == 27


@given(st.binary(min_size=20, max_size=20), st.binary(min_size=20, max_size=20))
def test_passes_have_different_digests_that_do_not_contain_the_code(one: bytes, other: bytes) -> None:
    code = new_pass_code(one)
    digest = pass_digest(code)
    assert digest is not None
    assert (pass_digest(new_pass_code(other)) == digest) is (one == other)
    assert one not in digest
    assert code.encode() not in digest


@pytest.mark.parametrize(
    "code", ["", "A" * 26, "A" * 28, "A" * 26 + "=", "A" * 26 + "\n", "A" * 26 + "é", "A" * 1_000_000]
)
def test_what_is_no_pass_has_no_digest(code: str) -> None:
    assert pass_digest(code) is None


@pytest.mark.parametrize(
    ("lifetime", "good"),
    [
        (timedelta(minutes=10), True),
        (timedelta(hours=24), True),
        (timedelta(days=30), True),
        (timedelta(minutes=10) - timedelta.resolution, False),
        (timedelta(days=30) + timedelta.resolution, False),
        (timedelta(0), False),
        (timedelta(days=-1), False),
    ],
)
def test_a_pass_lives_from_ten_minutes_to_thirty_days(lifetime: timedelta, good: bool) -> None:
    assert (lifetime_refusal(lifetime) is None) is good


def test_a_pass_is_refused_when_unknown_used_or_expired() -> None:
    made = EnrolmentPass(
        id="1",
        user_id=UserId("ada"),
        purpose=EnrolmentPurpose.ENROL,
        digest=os.urandom(32),
        created_at=NOW,
        expires_at=NOW + timedelta(hours=1),
    )
    used = msgspec.structs.replace(made, used_at=NOW)
    expected = [
        (made, NOW, ""),
        (made, made.expires_at - timedelta.resolution, ""),
        (made, made.expires_at, "passExpired"),
        (used, NOW, "passUsed"),
        (None, NOW, "passInvalid"),
    ]
    for found, at, code in expected:
        refusal = pass_refusal(found, at)
        assert (refusal.code if refusal else "") == code
