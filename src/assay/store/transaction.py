"""One atomic change, as records are handed it."""

import logging
from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from assay.store.changes import Change, Topic
from assay.store.reader import Reader

logger = logging.getLogger("assay.store")


class Transaction(Reader):
    """One atomic change; it becomes visible, and is told to the feed, only if its commit succeeds."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._changes: list[Change] = []
        self._afterwards: list[Callable[[], None]] = []

    def changed(self, topic: Topic, key: str) -> None:
        """Tell the change feed, after commit, that `key` changed."""
        self._changes.append(Change(topic=topic, key=key))

    def afterwards(self, act: Callable[[], None]) -> None:
        """Call this on the event loop once this is committed and taken over, before who made it is told; it is short.

        It is not called where nobody knows whether the commit succeeded.
        """
        self._afterwards.append(act)

    def committed(self) -> None:
        """Do what is to be done afterwards; what fails is logged, as the change is made and is to be told so."""
        for act in self._afterwards:
            try:
                act()
            except Exception:
                logger.exception("what was to follow a change failed; the change is made")

    @property
    def changes(self) -> Sequence[Change]:
        return self._changes
