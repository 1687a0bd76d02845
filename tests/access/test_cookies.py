"""Our cookies among others: only the exact name is ours, and what looks like it reaches nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.access.cookies import APP_COOKIE, ID_COOKIE, OURS, PREFIX, STATE_COOKIE, read_cookies

MINE, PLANTED = "m" * 43, "p" * 43


@pytest.mark.parametrize(
    "name",
    [
        "__host-assay-id",
        "__HOST-ASSAY-ID",
        "__Host-Assay-Id",
        "\xa0__Host-assay-id",
        "\x85__Host-assay-id",
        "\x1f__Host-assay-id",
        "\x0b__Host-assay-id",
        "__Host-assay-id\xa0",
        "__Host-assay-id ",
        "__Host-assay-idx",
        "__Host-assay-",
        "\u2000__Host-assay-id".encode().decode("latin-1"),
        "$Version=1,__Host-assay-id",
        '"__Host-assay-id"',
        "__Secure-assay-id",
        "assay-id",
    ],
)
def test_a_name_that_only_looks_like_ours_is_never_ours(name: str) -> None:
    """A browser lets any sibling host set these for the parent domain."""
    alone = read_cookies(f"{name}={PLANTED}")
    assert alone.ours == {}
    beside = read_cookies(f"{name}={PLANTED}; {ID_COOKIE}={MINE}; {name}={PLANTED}")
    assert beside.ours == {ID_COOKIE: MINE}
    assert not beside.ambiguous, "and it signs nobody out"


def test_a_nameless_cookie_with_our_name_in_its_value_is_seen_as_a_second_one() -> None:
    """Browsers send it without the "=" before; those of today refuse to store it. Two are none."""
    assert read_cookies(f"{ID_COOKIE}={PLANTED}; {ID_COOKIE}={MINE}").ambiguous


@pytest.mark.parametrize("name", OURS)
def test_none_of_ours_reaches_an_app(name: str) -> None:
    for spelling in (name, name.lower(), name.upper(), f"\xa0{name}", f" \t{name}"):
        assert read_cookies(f"theme=dark; {spelling}={MINE}; x=1").theirs == "theme=dark; x=1"


@given(st.text(alphabet='_Host-asyidp=; \t\xa0\x85\x1c"', max_size=80))
def test_what_is_read_as_ours_was_sent_under_exactly_that_name(header: str) -> None:
    found = read_cookies(header)
    for name, value in found.ours.items():
        assert name in (ID_COOKIE, APP_COOKIE, STATE_COOKIE)
        assert f"{name}={value}" in header
    for part in found.theirs.split(";"):
        assert not part.strip().lower().startswith(PREFIX)


def test_two_hundred_and_four_thousand_octets_are_read_like_any_others() -> None:
    crowd = "; ".join(f"c{number}={'x' * 4_000}" for number in range(200))
    assert read_cookies(f"{crowd}; {ID_COOKIE}={MINE}").ours == {ID_COOKIE: MINE}
