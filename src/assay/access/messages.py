"""The outbox, as administrators see it, and a test of the way out."""

from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.premises import Premises
from assay.events import About, occurrence
from assay.events.types import MESSAGE_RETRIED, MESSAGE_TESTED
from assay.messages.deliver import Delivery
from assay.messages.message import Message, OutboxCount
from assay.messages.notice import Notice
from assay.messages.outcome import Attempt
from assay.messages.records import outbox
from assay.store import Reader, Transaction
from assay.values import InvalidInputError, NotFoundError, Reason, Value
from assay.values.mailbox import mailbox

SHOWN = 1_000


class Outbox(Value, frozen=True, kw_only=True):
    """What waits and what was given up; `error`: why nothing gets out at the moment, "" while it does."""

    messages: tuple[Message, ...]
    count: OutboxCount
    configured: bool
    error: str


class Messages:
    """The flow behind `assay messages`."""

    def __init__(self, premises: Premises, delivery: Delivery) -> None:
        self._premises = premises
        self._delivery = delivery

    async def waiting(self) -> Outbox:
        """What is in the outbox, in the order in which it was written."""

        def look(reader: Reader) -> Outbox:
            return Outbox(
                messages=outbox.every(reader, limit=SHOWN),
                count=outbox.count(reader),
                configured=self._delivery.configured,
                error=self._delivery.last_error,
            )

        return await self._premises.store.read(look)

    async def show(self, message_id: str) -> Message:
        """One message; raises NotFoundError, also for one that was delivered."""
        return await self._premises.store.read(lambda reader: _found(reader, message_id))

    async def retry(self, by: By, message_id: str) -> Message | NotDone:
        """Try a message now, also one that was given up; raises NotFoundError."""
        at = self._premises.now()

        def again(transaction: Transaction) -> Message:
            message = _found(transaction, message_id)
            if not outbox.again(transaction, message.id, at):
                raise UndoneError(Reason.of("messageInHand"))
            about = About(user_id=message.user_id, user_name=message.name)
            event = occurrence(MESSAGE_RETRIED, at=at, actor=by.actor, about=about, reason=by.reason)
            self._premises.record(transaction, event)
            return _found(transaction, message.id)

        return await attempt(self._premises.store, again)

    async def test(self, by: By, address: str) -> Attempt:
        """Send a test message to an address at once, past the outbox; raises InvalidInputError for a bad address."""
        if mailbox(address) is None:
            raise InvalidInputError(f"{address!r} is no plain mail address", remedy="use one such as you@example.com")
        at = self._premises.now()
        message = Message(
            id=self._premises.new_id(),
            user_id=None,
            name=address.partition("@")[0],
            recipient=address,
            notice=Notice.TEST,
            created_at=at,
            due_at=at,
        )
        event = occurrence(
            MESSAGE_TESTED, at=at, actor=by.actor, about=About(), reason=Reason.of("messageTest", to=address)
        )
        await self._premises.store.write(lambda transaction: self._premises.record(transaction, event))
        return await self._delivery.send_now(message)


def _found(reader: Reader, message_id: str) -> Message:
    message = outbox.get(reader, message_id.lower())
    if message is None:
        raise NotFoundError(
            f"there is no message {message_id!r} in the outbox; what was delivered is not kept",
            remedy="list them with: assay messages list",
        )
    return message
