"""Searching and following the log, on both databases."""

from datetime import timedelta

import pytest

from assay.events import EventQuery, search, tail
from assay.events.records.search import content
from assay.store import Store
from assay.values import InvalidInputError
from tests.events.company import AT, append, failed_sign_in, user_created


@pytest.fixture
async def filled(store: Store) -> Store:
    """Numbers 0 to 9: five people are made, then each fails to sign in, a minute apart."""
    await append(store, *(user_created(name) for name in ("alice", "bob", "carol", "dave", "jürgen_100%")))
    people = enumerate(("alice", "bob", "carol", "dave", "jürgen_100%"))
    await append(store, *(failed_sign_in(name, at=AT + timedelta(minutes=number)) for number, name in people))
    return store


SEARCHES: list[tuple[EventQuery, list[int]]] = [
    (EventQuery(), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
    (EventQuery(code="user.created"), [4, 3, 2, 1, 0]),
    (EventQuery(code="sign-in."), [9, 8, 7, 6, 5]),
    (EventQuery(code="sign-in"), []),
    (EventQuery(code="%."), []),
    (EventQuery(actor_id="host:1000", user_id="id-bob"), [1]),
    (EventQuery(user_id="id-bob"), [6, 1]),
    (EventQuery(outcome="failure", user_id="id-bob"), [6]),
    (EventQuery(since=AT + timedelta(minutes=3)), [9, 8]),
    (EventQuery(since=AT, until=AT + timedelta(minutes=1), code="sign-in.failed"), [5]),
    (EventQuery(text="CAROL"), [7, 2]),
    (EventQuery(text="jürgen"), [9, 4]),
    (EventQuery(text="_100%"), [9, 4]),
    (EventQuery(text="203.0.113.9", user_id="id-dave"), [8]),
    (EventQuery(app_id="wiki"), []),
    (EventQuery(session_id="s"), []),
]


@pytest.mark.parametrize(("query", "expected"), SEARCHES, ids=[str(number) for number in range(len(SEARCHES))])
async def test_what_matches_is_found_newest_first(filled: Store, query: EventQuery, expected: list[int]) -> None:
    page = await filled.read(lambda reader: search(reader, query))
    assert [leaf.leaf_index for leaf in page.events] == expected
    assert page.cursor is None


async def test_pages_follow_one_another(filled: Store) -> None:
    seen: list[int] = []
    cursor: int | None = None
    while True:
        query = EventQuery(limit=3, before=cursor)
        page = await filled.read(lambda reader, query=query: search(reader, query))
        seen += [leaf.leaf_index for leaf in page.events]
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == list(range(9, -1, -1))


async def test_the_tail_goes_on_where_it_ended(filled: Store) -> None:
    first = await filled.read(lambda reader: tail(reader, after=-1, limit=4))
    rest = await filled.read(lambda reader: tail(reader, after=first[-1].leaf_index))
    assert [leaf.leaf_index for leaf in (*first, *rest)] == list(range(10))
    told = content(rest[0])
    assert told is not None
    assert told.metadata.sequence == 4


@pytest.mark.parametrize("query", [EventQuery(outcome="maybe"), EventQuery(text="a" * 201), EventQuery(text="\x00")])
async def test_a_question_that_cannot_be_is_said(filled: Store, query: EventQuery) -> None:
    with pytest.raises(InvalidInputError):
        await filled.read(lambda reader: search(reader, query))
