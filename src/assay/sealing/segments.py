"""A stream of any length, sealed in segments: cut off, reordered, repeated or changed, it does not open.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance", CRYPTO 2015) with AES-256-GCM: the nonce is the segment's number and whether it is the last one.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assay.sealing.seal import SealBrokenError

CONTENT_KEY_BYTES: Final = 32
SEGMENT: Final = 64 * 1024
TAG: Final = 16
_LAST: Final = b"\x01"
_NOT_LAST: Final = b"\x00"


def seal_segments(octets: Iterable[bytes], key: bytes, *, bound: bytes) -> Iterator[bytes]:
    """The sealed segments of these octets, each 64 KiB of them; the last one may be shorter, and empty.

    `key` must never seal another stream. `bound` is what the stream belongs to, such as the header before it.
    """
    cipher, number, waiting = AESGCM(key), 0, bytearray()
    for chunk in octets:
        waiting += chunk
        # One octet more than a segment shows that this segment is not the last.
        while len(waiting) > SEGMENT:
            yield cipher.encrypt(_nonce(number, _NOT_LAST), bytes(waiting[:SEGMENT]), bound)
            del waiting[:SEGMENT]
            number += 1
    yield cipher.encrypt(_nonce(number, _LAST), bytes(waiting), bound)


def open_segments(read: Callable[[int], bytes], key: bytes, *, bound: bytes) -> Iterator[bytes]:
    """The octets again, a segment at a time; raises SealBrokenError at the first segment that is not as it was.

    `read` gives up to so many octets, and fewer only at the end. What was yielded before an error was genuine, and
    not all of it: use nothing before the end.
    """
    cipher, number = AESGCM(key), 0
    sealed = read(SEGMENT + TAG)
    while True:
        following = read(SEGMENT + TAG)
        last = not following
        try:
            yield cipher.decrypt(_nonce(number, _LAST if last else _NOT_LAST), sealed, bound)
        except (InvalidTag, ValueError):
            what = "it ends too early, or its end was changed" if last else f"segment {number} was changed or moved"
            raise SealBrokenError(
                f"the backup is damaged: {what}", remedy="use another copy of it, or an earlier backup"
            ) from None
        if last:
            return
        sealed, number = following, number + 1


def _nonce(number: int, last: bytes) -> bytes:
    return number.to_bytes(11) + last
