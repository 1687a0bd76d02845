"""Guessing is slowed down and ends: every attempt is counted before it is looked at, in a transaction of its own.

Strangers share one counter of an account, each known device of the person has its own: nobody locks somebody else
out. A name that nobody has is counted like one that somebody has, under a keyed hash of what was typed.
"""

import hmac
import math
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from assay.access import notices
from assay.access.admission import actor_of
from assay.access.bounded_counters import BoundedCounters
from assay.access.method_locks import MethodLocks
from assay.access.premises import Premises
from assay.access.repeated_events import RepeatedEvents
from assay.access.throttled import Throttled, throttled_by
from assay.access.visitor import Visitor
from assay.events import Actor
from assay.events.types import SIGN_IN_FAILED, SIGN_IN_THROTTLED
from assay.identities.guessing import (
    Blocked,
    Counter,
    GuessingLimits,
    Purpose,
    Schedule,
    account_key,
    blocked,
    counted,
    counter_key,
    expired,
    source_key,
    worst,
)
from assay.identities.records import guessing as counters
from assay.identities.records import known_devices
from assay.identities.user_names import canonical
from assay.identities.users import User
from assay.messages.notice import Notice
from assay.policy import Method
from assay.store import Transaction
from assay.values import Reason, SessionId, Value

# What can be guessed at all: a passkey's signature cannot.
GUESSABLE: Final = (Method.PASSWORD, Method.SOFTWARE_OATH, Method.RECOVERY_CODE)
NAMES: Final = "guessing.names"


class Attempt(Value, frozen=True, kw_only=True):
    """An attempt that may be looked at, counted as failed until it succeeds.

    `counter` is the account's after it; `others` are those of its source; `strangers` is what strangers share.
    """

    method: Method
    account: bytes
    counter: Counter
    schedule: Schedule
    others: tuple[bytes, ...] = ()
    device: str | None = None
    # Its secret is young: nothing is left to do for it when the attempt succeeds.
    fresh: bool = False
    strangers: Counter | None = None


