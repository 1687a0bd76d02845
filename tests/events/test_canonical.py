"""Canonical JSON is RFC 8785's, on the fast way as on the full one."""

import msgspec
import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from assay.events.canonical import CANONICAL_LIMIT, canonical, canonical_json
from assay.values import InvalidInputError, Value

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-(2**53) + 1, 2**53 - 1) | TEXT
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=20
)


@given(JSON)
@example({"\U0001f600": 1, "\ufb33": 2, "ä": 3, "a": 4})
@example({"a": '\u0000\u001f\u007f\u2028\\"/'})
@example({"b": 1, "a": [{"d": 1, "c": "ä"}]})
@example([1e21, 1.0, 1e300, 1e-7, -0.0, 333333333.33333329])
@example({"key": "1234567890123456"})
def test_it_is_the_canonical_form_of_the_standard(value: object) -> None:
    expected = rfc8785.dumps(value)
    assert canonical_json(msgspec.json.encode(value)) == expected
    assert canonical_json(expected) == expected


@pytest.mark.parametrize("text", [b'{"\\ud83d\\ude00":1,"\\ufb33":2}', b'{ "b" : 1 , "a" : 1.50 }', b"1e2", b"-0"])
def test_other_spellings_come_to_the_same(text: bytes) -> None:
    assert canonical_json(text) == rfc8785.dumps(msgspec.json.decode(text))


@pytest.mark.parametrize(
    "text", [b"9007199254740993", b"[123456789012345678901234567890]", b"", b"{", b'"\xff"', b"9007199254740992.0"]
)
def test_what_has_no_canonical_form_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidInputError):
        canonical_json(text)


def test_a_record_has_a_largest_size() -> None:
    with pytest.raises(InvalidInputError):
        canonical_json(b'"' + b"a" * CANONICAL_LIMIT + b'"')


def test_a_set_has_one_order() -> None:
    class Groups(Value, frozen=True, kw_only=True):
        names: frozenset[str]

    assert canonical(Groups(names=frozenset("hgfedcba"))) == b'{"names":["a","b","c","d","e","f","g","h"]}'
