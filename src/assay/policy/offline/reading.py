"""Reading a document of ours: what is not understood is an error with its place, never passed over."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeVar

from assay.policy.graph_json import Json, MalformedError, Node, canonical_id

E = TypeVar("E", bound=StrEnum)


def word(node: Node, key: str, kind: Iterable[E]) -> E | None:
    """The member at `key`, compared without case; the error for another word names those that there are."""
    text = node.text(key)
    if text is None:
        return None
    return word_of(text, (*node.path, key), kind)


def word_of(text: str, path: tuple[str, ...], kind: Iterable[E]) -> E:
    """The same of a text that was read already."""
    members = tuple(kind)
    for member in members:
        if member.value.lower() == text.strip().lower():
            return member
    raise MalformedError(path, "unknownWord", value=text[:100], known=", ".join(member.value for member in members))


def words(node: Node, key: str, kind: Iterable[E]) -> frozenset[E]:
    """Graph's flags: words in one text with commas; `none` is none of them."""
    named = (part.strip() for part in (node.text(key) or "").split(","))
    members = tuple(kind)
    return frozenset(word_of(part, (*node.path, key), members) for part in named if part and part.lower() != "none")


def identifier(node: Node, key: str) -> str | None:
    """An id in the case in which ids are compared."""
    text = node.text(key)
    return None if text is None else canonical_id(text)


def identifiers(node: Node, key: str) -> frozenset[str]:
    """The ids of a list."""
    return frozenset(map(canonical_id, node.texts(key)))


def required(node: Node, key: str) -> str:
    """An id that must be there."""
    found = identifier(node, key)
    if not found:
        raise MalformedError((*node.path, key), "required")
    return found


# Ages are added to and taken from instants, and neither may leave the calendar.
EARLIEST: Final = 1900
LATEST: Final = 9000


def instant(node: Node, key: str) -> datetime | None:
    """A point in time as RFC 3339 writes it, with its offset; in UTC."""
    text = node.text(key)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise MalformedError((*node.path, key), "notAnInstant", value=text[:100]) from None
    if found.tzinfo is None:
        raise MalformedError((*node.path, key), "notAnInstant", value=text[:100])
    if not EARLIEST <= found.year <= LATEST:
        raise MalformedError((*node.path, key), "notAnInstant", value=text[:100])
    return found.astimezone(UTC)


def elements(node: Node, key: str) -> list[tuple[tuple[str, ...], Json]]:
    """The elements of a list, each with its place."""
    value = node.take(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise MalformedError((*node.path, key), "notAList")
    return [((*node.path, f"{key}[{number}]"), item) for number, item in enumerate(value)]


def objects(node: Node, key: str) -> list[Node]:
    """The objects of a list."""
    return [Node(item, path, node.kept) for path, item in elements(node, key)]


def words_of_list(node: Node, key: str) -> tuple[str, ...] | None:
    """The texts of a list; None where there is no list, which an empty one is."""
    return node.texts(key) if node.holds(key) else None
