"""Passwords: what may be chosen, how they are kept, and that a missing person costs the same."""

import asyncio
import os
import statistics
import time

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.identities.hashing import HashingBusyError, PasswordHashing
from assay.identities.methods.common_passwords import FILE, OCTETS, is_common, pack
from assay.identities.methods.password import (
    MAX_CHARACTERS,
    PasswordCheck,
    PasswordRules,
    check_password,
    hash_password,
    password_refusal,
)
from assay.values import InvalidInputError, Reason
from tests.identities.people import person

GOOD = "correct horse battery staple"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("fourteen chars", "passwordTooShort"),
        ("", "passwordTooShort"),
        ("\u0061\u0308" * 14, "passwordTooShort"),
        ("x" * 257, "passwordTooLong"),
        ("\ufdfa" * 15, "passwordTooLong"),
        ("\ufdfa" * 256, "passwordTooLong"),
        ("x" * 1_000_000, "passwordTooLong"),
        ("aaaaaaaaaaaaaaaa", "passwordRepeats"),
        ("abababababababab", "passwordRepeats"),
        ("x1y2" * 64, "passwordRepeats"),
        ("summer7" * 3, "passwordRepeats"),
        ("abcdefghijklmnopqrstuvwxyz", "passwordSequence"),
        ("qwertyuiopasdfghjkl", "passwordSequence"),
        ("123456789012345678", "passwordSequence"),
        ("aaaaabbbbbcccccddddd", "passwordSequence"),
        ("Password1234567", "passwordCommon"),
        ("1234567 FOOTBALL", "passwordCommon"),
        ("sunshinesunshine", "passwordCommon"),
        ("!!!letmein-2026!!!", "passwordCommon"),
        ("ada@example.com", "passwordFromContext"),
        ("ADA@EXAMPLE.COM1!", "passwordFromContext"),
        ("lovelace2026ada", "passwordFromContext"),
        ("Assay-example.com", "passwordFromContext"),
    ],
)
def test_passwords_that_cannot_be_chosen(password: str, code: str) -> None:
    refusal = password_refusal(password, person())
    assert refusal is not None
    assert refusal.code == code


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "fifteen letters",
        "пароль длинный!",
        "🔑 keys 🔒 locks!",
        "".join(map(chr, range(0x4E00, 0x4E00 + 512, 2))),
        "ada loves correct horses",
        "my password is sunshine and football",
        "    seven spaces    ",
    ],
)
def test_passwords_that_can_be_chosen_without_any_composition_rule(password: str) -> None:
    assert password_refusal(password, person()) is None


def test_the_shortest_password_is_the_owner_s_choice_within_the_standard() -> None:
    beside_a_second_factor = PasswordRules(minimum=8)
    assert password_refusal("vexing9q", person(), rules=beside_a_second_factor) is None
    assert password_refusal("football", person(), rules=beside_a_second_factor) == Reason.of("passwordCommon")
    for minimum in (7, 257):
        with pytest.raises(InvalidInputError):
            PasswordRules(minimum=minimum)


def test_the_list_holds_what_attackers_try_first_and_hardly_anything_else() -> None:
    assert all(map(is_common, ("123456", "PassWord", "qwertyuiop", "iloveyou", "trustno1", "p@ssw0rd")))
    assert pack(["b", "a", "A"]) == pack(["a", "b"])
    assert len(FILE.read_bytes()) > 49_000 * OCTETS
    assert not any(is_common(os.urandom(12).hex()) for _ in range(2_000))


@given(st.text(min_size=0, max_size=300))
def test_whatever_is_given_is_judged(password: str) -> None:
    password_refusal(password, person())


def test_the_organisation_s_own_words_do_not_make_a_password() -> None:
    assert password_refusal("Contoso Widgets", person()) is None
    assert password_refusal("Contoso Widgets", person(), ("contoso", "widgets")) is not None


def test_hashes_are_argon2id_with_the_parameters_of_the_design() -> None:
    parameters = extract_parameters(hash_password(GOOD, os.urandom(16)))
    assert (parameters.type, parameters.memory_cost, parameters.time_cost) == (Type.ID, 19 * 1024, 2)
    assert (parameters.parallelism, parameters.salt_len, parameters.hash_len) == (1, 16, 32)


def test_the_salt_makes_the_hash_and_is_of_full_length() -> None:
    assert hash_password(GOOD, bytes(16)) == hash_password(GOOD, bytes(16))
    assert hash_password(GOOD, bytes(16)) != hash_password(GOOD, os.urandom(16))
    with pytest.raises(ValueError, match="16 octets"):
        hash_password(GOOD, b"short")


def test_only_the_password_itself_matches() -> None:
    stored = hash_password(GOOD, os.urandom(16))
    assert check_password(stored, GOOD) == PasswordCheck(matches=True)
    for wrong in (GOOD + " ", GOOD[:-1], GOOD.upper(), "", "x" * (MAX_CHARACTERS + 1), "\ud800" * 12):
        assert not check_password(stored, wrong).matches


def test_the_same_keys_on_another_keyboard_are_the_same_password() -> None:
    stored = hash_password("Pässwörter im Café", os.urandom(16))
    assert check_password(stored, "Pa\u0308sswo\u0308rter im Cafe\u0301").matches


@pytest.mark.parametrize(
    "stored", ["", "plain", "$argon2id$v=19$m=65536", "$2b$12$abcdefghijklmnopqrstuv", "$argon2id$" + "A" * 500]
)
def test_a_broken_hash_matches_nothing(stored: str) -> None:
    assert check_password(stored, GOOD) == PasswordCheck(matches=False)


def test_a_hash_with_other_parameters_still_matches_and_is_to_be_made_anew() -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(GOOD)
    assert check_password(old, GOOD) == PasswordCheck(matches=True, outdated=True)
    assert not check_password(old, "wrong").outdated


@settings(max_examples=10, deadline=None)
@given(st.text(min_size=1, max_size=MAX_CHARACTERS))
def test_nobody_matches_nothing_and_everybody_matches_the_own(password: str) -> None:
    assert check_password(None, password) == PasswordCheck(matches=False)
    try:
        stored = hash_password(password, os.urandom(16))
    except UnicodeEncodeError:
        return
    assert check_password(stored, password).matches


def test_the_dummy_s_own_password_opens_nothing() -> None:
    assert not check_password(None, "nobody's password").matches


def test_a_missing_person_costs_as_much_as_a_wrong_password() -> None:
    stored = hash_password(GOOD, os.urandom(16))
    check_password(None, "warm")
    spent: dict[str | None, list[float]] = {stored: [], None: []}
    for _ in range(25):
        for known, times in spent.items():
            began = time.thread_time()
            check_password(known, "wrong password")
            times.append(time.thread_time() - began)
    ratio = statistics.median(spent[None]) / statistics.median(spent[stored])
    assert 2 / 3 < ratio < 3 / 2


async def test_hashing_runs_off_the_loop_and_refuses_when_too_many_wait() -> None:
    hashing = PasswordHashing(threads=1, waiting=1)
    stored = await hashing.hash(GOOD, os.urandom(16))
    results = await asyncio.gather(*(hashing.check(stored, GOOD) for _ in range(4)), return_exceptions=True)
    assert results[:2] == [PasswordCheck(matches=True)] * 2, "one runs, one waits"
    assert [type(result) for result in results[2:]] == [HashingBusyError] * 2
    assert (await hashing.check(stored, "wrong")).matches is False
    hashing.close()
