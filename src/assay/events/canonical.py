"""Canonical bytes: the one spelling of a JSON value (RFC 8785), so that its hash can be made again by anybody."""

import re
from typing import Final

import msgspec
import rfc8785

from assay.values import InvalidInputError

# Larger than any policy or snapshot; a record beyond it is a mistake or an attack on the disk.
CANONICAL_LIMIT: Final = 1 << 20

# What RFC 8785 sorts or spells otherwise than msgspec does: characters beyond the BMP (keys are sorted by UTF-16
# units), and integers that a double cannot hold.
_BEYOND_BMP: Final = re.compile(rb"[\xf0-\xff]")
_LONG_NUMBER: Final = re.compile(rb"[0-9]{16}")


class _FractionSeenError(Exception):
    """A number with a fraction, whose spelling RFC 8785 §3.2.2.3 takes from ECMAScript."""


def _refuse_fraction(digits: str) -> float:
    raise _FractionSeenError(digits)


_common_decoder = msgspec.json.Decoder(float_hook=_refuse_fraction)


def canonical(value: msgspec.Struct) -> bytes:
    """The canonical bytes of a value; raises InvalidInputError where JSON has none (numbers over 2^53, over 1 MiB)."""
    try:
        # Deterministic: a set has no order of its own.
        encoded = msgspec.json.encode(value, order="deterministic")
    except UnicodeError as error:
        raise InvalidInputError("a text in the record is not Unicode") from error
    return canonical_json(encoded)


def canonical_json(encoded: bytes) -> bytes:
    """The canonical bytes of JSON that is spelled in any way; raises InvalidInputError like `canonical`."""
    result = of_any_length(encoded)
    if len(result) > CANONICAL_LIMIT:
        raise InvalidInputError(f"a record of {len(result)} bytes is longer than the limit of {CANONICAL_LIMIT}")
    return result


def of_any_length(encoded: bytes) -> bytes:
    """The same for what is no record by itself; raises InvalidInputError where JSON has no canonical form."""
    try:
        return _common(encoded) or _full(encoded)
    except (rfc8785.CanonicalizationError, msgspec.DecodeError, UnicodeError) as error:
        raise InvalidInputError(f"not JSON that has one canonical form (RFC 8785): {error}") from error


def _common(encoded: bytes) -> bytes | None:
    """The same bytes ten times faster for nearly every record; None where only the full algorithm knows."""
    # An escape may hide such a character.
    if b"\\u" in encoded or _LONG_NUMBER.search(encoded) or (not encoded.isascii() and _BEYOND_BMP.search(encoded)):
        return None
    try:
        return msgspec.json.encode(_common_decoder.decode(encoded), order="sorted")
    except _FractionSeenError:
        return None


def _full(encoded: bytes) -> bytes:
    result = rfc8785.dumps(msgspec.json.decode(encoded))
    # A fraction of 2^53 or more is spelled as an integer, which no reader of the export could spell again.
    rfc8785.dumps(msgspec.json.decode(result))
    return result
