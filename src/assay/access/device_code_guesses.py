"""Codes of command lines that a person types and nobody waits with: slips at first, guesses when there are more."""

from assay.access.guessing import Guessing
from assay.access.premises import Premises
from assay.access.throttled import Throttled
from assay.access.visitor import Visitor
from assay.events.types import COMMAND_LINE_REFUSED
from assay.identities.guessing import Purpose, account_key, blocked, counted, counter_key
from assay.identities.records import guessing as counters
from assay.identities.users import User
from assay.store import Transaction
from assay.values import Reason


class DeviceCodeGuesses:
    """Counts them for each person; in the transaction that looks, so that many at once are no more than one by one.

    A code that somebody waits with counts nothing and takes nothing back: whoever guesses can begin one of their own.
    """

    def __init__(self, premises: Premises, guessing: Guessing) -> None:
        self._premises = premises
        self._guessing = guessing
        self._limit = guessing.limits.device_codes

    def refusal(self, transaction: Transaction, user: User, visitor: Visitor) -> Throttled | None:
        """When to come back, where too many were wrong for one more to be looked at."""
        account = account_key(user.id)
        key = counter_key(Purpose.DEVICE_CODES, account)
        found = counters.get(transaction, (key,)).get(key)
        refusal = blocked(found, self._limit, self._premises.now()) if found is not None else None
        return None if refusal is None else self._guessing.refused(transaction, refusal, visitor, user, account)

    def wrong(self, transaction: Transaction, user: User, visitor: Visitor, reason: Reason) -> None:
        """Count one, and keep it in the log."""
        key = counter_key(Purpose.DEVICE_CODES, account_key(user.id))
        found = counters.get(transaction, (key,)).get(key)
        counters.put(transaction, (counted(key, found, self._limit, self._premises.now()),))
        self._guessing.repeated.occurred(transaction, COMMAND_LINE_REFUSED, visitor, reason, user)
