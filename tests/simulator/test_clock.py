"""The company's clock goes forward, by hand and no other way."""

from datetime import UTC, datetime, timedelta

import pytest

from assay.simulator.authenticator_app import current_code, seconds_left
from assay.simulator.clock import CompanyClock
from tests.totp import totp_code

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


def test_it_stands_until_it_is_moved() -> None:
    clock = CompanyClock(START)
    assert clock.now() == clock.now() == START
    clock.go_to(START + timedelta(hours=1))
    assert clock.now() == START + timedelta(hours=1)


def test_it_never_goes_back() -> None:
    clock = CompanyClock(START)
    with pytest.raises(ValueError, match="cannot go back"):
        clock.go_to(START - timedelta(seconds=1))


def test_its_intervals_are_those_of_the_simulated_days() -> None:
    clock = CompanyClock(START)
    before = clock.monotonic()
    clock.go_to(START + timedelta(minutes=10))
    assert clock.monotonic() - before == 600


def test_codes_are_those_of_any_authenticator_app() -> None:
    # RFC 6238 appendix B, cut to six digits.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        at = datetime.fromtimestamp(seconds, UTC)
        assert current_code(secret, at) == totp_code(secret, seconds) == code
        assert seconds_left(at) == 30 - seconds % 30
