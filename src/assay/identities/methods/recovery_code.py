"""Recovery codes: ten look-up secrets of 80 bits, each used once (SP 800-63B §3.1.2)."""

import hashlib
from base64 import b32encode

COUNT = 10
OCTETS = 10  # 80 bits: 16 characters without padding
GROUP = 4
RANDOM_OCTETS = COUNT * OCTETS
CHARACTERS = OCTETS * 8 // 5

_RFC4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ENCODE = str.maketrans(_RFC4648, CROCKFORD)
_FORGIVE = str.maketrans("OIL", "011", "- \t")
MAX_INPUT = 64


def new_codes(random: bytes) -> tuple[str, ...]:
    """Ten codes such as `7ZQK-0M3F-XR2A-9TBC` from 100 random bytes."""
    if len(random) != RANDOM_OCTETS:
        raise ValueError(f"{COUNT} recovery codes are made from {RANDOM_OCTETS} octets")
    return tuple(_code(random[start : start + OCTETS]) for start in range(0, RANDOM_OCTETS, OCTETS))


def _code(random: bytes) -> str:
    text = b32encode(random).decode().translate(_ENCODE)
    return "-".join(text[start : start + GROUP] for start in range(0, CHARACTERS, GROUP))


def canonical_code(given: str) -> str | None:
    """What a person typed as the code it stands for (Crockford's forgiving reading), or None if it is no code."""
    if len(given) > MAX_INPUT or not given.isascii():
        return None
    code = given.upper().translate(_FORGIVE)
    return code if len(code) == CHARACTERS and all(character in CROCKFORD for character in code) else None


def code_digest(given: str) -> bytes | None:
    """What is stored and looked up, or None if this is no code.

    SHA-256 without salt or stretching is right here: with 80 random bits per code there is no dictionary to try,
    and the look-up by digest needs the same digest each time. The label keeps digests of other secrets apart.
    """
    code = canonical_code(given)
    return None if code is None else hashlib.sha256(b"assay recovery code\0" + code.encode()).digest()
