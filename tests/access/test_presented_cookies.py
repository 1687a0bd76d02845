"""A Cookie header is read once while the same comes again, and read the same either way."""

import pytest

from assay.access.cookies import APP_COOKIE, read_cookies
from assay.access.presented_cookies import LONGEST_KEPT, presented_by
from assay.sessions.secret import new_secret, secret_hash

SECRET = new_secret(bytes(32))
OWN = f"{APP_COOKIE}={SECRET}"


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("", None),
        ("theme=dark", None),
        (OWN, secret_hash(SECRET)),
        (f"theme=dark; {OWN}", secret_hash(SECRET)),
        (f"{OWN}; filler={'x' * LONGEST_KEPT}", secret_hash(SECRET)),
        (f"{OWN}x", None),
        (OWN[:-1], None),
        (f"{APP_COOKIE}=", None),
    ],
)
def test_the_session_that_a_header_is_for(header: str, key: bytes | None) -> None:
    for _ in range(2):
        assert presented_by(header) == (read_cookies(header), key)


def test_one_that_comes_twice_is_ambiguous_each_time() -> None:
    for _ in range(2):
        assert presented_by(f"{OWN}; {OWN}")[0].ambiguous
