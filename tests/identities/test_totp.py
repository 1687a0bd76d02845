"""One-time codes: the RFC's vectors, the window, and that no counter is accepted twice."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.identities.methods.totp import (
    NEVER_USED,
    WINDOW,
    accepted_counter,
    code_at,
    counter_at,
    provisioning_uri,
    secret_text,
)
from assay.values import Reason
from tests.identities.people import NOW

SECRET = b"12345678901234567890"
INSTANTS = st.integers(10**7, 10**10).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@pytest.mark.parametrize(
    ("seconds", "digits"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_rfc_6238(seconds: int, digits: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert code_at(SECRET, counter_at(at)) == digits[-6:]
    assert accepted_counter(SECRET, digits[-6:], at=at, last_counter=NEVER_USED) == seconds // 30


@pytest.mark.parametrize(
    ("counter", "digits"),
    list(
        enumerate(["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"])
    ),
)
def test_the_vectors_of_rfc_4226(counter: int, digits: str) -> None:
    assert code_at(SECRET, counter) == digits


@given(st.binary(min_size=20, max_size=20), INSTANTS, st.integers(-4, 4))
def test_a_clock_may_be_one_step_off_and_no_more(secret: bytes, at: datetime, skew: int) -> None:
    shown = code_at(secret, counter_at(at) + skew)
    accepted = accepted_counter(secret, shown, at=at, last_counter=NEVER_USED)
    in_window = {code_at(secret, counter_at(at) + step) for step in range(-WINDOW, WINDOW + 1)}
    assert isinstance(accepted, int) is (abs(skew) <= WINDOW or shown in in_window)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(-WINDOW, WINDOW)), max_size=30))
def test_whatever_is_typed_in_whatever_order_each_counter_is_accepted_once(typed: list[tuple[int, int]]) -> None:
    last, accepted = NEVER_USED, []
    at = NOW
    for wait, skew in typed:
        at += timedelta(seconds=wait)
        code = code_at(SECRET, counter_at(at) + skew)
        found = accepted_counter(SECRET, code, at=at, last_counter=last)
        if isinstance(found, int):
            last = found
            accepted.append(found)
            again = accepted_counter(SECRET, code, at=at, last_counter=last)
            assert again == Reason.of("totpReused")
    assert accepted == sorted(set(accepted))


@pytest.mark.parametrize(("skew", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_for_one_step_before_and_after(skew: int, good: bool) -> None:
    code = code_at(SECRET, counter_at(NOW) + skew)
    assert isinstance(accepted_counter(SECRET, code, at=NOW, last_counter=NEVER_USED), int) is good


def test_an_older_code_of_the_window_is_spent_by_a_newer_one() -> None:
    now = counter_at(NOW)
    assert accepted_counter(SECRET, code_at(SECRET, now - 1), at=NOW, last_counter=now) == Reason.of("totpReused")
    assert accepted_counter(SECRET, code_at(SECRET, now + 1), at=NOW, last_counter=now) == now + 1


@pytest.mark.parametrize(
    "given_code",
    ["", "12345", "1234567", "abcdef", "\uff11\uff12\uff13\uff14\uff15\uff16", "\ud800", "0" * 100_000, "-12345"],
)
def test_what_is_no_code_is_wrong(given_code: str) -> None:
    assert accepted_counter(SECRET, given_code, at=NOW, last_counter=NEVER_USED) == Reason.of("totpWrong")


def test_spaces_between_the_digits_are_forgiven() -> None:
    code = code_at(SECRET, counter_at(NOW))
    typed = f" {code[:3]} {code[3:]}\n"
    assert accepted_counter(SECRET, typed, at=NOW, last_counter=NEVER_USED) == counter_at(NOW)


def test_the_uri_that_authenticator_apps_read() -> None:
    uri = provisioning_uri(SECRET, user_name="ada@example.com", issuer="Assay & Co")
    assert uri == (
        "otpauth://totp/Assay%20%26%20Co%3Aada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        "&issuer=Assay%20%26%20Co&algorithm=SHA1&digits=6&period=30"
    )
    assert secret_text(SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
