"""A change that a rule may refuse when it is half done: what was begun is undone, and the reason is a value."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from assay.access.publications import Receipt
from assay.events import Actor
from assay.store import Store, Transaction
from assay.values import Reason, Value

T = TypeVar("T")
TIMES: Final = 5  # a change is begun, where what it stands on changed while something was done first


class By(Value, frozen=True, kw_only=True):
    """Who makes a change, and why; both go into its event.

    `override`: why a change of policies may break an invariant of the owner, or be made though that is not known.
    `receipt`: where whoever waits for it is told what was proved of a publication.
    """

    actor: Actor
    reason: Reason = Reason.of("byAdministrator")
    override: str = ""
    receipt: Receipt | None = None


class NotDone(Value, frozen=True, kw_only=True):
    """Nothing was changed, and why."""

    reason: Reason


class UndoneError(Exception):
    """Raised inside a transaction so that the writer undoes all of it; it never leaves `attempt`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


class FirstError(Exception):
    """Raised inside a transaction: something slow must be done before, outside of it, and then all of it again."""

    def __init__(self, first: Callable[[], Awaitable[None]]) -> None:
        super().__init__("first")
        self.first = first


async def attempt(store: Store, act: Callable[[Transaction], T], *, urgent: bool = False) -> T | NotDone:
    """Run a change; NotDone where it found, before or after changing things, that it must not be.

    `urgent`: it takes access away (`Store.write`).
    """
    for _ in range(TIMES):
        try:
            return await store.write(act, urgent=urgent)
        except UndoneError as error:
            return NotDone(reason=error.reason)
        except FirstError as error:
            await error.first()
    return NotDone(reason=Reason.of("keptChanging"))
