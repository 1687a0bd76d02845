"""One text for each way in which texts can fare with some tests: held to trying all short texts."""

from itertools import product

import pytest

from assay.policy.filter_rule import FilterOperator
from assay.policy.proof.words import Test, TooManyError, representatives

EQ, IN = FilterOperator.EQ, FilterOperator.IN
STARTS, ENDS, CONTAINS = FilterOperator.STARTS_WITH, FilterOperator.ENDS_WITH, FilterOperator.CONTAINS


def fares(text: str, tests: list[Test]) -> tuple[bool, ...]:
    """By Python's own words."""
    passes = {
        EQ: str.__eq__,
        IN: str.__eq__,
        STARTS: str.startswith,
        ENDS: str.endswith,
        CONTAINS: str.__contains__,
    }
    return tuple(passes[operator](text, wanted) for operator, wanted in tests)


@pytest.mark.parametrize(
    ("tests", "longest"),
    [
        ([(EQ, "a"), (IN, "b")], 2),
        ([(EQ, "ab"), (EQ, "a")], 3),
        ([(STARTS, "ab")], 3),
        ([(STARTS, "a"), (ENDS, "a")], 3),
        ([(STARTS, "ab"), (EQ, "ab"), (EQ, "abb")], 4),
        ([(CONTAINS, "aab")], 4),
        ([(CONTAINS, "aab"), (ENDS, "ab"), (EQ, "aab")], 5),
        ([(ENDS, "aba"), (CONTAINS, "bab")], 6),
        ([(STARTS, "ba"), (CONTAINS, "aa"), (ENDS, "b")], 5),
        ([(CONTAINS, "a"), (CONTAINS, "b"), (EQ, "ab"), (EQ, "ba")], 4),
        ([(EQ, "a"), (STARTS, "a"), (EQ, "a")], 3),
    ],
    ids=str,
)
def test_every_way_to_fare_has_one_text_the_shortest(tests: list[Test], longest: int) -> None:
    found = representatives(tests)
    shortest: dict[tuple[bool, ...], int] = {}
    for length in range(1, longest + 1):
        for letters in product("abX", repeat=length):
            shortest.setdefault(fares("".join(letters), tests), length)
    assert {fares(text, tests): len(text) for text in found} == shortest
    assert len(found) == len(shortest)
    assert "" not in found


def test_the_text_that_passes_no_test_has_a_letter_of_none_of_them() -> None:
    assert representatives([(EQ, "x")]) == ("X", "x")
    assert representatives([(EQ, "X")]) == ("Z", "X")
    assert representatives([(CONTAINS, "X")]) == ("Z", "X")
    assert representatives([]) == ("X",)


def test_a_test_with_no_text_is_not_looked_through() -> None:
    with pytest.raises(TooManyError):
        representatives([(EQ, "a"), (EQ, "")])
