"""One thing among others, by its id or by its name as people type it."""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def typed_name(text: str) -> str:
    """The form in which names are held against what is typed: spaces around them and case do not count."""
    return text.strip().casefold()


def by_id_or_name(every: Iterable[T], text: str, *, id_of: Callable[[T], str], name_of: Callable[[T], str]) -> T | None:
    """The thing with this id, else the first with this name.

    Ids come first: whoever may choose names must not put a thing of theirs in the place of another that is meant.
    """
    wanted, found = typed_name(text), tuple(every)
    meant = next((each for each in found if id_of(each) == wanted), None)
    return meant or next((each for each in found if typed_name(name_of(each)) == wanted), None)
