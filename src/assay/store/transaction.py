"""One atomic change, as records are handed it."""

from collections.abc import Sequence

from sqlalchemy import Connection

from assay.store.changes import Change, Topic
from assay.store.reader import Reader


class Transaction(Reader):
    """One atomic change; it becomes visible, and is told to the feed, only if its commit succeeds."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._changes: list[Change] = []

    def changed(self, topic: Topic, key: str) -> None:
        """Tell the change feed, after commit, that `key` changed."""
        self._changes.append(Change(topic=topic, key=key))

    @property
    def changes(self) -> Sequence[Change]:
        return self._changes
