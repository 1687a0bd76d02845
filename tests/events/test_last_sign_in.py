"""When people last got in: found by what an index holds of each, however many sign-ins there were."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection, event

from assay.events import About, Actor, Event, occurrence, types
from assay.events.records.sign_ins import last_succeeded
from assay.store import Reader, Store
from assay.values import UserId
from tests.events.company import AT, append, failed_sign_in


def got_in(name: str, minutes: int) -> Event:
    return occurrence(
        types.SIGN_IN_SUCCEEDED,
        at=AT + timedelta(minutes=minutes),
        actor=Actor.system(),
        about=About(user_id=UserId(f"id-{name}"), user_name=name),
    )


async def test_it_is_the_newest_that_succeeded_of_each(store: Store) -> None:
    await append(store, got_in("alice", 3), got_in("alice", 1), got_in("bob", 2))
    await append(store, failed_sign_in("alice", at=AT + timedelta(minutes=9)), failed_sign_in("carol"))
    wanted = ("id-alice", "id-bob", "id-carol", "id-nobody")
    found = await store.read(lambda reader: last_succeeded(reader, wanted))
    assert found == {"id-alice": AT + timedelta(minutes=3), "id-bob": AT + timedelta(minutes=2)}


async def test_no_history_is_gone_through_for_it(sqlite_store: Store) -> None:
    """One and a page of them: SQLite chose by how many were asked for."""
    asked: list[tuple[str, object]] = []

    def heard(_: Connection, __: object, statement: str, parameters: object, *___: object) -> None:
        asked.append((statement, parameters))

    def plans(reader: Reader, people: Sequence[str]) -> set[str]:
        asked.clear()
        event.listen(reader.connection, "before_cursor_execute", heard)
        last_succeeded(reader, people)
        event.remove(reader.connection, "before_cursor_execute", heard)
        return {
            str(step.detail)
            for statement, parameters in asked
            for step in reader.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]  # as it was given to the driver
        }

    for people in (["id-0"], [f"id-{number}" for number in range(100)]):
        found = await sqlite_store.read(partial(plans, people=people))
        assert found == {"SEARCH sign_in USING INDEX ix_sign_in_user_id (user_id=?)"}
