"""Names that look alike (UTS #39): the skeleton of a name, and whether it mixes scripts.

The data are Unicode's of version 15.0, taken from ICU 72 for the characters that can stand in a canonical name
(`unicode/`, with their licence).
"""

import unicodedata
from bisect import bisect_right
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

DATA: Final = Path(__file__).parent / "unicode"
# UTS #39 §5.2, "Highly Restrictive": one script, or one of these, as Japanese, Korean and Chinese are written.
TOGETHER: Final = (
    frozenset({"Latin", "Han", "Hiragana", "Katakana"}),
    frozenset({"Latin", "Han", "Bopomofo"}),
    frozenset({"Latin", "Han", "Hangul"}),
)


def skeleton(key: str) -> str:
    """The form in which two names are confusable (UTS #39 §4); `key` is a canonical name."""
    table = _prototypes()
    decomposed = unicodedata.normalize("NFD", key)
    return unicodedata.normalize("NFD", "".join(table.get(character, character) for character in decomposed))


def scripts(key: str) -> frozenset[str]:
    """The scripts of a canonical name; digits, punctuation and marks belong to none."""
    starts, ends, names = _ranges()
    found = set()
    for character in key:
        index = bisect_right(starts, ord(character)) - 1
        if index >= 0 and ord(character) <= ends[index]:
            found.add(names[index])
    return frozenset(found)


def mixes_scripts(key: str) -> bool:
    """Whether a name is written in scripts that no language writes together."""
    found = scripts(key)
    return len(found) > 1 and not any(found <= together for together in TOGETHER)


@cache
def _prototypes() -> dict[str, str]:
    table = {}
    for line in (DATA / "confusables.txt").read_text("ascii").splitlines():
        character, _, prototype = line.partition(";")
        table[chr(int(character, 16))] = "".join(chr(int(each, 16)) for each in prototype.split())
    return table


@cache
def _ranges() -> tuple[list[int], list[int], list[str]]:
    starts, ends, names = [], [], []
    for line in (DATA / "scripts.txt").read_text("ascii").splitlines():
        found, _, name = line.partition(";")
        first, _, last = found.partition("..")
        starts.append(int(first, 16))
        ends.append(int(last, 16))
        names.append(name)
    assert all(one < other for one, other in pairwise(starts))
    return starts, ends, names
