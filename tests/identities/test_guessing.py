"""The rules of counting attempts: delays, windows, locks, and what counts as one source."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.identities.guessing import (
    DAY,
    HOUR,
    MINUTE,
    MOST_CONSECUTIVE,
    SECOND,
    Blocked,
    Counter,
    GuessingLimits,
    Purpose,
    Schedule,
    blocked,
    counted,
    counter_key,
    made_at_will,
    source_key,
    worst,
)
from assay.policy.request import Method

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LIMITS = GuessingLimits()
CODE_CHANCE = 3e-6  # three codes of a million are good at any moment (RFC 6238 §5.2, one step either way)


def after(failures: int, schedule: Schedule) -> Counter:
    counter: Counter | None = None
    for _ in range(failures):
        counter = counted(b"k", counter, schedule, NOW)
    assert counter is not None
    return counter


@pytest.mark.parametrize(
    ("failures", "delay"),
    [
        (0, 0 * SECOND),
        (5, 0 * SECOND),
        (6, SECOND),
        (7, 2 * SECOND),
        (10, 16 * SECOND),
        (15, 512 * SECOND),
        (16, 15 * MINUTE),
        (10**9, 15 * MINUTE),
    ],
)
def test_delays_double_up_to_the_longest(failures: int, delay: timedelta) -> None:
    assert LIMITS.stranger_password.delay(failures) == delay


@given(st.integers(0, 300))
def test_more_failures_never_wait_less(failures: int) -> None:
    for schedule in (LIMITS.stranger_password, LIMITS.stranger_code, LIMITS.known_code, LIMITS.source):
        assert schedule.delay(failures) <= schedule.delay(failures + 1) <= schedule.longest
        assert schedule.delay(schedule.plateau) == schedule.longest


def test_the_first_mistakes_cost_nothing_and_the_next_one_does() -> None:
    schedule = LIMITS.stranger_password
    assert blocked(after(5, schedule), schedule, NOW) is None
    assert blocked(after(6, schedule), schedule, NOW) == Blocked(wait=SECOND)
    assert blocked(after(6, schedule), schedule, NOW + SECOND) is None


@pytest.mark.parametrize("method", [Method.PASSWORD, Method.SOFTWARE_OATH, Method.RECOVERY_CODE])
@pytest.mark.parametrize("known", [True, False])
def test_nothing_takes_more_than_a_hundred_failures_in_a_row(method: Method, *, known: bool) -> None:
    """SP 800-63B-4 §3.2.2."""
    schedule = LIMITS.of(method, known=known)
    assert blocked(after(MOST_CONSECUTIVE - 1, schedule), schedule, NOW + schedule.longest) is None
    locked = after(MOST_CONSECUTIVE, schedule)
    assert blocked(locked, schedule, NOW + schedule.longest) == Blocked(wait=None)
    assert blocked(locked, schedule, NOW + schedule.remembered - SECOND) == Blocked(wait=None)


def test_a_window_ends_and_begins_anew() -> None:
    schedule = LIMITS.source
    many = after(schedule.free + 3, schedule)
    assert blocked(many, schedule, NOW + SECOND) is not None
    assert blocked(many, schedule, NOW + HOUR) is None
    assert counted(b"k", many, schedule, NOW + HOUR).failures == 1


@pytest.mark.parametrize("step", [-HOUR, -365 * DAY])
def test_a_clock_that_steps_back_makes_nobody_wait_longer_than_the_longest_delay(step: timedelta) -> None:
    schedule = LIMITS.stranger_password
    refusal = blocked(after(16, schedule), schedule, NOW + step)
    assert refusal is not None
    assert refusal.wait is not None
    assert refusal.wait <= schedule.longest
    assert blocked(after(500, LIMITS.source), LIMITS.source, NOW + step) is None


def test_a_lock_lasts_longer_than_any_delay() -> None:
    assert worst({b"a": Blocked(wait=DAY), b"b": Blocked(wait=None)}) == Blocked(wait=None)
    assert worst({b"a": Blocked(wait=SECOND), b"b": None, b"c": Blocked(wait=HOUR)}) == Blocked(wait=HOUR)
    assert worst({b"a": None}) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::9", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
    ],
)
def test_a_source_is_an_address_or_a_network_of_ipv6(one: str, other: str, *, same: bool) -> None:
    assert (source_key(one) == source_key(other)) is same


def guesses(schedule: Schedule, over: timedelta) -> int:
    """How many guesses fit into this time for somebody who waits out every delay and is never locked."""
    tried, spent = 0, timedelta(0)
    while spent < over:
        tried += 1
        spent += schedule.delay(tried)
    return tried


def test_the_figures_of_the_documentation_are_those_of_the_limits() -> None:
    """docs/sign-in.md, "What an attacker gets": change both."""
    year = 365 * DAY
    # Never unlocked: what the standard allows.
    assert pytest.approx(0.0003) == MOST_CONSECUTIVE * CODE_CHANCE
    # Unlocked by the person's own sign-ins again and again, at the slowest pace in between.
    assert guesses(LIMITS.stranger_code, year) == 380
    assert guesses(LIMITS.stranger_code, year) * CODE_CHANCE == pytest.approx(0.00114, rel=0.01)
    assert guesses(LIMITS.stranger_password, year) == 35_054
    assert guesses(LIMITS.stranger_password, DAY) == 110


def test_how_many_rows_strangers_can_make_is_as_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "sign-in.md").read_text()
    assert f"at most {LIMITS.source_rows:,} of sources and {LIMITS.name_rows:,} of names" in page
    assert f"looked at after each {LIMITS.rows_unlooked:,}" in page


@pytest.mark.parametrize("purpose", Purpose)
def test_only_what_strangers_make_at_will_may_be_dropped(purpose: Purpose) -> None:
    key = counter_key(purpose, b"a", b"b")
    assert len(key) == 32
    assert made_at_will(key) == (purpose is Purpose.NAME or purpose.value.startswith("source"))
