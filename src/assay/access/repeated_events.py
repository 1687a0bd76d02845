"""What strangers can cause at will is in the log once a window, with a number: nobody fills a disk by failing."""

from datetime import datetime
from functools import partial
from typing import Final

from assay.access.admission import actor_of, source_of
from assay.access.premises import Premises
from assay.access.visitor import Visitor
from assay.events import About, Actor, EventType, Source, occurrence
from assay.events.records import repeats as records
from assay.events.repeats import Repeats, repeats_key
from assay.events.types import EVENT_TYPES
from assay.identities.guessing import GuessingLimits, account_key, source_key
from assay.identities.records import users
from assay.identities.users import User
from assay.store import Transaction
from assay.values import Reason, UserId

AT_ONCE: Final = 100
# Whatever comes while as many windows are open as there may be: it is counted, by reason alone.
ELSEWHERE: Final = b"elsewhere"
_TYPES: Final = {kind.code: kind for kind in EVENT_TYPES}


class RepeatedEvents:
    """The first of a kind from one source becomes an event at once, how many more when its window is over."""

    def __init__(self, premises: Premises, limits: GuessingLimits) -> None:
        self._premises = premises
        self._limits = limits

    def occurred(
        self,
        transaction: Transaction,
        kind: EventType,
        visitor: Visitor,
        reason: Reason,
        user: User | None,
        *,
        account: bytes = b"",
        from_anywhere: bool = False,
    ) -> None:
        """Keep or count this.

        `account`: of nobody, a keyed hash of the name that was typed; one is kept as often as the other, so that
        both take the same time. The name itself is not kept: people type their password into that field.
        `from_anywhere`: the same whatever its source, for what costs a stranger nothing.
        """
        at = self._premises.now()
        user_id = user.id if user is not None else None
        account = account or (account_key(user.id) if user is not None else b"")
        source = b"" if from_anywhere else source_key(visitor.address)
        key = repeats_key(kind.code, account, source, reason.code)
        if records.one_more(transaction, key, at):
            return
        if records.open_windows(transaction) >= self._limits.log_windows:
            key = repeats_key(kind.code, b"", ELSEWHERE, reason.code)
            if records.one_more(transaction, key, at):
                return
        former = records.get(transaction, key)
        if former is not None and former.more:
            self._told(transaction, former, former.more)
        window = Repeats(
            key=key,
            code=kind.code,
            user_id=user_id,
            address=visitor.address,
            reason=reason.code,
            since=at,
            ends_at=at + self._limits.log_window,
        )
        records.put(transaction, window)
        self._record(transaction, kind, user, source_of(visitor), reason, at)

    async def close(self) -> None:
        """Tell how many more there were in each window that is over."""
        store, at = self._premises.store, self._premises.now()
        while found := await store.read(lambda reader: records.over(reader, at, AT_ONCE)):
            await store.write(partial(self._close, windows=found))

    def _close(self, transaction: Transaction, windows: tuple[Repeats, ...]) -> None:
        for window in windows:
            more = records.close(transaction, window)
            if more:
                self._told(transaction, window, more)

    def _told(self, transaction: Transaction, window: Repeats, more: int) -> None:
        user = users.get(transaction, UserId(window.user_id)) if window.user_id else None
        reason = Reason.of(window.reason, more=str(more), since=window.since.isoformat(timespec="seconds"))
        source = Source(ip=window.address)
        self._record(transaction, _TYPES[window.code], user, source, reason, self._premises.now())

    def _record(
        self,
        transaction: Transaction,
        kind: EventType,
        user: User | None,
        source: Source,
        reason: Reason,
        at: datetime,
    ) -> None:
        about = About(user_id=user.id, user_name=user.user_name) if user is not None else About()
        actor = actor_of(user) if user is not None else Actor.system()
        self._premises.record(
            transaction, occurrence(kind, at=at, actor=actor, about=about, source=source, reason=reason)
        )
