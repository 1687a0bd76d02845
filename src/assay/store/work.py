"""One change that waits for the writer: done in its turn, undone by itself, answered to whoever waits for it."""

import asyncio
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from sqlalchemy import text

from assay.store.errors import translated
from assay.store.prepared import Prepared
from assay.store.transaction import Transaction

T = TypeVar("T")

# SQLAlchemy's own savepoints are compiled anew each time, which takes as long as a small change.
_BEGIN: Final = Prepared(text("SAVEPOINT work"))
_KEEP: Final = Prepared(text("RELEASE SAVEPOINT work"))
_UNDO: Final = Prepared(text("ROLLBACK TO SAVEPOINT work"))


class RolledBackError(Exception):
    """The only work of a group failed, and who waits for it knows: its transaction is rolled back."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__()
        self.cause = cause


class Work(Generic[T]):
    """One change that waits for the writer, and who waits for it."""

    def __init__(self, act: Callable[[Transaction], T]) -> None:
        self.act = act
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[T] = self.loop.create_future()
        self.resolve: Callable[[], None] = self._unresolved
        # Whoever asked has been told that it was not done, and nobody has begun with it.
        self.withdrawn = False
        self._failed = False

    def run(self, transaction: Transaction, *, alone: bool) -> bool:
        """Do the work; its failure undoes this work only. True when it is done.

        `alone`: nobody else's work is in this database transaction, so that no savepoint is needed. Raises
        RolledBackError on failure, for all of it to be rolled back.
        """
        if self.withdrawn:
            return False
        if not alone:
            _BEGIN.run(transaction, {})
        try:
            value = self.act(transaction)
        except BaseException as error:
            # Before the rollback, which fails in its turn where the connection is gone.
            self.fail(error)
            if alone:
                raise RolledBackError(error) from error
            _UNDO.run(transaction, {})
            _KEEP.run(transaction, {})
            return False
        if not alone:
            _KEEP.run(transaction, {})

        def resolve() -> None:
            transaction.committed()
            if not self.future.done():
                self.future.set_result(value)

        self.resolve = resolve
        return True

    def fail(self, error: BaseException) -> None:
        """The first failure counts: what follows from it says less."""
        if self._failed:
            return
        self._failed = True
        failure = translated(error)
        self.resolve = lambda: None if self.future.done() else self.future.set_exception(failure)

    def _unresolved(self) -> None:
        self.future.cancel()
