"""When a session is over: at its end, and not an instant later."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from assay.sessions.session import EndReason, Session
from assay.values import SessionId, UserId

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
SESSION = Session(
    id=SessionId("s"),
    user_id=UserId("u"),
    started_at=NOW,
    last_seen_at=NOW,
    ends_at=NOW + 12 * HOUR,
    idle=HOUR,
    proofs=(),
)


@pytest.mark.parametrize("in_use", [True, False])
def test_a_session_is_over_at_its_end_whether_it_is_used_or_not(in_use: bool) -> None:
    end = SESSION.ends_at if in_use else NOW + HOUR
    session = replace(SESSION, last_seen_at=end - INSTANT) if in_use else SESSION
    assert session.expires_at() == end
    assert session.alive(end - INSTANT)
    assert not session.alive(end)


def test_a_session_that_ended_is_over_whatever_the_clock_says() -> None:
    ended = replace(SESSION, ended_at=NOW, end_reason=EndReason.REVOKED)
    assert not ended.alive(NOW - HOUR)


def test_a_clock_that_stepped_back_ends_nothing() -> None:
    assert SESSION.alive(NOW - HOUR)
