"""The bases of every value: immutable, keyword only, decoded once at the edge."""

from enum import StrEnum

import msgspec


class Word(StrEnum):
    """One of a closed list of words, hashed as the text that it is.

    Enum's own hash is a function in Python, and a decision looks up a dozen words.
    """

    __hash__ = str.__hash__


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A value that stays inside the program."""


class Wire(Value, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A value of our own API or configuration: an unknown field is an error, not a silent no-op."""


class Stored(Value, frozen=True, kw_only=True, rename="camel"):
    """A value kept as JSON in the database; fields of the next release are tolerated (roll-back)."""
