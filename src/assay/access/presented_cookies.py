"""A Cookie header and the session that it is for: taken apart and hashed once while a browser sends the same again."""

from functools import lru_cache
from typing import Final

from assay.access.cookies import APP_COOKIE, Cookies, read_cookies
from assay.sessions.secret import SECRET_LENGTH, secret_hash

# Real ones are shorter; longer ones are read each time, so that the memory stays small: 4 MiB at most.
LONGEST_KEPT: Final = 1_024
KEPT: Final = 2_048


def presented_by(header: str) -> tuple[Cookies, bytes | None]:
    """The cookies, and the hash of the app session's secret among them; None where none can be one.

    What is remembered says only what the header is, never whose it is or whether that is good: this is asked each time.
    It is in memory alone, where the keys of this installation are too.
    """
    return _kept(header) if len(header) <= LONGEST_KEPT else _read(header)


def _read(header: str) -> tuple[Cookies, bytes | None]:
    cookies = read_cookies(header)
    secret = cookies.ours.get(APP_COOKIE, "")
    return cookies, secret_hash(secret) if len(secret) == SECRET_LENGTH else None


_kept = lru_cache(maxsize=KEPT)(_read)
