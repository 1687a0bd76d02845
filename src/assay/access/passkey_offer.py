"""A passkey is offered to who signs in with a password and a code: now and then, and never in the way."""

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from assay.identities.methods.summary import MethodSummary
from assay.identities.records import methods, offers, totp
from assay.identities.records.offers import PASSKEY, Offer
from assay.store import Reader, Transaction
from assay.values import UserId

QUIET: Final = timedelta(days=30)


def mentioned(held: MethodSummary, offer: Offer, at: datetime) -> bool:
    """Whether the own page mentions it."""
    lacking = held.password and held.totp and not held.passkeys
    return lacking and (offer.quiet_until is None or offer.quiet_until <= at)


def due_on_the_way(reader: Reader, user_id: UserId, at: datetime) -> bool:
    """Whether it is time to ask on the way to an app: at most once in thirty days, and not right after enrolment."""
    held = methods.summary(reader, user_id)
    if held.passkeys:
        return False
    offer, app = offers.get(reader, user_id, PASSKEY), totp.get(reader, user_id)
    if app is None or not mentioned(held, offer, at):
        return False
    last = offer.made_at or app.confirmed_at or app.created_at
    return last + QUIET <= at


def made(transaction: Transaction, user_id: UserId, at: datetime) -> None:
    """It was asked on the way."""
    offers.put(transaction, user_id, PASSKEY, replace(offers.get(transaction, user_id, PASSKEY), made_at=at))


def put_off(transaction: Transaction, user_id: UserId, at: datetime) -> None:
    """The person wants to hear nothing of it for thirty days."""
    kept = offers.get(transaction, user_id, PASSKEY)
    offers.put(transaction, user_id, PASSKEY, replace(kept, quiet_until=at + QUIET))
