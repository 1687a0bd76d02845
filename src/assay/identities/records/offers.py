"""Records of what was offered to a person on the own pages, and until when they do not want to hear of it."""

from datetime import datetime
from typing import Final

from sqlalchemy import Column, ForeignKey, select

from assay.store import Id, Instant, Reader, Text, Transaction, table
from assay.values import UserId, Value

PASSKEY: Final = "passkey"

own_offer = table(
    "own_offer",
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("offer", Text, primary_key=True),
    Column("made_at", Instant, nullable=True),
    Column("quiet_until", Instant, nullable=True),
)


class Offer(Value, frozen=True, kw_only=True):
    """When something was last offered on the way in, and until when it is not mentioned at all."""

    made_at: datetime | None = None
    quiet_until: datetime | None = None


def get(reader: Reader, user_id: UserId, offer: str) -> Offer:
    """How it stands with this offer; of one that was never made both instants are None."""
    query = select(own_offer).where(own_offer.c.user_id == user_id, own_offer.c.offer == offer)
    row = reader.connection.execute(query).one_or_none()
    return Offer() if row is None else Offer(made_at=row.made_at, quiet_until=row.quiet_until)


def put(transaction: Transaction, user_id: UserId, offer: str, kept: Offer) -> None:
    """Keep how it stands with this offer."""
    mine = own_offer.c.user_id == user_id, own_offer.c.offer == offer
    transaction.connection.execute(own_offer.delete().where(*mine))
    transaction.connection.execute(
        own_offer.insert().values(user_id=user_id, offer=offer, made_at=kept.made_at, quiet_until=kept.quiet_until)
    )
