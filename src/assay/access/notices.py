"""Tell people what happened to their account: a message in the outbox, in the transaction of what it tells of."""

from datetime import datetime
from typing import Final

from assay.access.premises import Premises
from assay.events import About, Actor, occurrence
from assay.events.types import MESSAGE_DROPPED
from assay.identities.users import User
from assay.messages.message import Message
from assay.messages.notice import ALARMS, Notice
from assay.messages.records import outbox
from assay.store import Transaction
from assay.values import Reason

# A parameter may hold what a stranger sent, such as a program's name; a message is no place for more of it.
PARAMETER_LIMIT: Final = 200


def tell(
    premises: Premises, transaction: Transaction, user: User, notice: Notice, *, at: datetime, **parameters: str
) -> None:
    """Put a notice to this person in the outbox; nothing for a person without a mail address.

    Never raises for what `parameters` hold: it is cut and cleaned where it is rendered. Sends nothing itself.
    """
    if not user.email:
        return
    message = Message(
        id=premises.new_id(),
        user_id=user.id,
        name=user.display_name,
        recipient=user.email,
        language=user.language,
        notice=notice,
        parameters=tuple(sorted((name, value[:PARAMETER_LIMIT]) for name, value in parameters.items())),
        created_at=at,
        due_at=at,
    )
    if outbox.put(transaction, message, urgent=notice in ALARMS):
        return
    about = About(user_id=user.id, user_name=user.user_name)
    reason = Reason.of("outboxFull", notice=notice.value)
    premises.record(transaction, occurrence(MESSAGE_DROPPED, at=at, actor=Actor.system(), about=about, reason=reason))
