"""Counts by time: of decisions, true after removal too, and of how long cuts took."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.events.counts import BOUNDS, DECISION_BUCKET, CutTimes, bounded, bucket_of
from assay.events.user_agents import browser_of, client_app_of, system_of


@given(st.lists(st.integers(0, 2**40)))
def test_every_time_is_counted_under_the_least_bound_above_it(times: list[int]) -> None:
    counts = bounded(times)
    assert sum(counts.values()) == len(times)
    assert counts == Counter(next((bound for bound in BOUNDS if time <= bound), BOUNDS[-1]) for time in times)


def test_quantiles_are_bounds() -> None:
    times = CutTimes(counts=tuple(sorted(bounded([150] * 98 + [900, 4_000]).items())))
    assert (times.quantile(0.5), times.quantile(0.99), times.count) == (200, 1_000, 100)
    assert CutTimes().quantile(0.5) is None


def test_buckets_begin_at_whole_multiples() -> None:
    at = datetime(2026, 11, 23, 9, 7, 31, 5, tzinfo=UTC)
    assert bucket_of(at, DECISION_BUCKET) == datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
    assert bucket_of(at, timedelta(hours=1)) == datetime(2026, 11, 23, 9, tzinfo=UTC)


CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36"
AGENTS = [
    (CHROME, "Chrome 156", "Linux", "browser"),
    (CHROME + " Edg/156.0", "Edge 156", "Linux", "browser"),
    ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140", "Windows", "browser"),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile/15E Safari/604.1",
        "Safari 18",
        "iOS",
        "browser",
    ),
    ("curl/8.5.0", "curl 8", "", "mobileAppsAndDesktopClients"),
    ("", "", "", ""),
    ("\x00", "", "", "mobileAppsAndDesktopClients"),
]


@pytest.mark.parametrize(("agent", "browser", "system", "client"), AGENTS)
def test_user_agents(agent: str, browser: str, system: str, client: str) -> None:
    assert (browser_of(agent), system_of(agent), client_app_of(agent)) == (browser, system, client)
