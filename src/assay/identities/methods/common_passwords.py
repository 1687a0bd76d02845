"""Passwords that attackers try first: a sorted file of truncated hashes.

Taken from the list of 49,233 passwords of `@zxcvbn-ts/language-common` 4.1.3 (npm, MIT; the licence is beside the
file), ordered there by how often they were found in leaks; `pack` makes the file from it. At 5 octets a hash another
password is taken for a listed one with a chance of 49,000 / 2^40, less than one in twenty million.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from assay.identities.user_names import canonical

FILE: Final = Path(__file__).parent / "blocklist" / "common_passwords.bin"
OCTETS: Final = 5


def is_common(password: str) -> bool:
    """Whether the list holds this password, whatever its case."""
    wanted = _digest(canonical(password))
    kept = _kept()
    index = bisect_left(kept, wanted)
    return index < len(kept) and kept[index] == wanted


def pack(passwords: Iterable[str]) -> bytes:
    """The content of the file."""
    return b"".join(sorted({_digest(canonical(password)) for password in passwords}))


def _digest(password: str) -> bytes:
    return hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest()[:OCTETS]


@cache
def _kept() -> tuple[bytes, ...]:
    packed = FILE.read_bytes()
    return tuple(packed[start : start + OCTETS] for start in range(0, len(packed), OCTETS))
