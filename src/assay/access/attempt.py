"""A change that a rule may refuse when it is half done: what was begun is undone, and the reason is a value."""

from collections.abc import Callable
from typing import TypeVar

from assay.events import Actor
from assay.store import Store, Transaction
from assay.values import Reason, Value

T = TypeVar("T")


class By(Value, frozen=True, kw_only=True):
    """Who makes a change, and why; both go into its event."""

    actor: Actor
    reason: Reason = Reason.of("byAdministrator")


class NotDone(Value, frozen=True, kw_only=True):
    """Nothing was changed, and why."""

    reason: Reason


class UndoneError(Exception):
    """Raised inside a transaction so that the writer undoes all of it; it never leaves `attempt`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


async def attempt(store: Store, act: Callable[[Transaction], T], *, urgent: bool = False) -> T | NotDone:
    """Run a change; NotDone where it found, before or after changing things, that it must not be.

    `urgent`: it takes access away (`Store.write`).
    """
    try:
        return await store.write(act, urgent=urgent)
    except UndoneError as error:
        return NotDone(reason=error.reason)
