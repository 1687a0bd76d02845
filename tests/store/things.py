"""One table of names, for tests of the store."""

from collections.abc import Callable

from sqlalchemy import text

from assay.store import Reader, Store, Topic, Transaction


async def make_things(store: Store) -> Store:
    """The store, with the table in it."""
    await store.write(lambda t: t.connection.execute(text("CREATE TABLE thing (name TEXT PRIMARY KEY)")) and None)
    return store


def put(name: str) -> Callable[[Transaction], str]:
    """A change that keeps this name and tells of it."""

    def act(transaction: Transaction) -> str:
        transaction.connection.execute(text("INSERT INTO thing (name) VALUES (:name)"), {"name": name})
        transaction.changed(Topic.USER, name)
        return name

    return act


def names(reader: Reader) -> list[str]:
    """The names that are kept."""
    return list(reader.connection.execute(text("SELECT name FROM thing ORDER BY name")).scalars())
