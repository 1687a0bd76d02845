"""`$filter`: what is read as what, what is refused with which words, and that nothing else ever happens."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.api.odata.filter import read_filter
from assay.api.odata.properties import Collection, Kind, Property
from assay.api.odata.refused import Refused
from assay.values.asking import All, Among, Compare, Condition, Either, Holds, Not, Operator, Order
from tests.api.odata.collection import BOOKS

EQ, NE, GE, LT = Operator.EQ, Operator.NE, Operator.GE, Operator.LT


def compare(field: str, operator: Operator, value: object) -> Compare:
    return Compare(field=field, operator=operator, value=value)  # type: ignore[arg-type]


A, B, C = compare("title", EQ, "a"), compare("title", EQ, "b"), compare("title", EQ, "c")

READ: list[tuple[str, Condition]] = [
    ("title eq 'a'", A),
    ("  title   eq 'a'  ", A),
    ("title eq 'it''s'", compare("title", EQ, "it's")),
    ("title eq ''", compare("title", EQ, "")),
    ("title eq '('", compare("title", EQ, "(")),
    ("size/pages ge 0", compare("pages", GE, 0)),
    ("size/pages lt -12", compare("pages", LT, -12)),
    ("isLent eq true", compare("lent", EQ, True)),
    ("isLent ne false", compare("lent", NE, False)),
    ("language eq null", compare("language", EQ, None)),
    ("language eq 'German'", compare("language", EQ, "de")),
    ("createdDateTime ge 2026-01-31T09:00:00Z", compare("at", GE, datetime(2026, 1, 31, 9, tzinfo=UTC))),
    ("createdDateTime ge 2026-01-31T10:00+01:00", compare("at", GE, datetime(2026, 1, 31, 9, tzinfo=UTC))),
    ("createdDateTime ge 2026-01-31T09:00:00.1234567Z", compare("at", GE, datetime(2026, 1, 31, 9, 0, 0, 123456, UTC))),
    ("createdDateTime lt 2026-01-31", compare("at", LT, datetime(2026, 1, 31, tzinfo=UTC))),
    ("language eq library.tongues.Language'German'", compare("language", EQ, "de")),
    ("language in (library.tongues.Language'English','German')", Among(field="language", values=("en", "de"))),
    ("title in ('a', 'b')", Among(field="title", values=("a", "b"))),
    ("language in ('English',null)", Among(field="language", values=("en", None))),
    ("startswith(title,'a')", Holds(field="title", text="a", anywhere=False)),
    ("contains( title , 'a' )", Holds(field="title", text="a", anywhere=True)),
    ("not title eq 'a'", Not(part=A)),
    ("not (title eq 'a')", Not(part=A)),
    ("not not title eq 'a'", Not(part=Not(part=A))),
    ("title eq 'a' and title eq 'b'", All(parts=(A, B))),
    ("title eq 'a' or title eq 'b' and title eq 'c'", Either(parts=(A, All(parts=(B, C))))),
    ("(title eq 'a' or title eq 'b') and title eq 'c'", All(parts=(Either(parts=(A, B)), C))),
    ("((title eq 'a'))", A),
    (
        " or ".join(["contains(title,'a')"] * 4),
        Either(parts=(Holds(field="title", text="a", anywhere=True),) * 4),
    ),
]


@pytest.mark.parametrize(("text", "condition"), READ, ids=[text for text, _ in READ])
def test_read(text: str, condition: Condition) -> None:
    assert read_filter(text, BOOKS) == condition


REFUSED = [
    ("", "expected a property"),
    ("title", "expected one of eq, ne, gt, ge, lt, le, in"),
    ("title eq", "compared with a text such as 'x', not the end"),
    ("title eq 5", "compared with a text such as 'x', not '5' at 10"),
    ("title eq a", "not 'a' at 10"),
    ("title like 'a'", "expected one of eq"),
    ("title eq 'a", "the text that begins at 10 has no end"),
    ("title eq 'a' 'b'", "expected and, or, or the end, found \"'b'\" at 14"),
    ("title eq 'a' and", "found the end"),
    ("(title eq 'a'", "expected ')', found the end"),
    ("title eq 'a')", "expected and, or, or the end"),
    ("title eq null", "title is never null"),
    ("size/pages eq 'a'", "a whole number such as 0"),
    ("size/pages eq 1.5", "cannot read '1.5' at 15"),
    ("size/pages eq 99999999999999999999", "larger than any number here"),
    ("isLent eq 1", "compared with true or false"),
    ("isLent gt true", "isLent cannot be asked with gt; use: eq, ne, in"),
    ("createdDateTime eq 2026-01-31", "cannot be asked with eq; use: gt, ge, lt, le, in"),
    ("createdDateTime ge '2026-01-31'", "a date-time such as 2026-01-31T09:00:00Z"),
    ("createdDateTime ge 2026-02-30", "2026-02-30 at 20 is no instant"),
    ("createdDateTime ge 0001-01-01T00:00:00+23:00", "is no instant"),
    ("language eq 'Klingon'", "language is one of: English, German"),
    ("language eq library.tongues.Tongue'German'", "language is no library.tongues.Tongue"),
    ("title eq a.b'x'", "title is no a.b"),
    ("contains(title,a.b'x')", "expected a text such as 'x'"),
    ("cover eq 'red'", "books cannot be filtered by 'cover'; these can: id, title, size/pages, isLent"),
    ("author eq 'x'", "cannot be filtered by 'author'"),
    ("contains(id,'a')", "contains cannot look into id; it can look into: title"),
    ("contains(title,5)", "expected a text such as 'x'"),
    ("contains(title 'a')", "expected ','"),
    ("endswith(title,'a')", "cannot be filtered by 'endswith'"),
    ("tags/any(t:t eq 'a')", "cannot read"),
    ("title in ()", "compared with a text"),
    ("title in 'a'", "expected '('"),
    ("title eq 'a\x00'", "no text here can have"),
    ("title eq '\ud800'", "no text here can have"),
    ("title\neq 'a'", "cannot read"),
    ("title eq 'a'" + " and title eq 'a'" * 50, "more than 50 terms"),
    ("title in (" + ",".join(["'a'"] * 51) + ")", "more than 50 terms"),
    ("contains(title,'a')" + " or contains(title,'a')" * 4, "more than 4 contains()"),
    ("(" * 20 + "title eq 'a'" + ")" * 20, "nested deeper than 20"),
    ("not " * 20 + "title eq 'a'", "nested deeper than 20"),
    ("title eq '" + "a" * 2_000 + "'", "at most 2000 are read"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED, ids=[text[:40] or "empty" for text, _ in REFUSED])
def test_refused(text: str, words: str) -> None:
    refused = read_filter(text, BOOKS)
    assert isinstance(refused, Refused)
    assert words in refused.message
    assert refused.code in ("Request_BadRequest", "Request_UnsupportedQuery")


def test_a_text_whose_case_does_not_count_is_read_as_it_is_kept() -> None:
    shelf = Collection(
        name="shelf",
        properties=(Property(path="name", field="name", folded=True, text_search=True),),
        selectable=(),
        order=Order(field="name"),
        key=(("name", Kind.TEXT),),
    )
    for spelling in ("STRASSE", "straße"):
        assert read_filter(f"name eq '{spelling}'", shelf) == compare("name", EQ, "strasse")
    assert read_filter("contains(name,'Ä')", shelf) == Holds(field="name", text="ä", anywhere=True)


def test_the_limits_themselves_are_allowed() -> None:
    assert not isinstance(read_filter("title eq 'a'" + " or title eq 'a'" * 49, BOOKS), Refused)
    assert not isinstance(read_filter("(" * 19 + "title eq 'a'" + ")" * 19, BOOKS), Refused)
    assert not isinstance(read_filter("title eq '" + "a" * 1_989 + "'", BOOKS), Refused)


TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=20)
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
COMPARES = st.one_of(
    st.builds(compare, st.just("title"), st.sampled_from(Operator), TEXTS),
    st.builds(compare, st.just("pages"), st.sampled_from(Operator), st.integers(-(2**63), 2**63 - 1)),
    st.builds(compare, st.just("lent"), st.sampled_from([EQ, NE]), st.booleans()),
    st.builds(compare, st.just("at"), st.sampled_from([GE, LT]), INSTANTS),
    st.builds(compare, st.just("language"), st.sampled_from([EQ, NE]), st.sampled_from([None, "en", "de"])),
)
LEAVES = st.one_of(
    COMPARES,
    st.builds(Among, field=st.just("title"), values=st.lists(TEXTS, min_size=1, max_size=3).map(tuple)),
    st.builds(Holds, field=st.just("title"), text=TEXTS, anywhere=st.booleans()),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, part=inner),
        st.builds(All, parts=st.lists(inner, min_size=2, max_size=3).map(tuple)),
        st.builds(Either, parts=st.lists(inner, min_size=2, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)
PATHS = {"pages": "size/pages", "lent": "isLent", "at": "createdDateTime"}
NAMES = {"en": "English", "de": "German"}


def written(condition: Condition) -> str:
    """The condition as a client writes it, every part in parentheses."""
    match condition:
        case Compare():
            return f"{PATHS.get(condition.field, condition.field)} {condition.operator} {value(condition)}"
        case Among():
            return f"{condition.field} in ({', '.join(quoted(str(each)) for each in condition.values)})"
        case Holds():
            return f"{'contains' if condition.anywhere else 'startswith'}({condition.field},{quoted(condition.text)})"
        case Not():
            return f"not ({written(condition.part)})"
        case All():
            return " and ".join(f"({written(part)})" for part in condition.parts)
        case Either():
            return " or ".join(f"({written(part)})" for part in condition.parts)


def value(condition: Compare) -> str:
    found = condition.value
    if isinstance(found, datetime):
        return found.isoformat()
    if found is None:
        return "null"
    if isinstance(found, int):
        return str(found).lower()
    return quoted(NAMES.get(found, found) if condition.field == "language" else found)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@given(CONDITIONS)
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read_back(condition: Condition) -> None:
    text = written(condition)
    read = read_filter(text, BOOKS)
    if len(text) > 2_000 or isinstance(read, Refused):
        assert isinstance(read, Refused)
        assert "at most 2000" in read.message or "deeper" in read.message
    else:
        assert read == condition


WORDS = "title size/pages isLent createdDateTime language eq ne in and or not null true startswith contains( é"
PIECES = st.sampled_from([*WORDS.split(), *"(),'5-", "'a'", "''", "2026-01-31", "2026-99-99", " ", "\t"])


@given(st.one_of(st.text(max_size=2_100), st.lists(PIECES, max_size=60).map(" ".join), st.lists(PIECES).map("".join)))
@settings(max_examples=500, deadline=None)
def test_whatever_is_sent_is_a_condition_or_refused(text: str) -> None:
    read = read_filter(text, BOOKS)
    assert isinstance(read, Refused) or type(read) in (Compare, Among, Holds, All, Either, Not)


HOSTILE = ["'" * 2_000, "(" * 2_000, "not " * 500, "1" * 2_000, "title eq '" + "''" * 990, "a/" * 1_000, " " * 2_000]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_takes_long(text: str) -> None:
    """A quadratic reading of 2,000 characters would still be quick, one that backtracks would not end."""
    began = time.thread_time()
    for _ in range(20):
        read_filter(text, BOOKS)
    assert time.thread_time() - began < 1