class Guessing:
    """Counts attempts at passwords and codes, and says which are not looked at."""

    def __init__(self, premises: Premises, limits: GuessingLimits) -> None:
        self._premises = premises
        self.limits = limits
        self.repeated = RepeatedEvents(premises, limits)
        self._locks = MethodLocks(premises)
        self._counters = BoundedCounters(limits)

    def begin(
        self, transaction: Transaction, method: Method, visitor: Visitor, user: User | None, *, name: str = ""
    ) -> Attempt | Throttled:
        """Count one more attempt, or say when to come back; `name` is what was typed where it is nobody's."""
        at = self._premises.now()
        # Made and asked for whoever it is, so that it takes the same time for nobody.
        typed = self._name_key(name)
        account = account_key(user.id) if user is not None else typed
        known = known_devices.of(transaction, visitor.device, user.id if user is not None else None, at)
        # Its id and not its secret: that is replaced, by others too, and the count goes on.
        device = known.id if known is not None else None
        schedule = self.limits.of(method, known=device is not None)
        strangers = _key(Purpose.STRANGERS if user is not None else Purpose.NAME, method, account)
        mine = strangers if device is None else _key(Purpose.DEVICE, method, account, device.encode())
        sources = () if device is not None else self._sources(visitor, account)
        found = counters.get(transaction, {mine, strangers, *(key for key, _ in sources)})

        refusals = {mine: blocked(found[mine], schedule, at) if mine in found else None}
        for key, limit in sources:
            refusals[key] = blocked(found[key], limit, at) if key in found else None
        refusal = worst(refusals)
        if refusal is not None:
            return self.refused(transaction, refusal, visitor, user, account)

        attempt = Attempt(
            method=method,
            account=account,
            counter=counted(mine, found.get(mine), schedule, at),
            schedule=schedule,
            device=device,
            fresh=known is not None and self.limits.fresh(known.made_at, at),
            strangers=found.get(strangers) if device is not None else None,
        )
        more = tuple(_with_one_more(sources, found, at))
        self._counters.put(transaction, (attempt.counter, *more), known=found)
        return replace(attempt, others=tuple(counter.key for counter in more))

    def begin_ceremony(self, transaction: Transaction, visitor: Visitor) -> Throttled | None:
        """Count one more passkey ceremony, begun or answered, for this source or this known device."""
        at = self._premises.now()
        device = known_devices.of_anybody(transaction, visitor.device, at)
        schedule = self.limits.source_ceremonies if device is None else self.limits.device_ceremonies
        if device is None:
            key = counter_key(Purpose.SOURCE_CEREMONIES, source_key(visitor.address))
        else:
            key = counter_key(Purpose.DEVICE_CEREMONIES, device)
        held = counters.get(transaction, (key,))
        found = held.get(key)
        refusal = blocked(found, schedule, at) if found is not None else None
        if refusal is not None:
            return self.refused(transaction, refusal, visitor, None, b"")
        self._counters.put(transaction, (counted(key, found, schedule, at),), known=held)
        return None

    def succeeded(self, transaction: Transaction, attempt: Attempt, user: User, visitor: Visitor) -> None:
        """It was no guess: its counter begins anew, and its source is not blamed for it."""
        at = self._premises.now()
        counters.give_back(transaction, attempt.others, at, anew=attempt.counter.key)
        strangers = attempt.strangers
        limit = self.limits.of(attempt.method, known=False)
        if strangers is None or strangers.failures <= limit.plateau:
            return
        # The person is there: strangers are unlocked, and go on at the slowest pace.
        if counters.at_most(transaction, strangers.key, limit.plateau) and strangers.failures >= (
            limit.lock or math.inf
        ):
            self._locks.unlocked(
                transaction, attempt.method, user, actor_of(user), Reason.of("signedInOnKnownDevice"), visitor
            )

    def not_looked_at(self, transaction: Transaction, attempt: Attempt) -> None:
        """We were too busy for it: it was neither success nor failure."""
        counters.give_back(transaction, (attempt.counter.key, *attempt.others), self._premises.now())

    def failed(
        self, transaction: Transaction, attempt: Attempt | None, visitor: Visitor, reason: Reason, user: User | None
    ) -> None:
        """Keep a failure in the log; lock where it was the last that is allowed."""
        account = attempt.account if attempt is not None else b""
        self.repeated.occurred(transaction, SIGN_IN_FAILED, visitor, reason, user, account=account)
        if attempt is None or user is None:
            return
        # Each attempt has a number of its own: exactly one is the last.
        if attempt.counter.failures == attempt.schedule.lock:
            self._lock(transaction, attempt, user, visitor)
        self._tell(transaction, attempt, user, visitor)

    def refused(
        self, transaction: Transaction, refusal: Blocked, visitor: Visitor, user: User | None, account: bytes
    ) -> Throttled:
        """An attempt that is not looked at, kept in the log; when to come back."""
        throttled = throttled_by(refusal)
        # A refusal costs a stranger nothing, whatever addresses they have: one window for each account.
        self.repeated.occurred(
            transaction,
            SIGN_IN_THROTTLED,
            visitor,
            Reason.of("tooManyAttempts"),
            user,
            account=account,
            from_anywhere=True,
        )
        return throttled

    def unlock(self, transaction: Transaction, user: User, actor: Actor, reason: Reason) -> tuple[Method, ...]:
        """Let strangers' attempts be looked at as if none had failed; the methods that were locked or slowed down."""
        keys = {method: _key(Purpose.STRANGERS, method, account_key(user.id)) for method in GUESSABLE}
        found = counters.get(transaction, keys.values())
        held = tuple(
            method
            for method, key in keys.items()
            if key in found and found[key].failures > self.limits.of(method, known=False).free
        )
        for method in held:
            self._locks.unlocked(transaction, method, user, actor, reason, None)
        counters.remove(transaction, tuple(keys.values()))
        return held

    def recovered(self, transaction: Transaction, user: User, session_id: SessionId) -> None:
        """An administrator's link was used: what strangers locked is open, and no device is known any more.

        Whoever lost their methods may have lost the devices with them.
        """
        known_devices.forget_all(transaction, user.id)
        self.unlock(transaction, user, actor_of(user, session_id), Reason.of("recovered"))

    def remember_device(self, transaction: Transaction, user: User, visitor: Visitor) -> str | None:
        """Know this browser for this person from now on; the new secret of its cookie, None to leave it.

        The person is told of a browser that was not theirs before.
        """
        at = self._premises.now()
        made = known_devices.remember(
            transaction,
            visitor.device,
            user.id,
            user_agent=visitor.user_agent,
            limits=self.limits,
            at=at,
            random=self._premises.random,
        )
        if made is None:
            return None
        secret, is_new = made
        if is_new:
            notices.tell(self._premises, transaction, user, Notice.NEW_DEVICE, at=at, address=visitor.address)
        return secret

    async def sweep(self) -> None:
        """Forget what is over, and tell what was only counted."""
        at = self._premises.now()
        await self.repeated.close()
        await self._premises.store.write(
            lambda transaction: (counters.sweep(transaction, at), known_devices.sweep(transaction, at))
        )

    def _name_key(self, name: str) -> bytes:
        """What was typed as a name that nobody has: often a password, so that only its keyed hash is kept."""
        key = self._premises.derivation.key(NAMES)
        return b"name\0" + hmac.digest(key, canonical(name).encode("utf-8", "surrogatepass"), "sha256")

    def _sources(self, visitor: Visitor, account: bytes) -> tuple[tuple[bytes, Schedule], ...]:
        """Counters of the source: its failures, its failures at this account, the accounts at which it failed."""
        source = source_key(visitor.address)
        accounts = self.limits.source_accounts
        # At this one account the account's own counter slows down.
        same = replace(accounts, free=self.limits.source.free * 1_000)
        return (
            (counter_key(Purpose.SOURCE, source), self.limits.source),
            (counter_key(Purpose.SOURCE_ACCOUNT, source, account), same),
            (counter_key(Purpose.SOURCE_ACCOUNTS, source), accounts),
        )

    def _tell(self, transaction: Transaction, attempt: Attempt, user: User, visitor: Visitor) -> None:
        """Tell the person once a day that somebody tries; nobody needs to hear of their own slips."""
        at, told = self._premises.now(), attempt.counter.told_at
        if attempt.counter.failures < self.limits.notice_from:
            return
        if told is not None and told <= at < told + self.limits.notice_every:
            return
        counters.told(transaction, attempt.counter.key, at)
        notices.tell(self._premises, transaction, user, Notice.SIGN_IN_THROTTLED, at=at, address=visitor.address)

    def _lock(self, transaction: Transaction, attempt: Attempt, user: User, visitor: Visitor) -> None:
        if attempt.device is not None:
            known_devices.forget(transaction, user.id, attempt.device, self._premises.now())
        self._locks.locked(
            transaction,
            attempt.method,
            user,
            visitor,
            failures=attempt.counter.failures,
            known_device=attempt.device is not None,
        )


def _key(purpose: Purpose, method: Method, account: bytes, device: bytes = b"") -> bytes:
    return counter_key(purpose, method.value.encode(), account, device)


def _with_one_more(
    sources: tuple[tuple[bytes, Schedule], ...], found: dict[bytes, Counter], at: datetime
) -> Iterable[Counter]:
    """The source's counters after one more attempt; an account counts once for it."""
    if not sources:
        return
    (source, limit), (account, same), (accounts, limit_of_accounts) = sources
    yield counted(source, found.get(source), limit, at)
    known = found.get(account)
    yield counted(account, known, same, at)
    if known is None or not known.failures or expired(known, same, at):
        yield counted(accounts, found.get(accounts), limit_of_accounts, at)
