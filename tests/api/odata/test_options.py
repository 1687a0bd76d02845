"""Query options and page tokens: what is asked, and what is refused with which words."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.api.odata.options import Options, read_options, read_select
from assay.api.odata.pages import Link, entity, page
from assay.api.odata.refused import Refused
from assay.api.odata.skiptoken import read_skiptoken, write_skiptoken
from assay.values import Wire
from assay.values.asked_in_memory import page_of
from assay.values.asking import Ask, Order, Position
from tests.api.odata.collection import BOOKS, FIELDS, NOW, Book

BY_TIME = Order(field="at", descending=True)


def asked(**options: str) -> Options:
    read = read_options([(f"${name}", value) for name, value in options.items()], BOOKS)
    assert isinstance(read, Options), read
    return read


def test_nothing_asked_is_the_first_hundred_newest_first() -> None:
    assert asked() == Options(ask=Ask(order=BY_TIME, limit=100))


def test_everything_asked() -> None:
    token = write_skiptoken(Position(values=("m", "7")), Order(field="title"))
    read = asked(
        filter="isLent eq true", orderby="title asc", top="5", count="true", search='"moby dick"', select="id, title",
        skiptoken=token,
    )  # fmt: skip
    assert read.select == ("id", "title")
    assert read.ask.after == Position(values=("m", "7"))
    assert (read.ask.limit, read.ask.count, read.ask.search) == (5, True, "moby dick")
    assert read.ask.order == Order(field="title")


REFUSED = [
    ([("$top", "0")], "$top is a number from 1 to 999"),
    ([("$top", "1000")], "$top is a number from 1 to 999"),
    ([("$top", "ten")], "$top is a number"),
    ([("$top", "٣")], "$top is a number"),
    ([("$top", "1"), ("$top", "2")], "$top is given twice"),
    ([("$skip", "5")], "books knows no option '$skip'"),  # as most of Graph's lists
    ([("filter", "id eq 'a'")], "books knows no option 'filter'; it knows: $filter, $orderby"),
    ([("$count", "yes")], "$count is true or false"),
    ([("$orderby", "cover")], "cannot be ordered by 'cover'; these can: title, size/pages, createdDateTime"),
    ([("$orderby", "title up")], "one property and asc or desc"),
    ([("$orderby", "title,id")], "one property and asc or desc"),
    ([("$select", "author")], "books have no property 'author'; these can be selected: id, title"),
    ([("$select", "id,,title")], "no property ''"),
    ([("$search", 'a" b')], "$search is one text"),
    ([("$search", "x" * 201)], "more than 200 characters"),
    ([("$search", "\ud800")], "$search is one text"),
    ([("$skiptoken", "garbage")], "$skiptoken is none of ours"),
    ([("$skiptoken", "")], "$skiptoken is none of ours"),
    ([("$filter", "author eq 'x'")], "cannot be filtered by 'author'"),
]


@pytest.mark.parametrize(("pairs", "words"), REFUSED, ids=[str(pairs)[:50] for pairs, _ in REFUSED])
def test_refused(pairs: list[tuple[str, str]], words: str) -> None:
    read = read_options(pairs, BOOKS)
    assert isinstance(read, Refused)
    assert words in read.message


def test_one_thing_takes_select_alone() -> None:
    assert read_select([("$select", "id")], BOOKS) == ("id",)
    assert isinstance(read_select([("$top", "1")], BOOKS), Refused)


def test_a_token_is_of_one_order() -> None:
    token = write_skiptoken(Position(values=(NOW, "a")), BY_TIME)
    assert read_skiptoken(token, BY_TIME, BOOKS) == Position(values=(NOW, "a"))
    for other in (Order(field="title", descending=True), Order(field="at")):
        assert isinstance(read_skiptoken(token, other, BOOKS), Refused)


@given(st.one_of(st.text(max_size=5_000), st.binary(max_size=200).map(bytes.hex)))
@settings(max_examples=300, deadline=None)
def test_any_token_is_a_place_or_refused(text: str) -> None:
    assert isinstance(read_skiptoken(text, BY_TIME, BOOKS), Refused | Position)


VALUES = st.one_of(st.text(max_size=5), st.integers(-(2**70), 2**70), st.booleans(), st.none(), st.just("9999-99"))


@given(st.lists(VALUES, max_size=3))
@settings(max_examples=300, deadline=None)
def test_a_token_with_values_of_another_kind_is_refused(values: list[object]) -> None:
    token = write_skiptoken(Position(values=tuple(values)), BY_TIME)  # type: ignore[arg-type]
    assert isinstance(read_skiptoken(token, BY_TIME, BOOKS), Refused)


NAMES = st.sampled_from(["$filter", "$orderby", "$select", "$top", "$skiptoken", "$count", "$search", "x"])


@given(st.lists(st.tuples(NAMES, st.text(max_size=50))))
@settings(max_examples=300, deadline=None)
def test_whatever_is_asked_is_options_or_refused(pairs: list[tuple[str, str]]) -> None:
    assert isinstance(read_options(pairs, BOOKS), Options | Refused)


class Shown(Wire, frozen=True, kw_only=True):
    id: str
    title: str
    created_date_time: str = ""


BOOK = Book(id="", title="", pages=0, lent=False, at=NOW, language=None)


@pytest.mark.parametrize("order", ["title", "title desc", "size/pages", "size/pages desc", "createdDateTime desc"])
def test_following_the_links_meets_every_row_once_and_in_order(order: str) -> None:
    rows = [
        msgspec.structs.replace(BOOK, id=f"{number:02}", title=f"Title {number % 3}", pages=number % 4)
        for number in range(20)
    ]
    link = Link(root="https://api.example/v1.0", path="/books", query=(("$orderby", order), ("$top", "3")))
    met: list[str] = []
    pairs = list(link.query)
    while True:
        options = read_options(pairs, BOOKS)
        assert isinstance(options, Options)
        found = page_of(rows, options.ask, FIELDS, ("id",))
        shown = [Shown(id=row.id, title=row.title) for row in found.rows]
        answer = page(shown, options, link, "books", next_at=found.next, count=found.count)
        met += [row.id for row in found.rows]
        if answer.odata_next_link is None:
            break
        assert answer.odata_next_link.startswith("https://api.example/v1.0/books?$orderby=")
        pairs = [("$orderby", order), ("$top", "3"), ("$skiptoken", answer.odata_next_link.rpartition("=")[2])]
    key = order.partition(" ")[0]
    field = {"title": "title", "size/pages": "pages", "createdDateTime": "at"}[key]
    expected = sorted(rows, key=lambda row: (getattr(row, field), row.id), reverse=order.endswith("desc"))
    assert met == [row.id for row in expected]


def test_a_page_as_graph_writes_it() -> None:
    options = asked(select="title", count="true")
    link = Link(root="https://api.example/v1.0", path="/books")
    answer = page([Shown(id="1", title="a")], options, link, "books", next_at=None, count=1)
    assert msgspec.json.decode(msgspec.json.encode(answer)) == {
        "@odata.context": "https://api.example/v1.0/$metadata#books",
        "@odata.count": 1,
        "value": [{"title": "a"}],
    }
    one = msgspec.json.decode(entity(Shown(id="1", title="a"), link, "books"))
    assert one == {
        "@odata.context": "https://api.example/v1.0/$metadata#books/$entity",
        "id": "1",
        "title": "a",
        "createdDateTime": "",
    }
