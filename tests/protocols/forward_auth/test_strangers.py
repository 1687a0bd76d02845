"""Who asks without a secret is said once a minute for each source, whatever strangers do."""

import pytest

from assay.protocols.forward_auth.strangers import SOURCES, WINDOW_SECONDS, SaidStrangers


def said(strangers: SaidStrangers, sources: list[str], now: float = 0.0) -> list[str]:
    return [words for source in sources if (words := strangers.words(source, now)) is not None]


@pytest.mark.parametrize(
    ("sources", "lines"),
    [
        (["192.0.2.1"] * 1_000, 1),
        (["192.0.2.1", "192.0.2.2", "192.0.2.1"], 2),
        # One holder of an IPv6 network is one source, as everywhere.
        (["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"], 2),
        ([""] * 10, 1),
        ([f"198.51.{number // 256}.{number % 256}" for number in range(5 * SOURCES)], SOURCES),
    ],
)
def test_a_source_is_said_once_and_so_many_sources_in_all(sources: list[str], lines: int) -> None:
    assert len(said(SaidStrangers(), sources)) == lines


def test_the_next_minute_says_how_many_were_not_said() -> None:
    strangers = SaidStrangers()
    (first,) = said(strangers, ["192.0.2.1"] * 8)
    assert first.endswith("from 192.0.2.1")
    assert said(strangers, ["192.0.2.1"], WINDOW_SECONDS - 0.1) == []
    (again,) = said(strangers, [""] * 2, WINDOW_SECONDS)
    assert again.endswith("from a unix socket; 8 more were not said one by one")
    (third,) = said(strangers, ["192.0.2.1"], 2 * WINDOW_SECONDS)
    assert third.endswith("; 1 more were not said one by one")
    (quiet,) = said(strangers, ["192.0.2.1"], 3 * WINDOW_SECONDS)
    assert quiet.endswith("from 192.0.2.1")
