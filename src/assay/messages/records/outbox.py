"""Records of the outbox: written with the change that they tell of, taken by one node at a time, gone when sent."""

from datetime import datetime

from sqlalchemy import Column, ColumnElement, Index, Row, and_, delete, exists, func, or_, select, update

from assay.messages.message import Message, OutboxCount
from assay.messages.notice import Notice
from assay.store import Count, Id, Instant, Json, Reader, Text, Topic, Transaction, table
from assay.values import UserId

# More than any honest day brings; beyond it only alarms are taken, so that nobody fills the disk with notices.
LIMIT = 10_000
LIMIT_PER_RECIPIENT = 50

messages = table(
    "message",
    Column("id", Id, primary_key=True),
    # The order in which they were written; each recipient gets them in this order.
    Column("number", Count, nullable=False, unique=True),
    Column("user_id", Id, nullable=True),
    Column("name", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("notice", Text, nullable=False),
    Column("parameters", Json(tuple[tuple[str, str], ...]), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Count, nullable=False),
    Column("error", Text, nullable=False),
    Column("given_up_at", Instant, nullable=True),
    # Who sends it now, and until when nobody else may.
    Column("lease", Text, nullable=True),
    Column("leased_until", Instant, nullable=True),
    Index(None, "recipient", "number"),
    Index(None, "due_at"),
)
_WAITING = messages.c.given_up_at.is_(None)


def put(transaction: Transaction, message: Message, *, urgent: bool = False) -> bool:
    """Take a message in, last in its recipient's order; False when the outbox is full and it is not urgent."""
    # What was given up over a dead mail server keeps nobody untold once it is back: it has a bound of its own.
    waiting, of_recipient, given_up = _counted(transaction, message.recipient)
    if not urgent and (waiting >= LIMIT or of_recipient >= LIMIT_PER_RECIPIENT):
        return False
    if given_up > LIMIT:
        _forget_oldest_given_up(transaction, given_up - LIMIT)
    last = transaction.connection.execute(select(func.max(messages.c.number))).scalar_one()
    transaction.connection.execute(
        messages.insert().values(
            id=message.id,
            number=(last or 0) + 1,
            user_id=message.user_id,
            name=message.name,
            recipient=message.recipient,
            language=message.language,
            notice=message.notice.value,
            parameters=message.parameters,
            created_at=message.created_at,
            due_at=message.due_at,
            attempts=message.attempts,
            error=message.error,
        )
    )
    transaction.changed(Topic.MESSAGE, message.id)
    return True


def take(transaction: Transaction, *, lease: str, at: datetime, until: datetime, limit: int) -> tuple[Message, ...]:
    """At most `limit` messages that are due and that nobody else has, the first of each recipient; ours until then."""
    earlier = messages.alias("earlier")
    first = ~exists().where(
        earlier.c.recipient == messages.c.recipient,
        earlier.c.number < messages.c.number,
        earlier.c.given_up_at.is_(None),
    )
    found = transaction.connection.execute(
        select(messages)
        .where(_WAITING, messages.c.due_at <= at, _free(at), first)
        .order_by(messages.c.number)
        .limit(limit)
    ).all()
    return tuple(_message(row) for row in found if _lease(transaction, row.id, lease=lease, at=at, until=until))


def is_in_hand(reader: Reader) -> bool:
    """Whether anybody has a message in hand, or had when it was killed."""
    return reader.connection.execute(select(messages.c.id).where(messages.c.lease.is_not(None))).first() is not None


def let_go(transaction: Transaction) -> int:
    """End every lease; how many. For who knows that nobody who has one lives."""
    held = update(messages).where(messages.c.lease.is_not(None))
    return transaction.connection.execute(held.values(lease=None, leased_until=None)).rowcount


def sent(transaction: Transaction, message_id: str, *, lease: str) -> bool:
    """Forget a message that was handed on; False when somebody else has it meanwhile, or nobody any more."""
    gone = transaction.connection.execute(
        delete(messages).where(messages.c.id == message_id, messages.c.lease == lease)
    )
    return gone.rowcount == 1


def failed(
    transaction: Transaction, message_id: str, *, lease: str, error: str, due_at: datetime, given_up_at: datetime | None
) -> bool:
    """Note why a message could not be sent, and let go of it; `given_up_at` None: to be tried again at `due_at`."""
    statement = update(messages).where(messages.c.id == message_id, messages.c.lease == lease)
    values = {
        "attempts": messages.c.attempts + 1,
        "error": error,
        "due_at": due_at,
        "given_up_at": given_up_at,
        "lease": None,
        "leased_until": None,
    }
    return transaction.connection.execute(statement.values(values)).rowcount == 1


def again(transaction: Transaction, message_id: str, at: datetime) -> bool:
    """Try a message again from the beginning, also one that was given up; False when it is in somebody's hand."""
    statement = update(messages).where(messages.c.id == message_id)
    values = {"due_at": at, "given_up_at": None, "attempts": 0, "lease": None, "leased_until": None}
    changed = transaction.connection.execute(statement.where(_free(at)).values(values)).rowcount == 1
    transaction.changed(Topic.MESSAGE, message_id)
    return changed


def get(reader: Reader, message_id: str) -> Message | None:
    """One message that is still here."""
    row = reader.connection.execute(select(messages).where(messages.c.id == message_id)).one_or_none()
    return None if row is None else _message(row)


def every(reader: Reader, *, limit: int) -> tuple[Message, ...]:
    """At most `limit` messages that are still here, in the order in which they were written."""
    rows = reader.connection.execute(select(messages).order_by(messages.c.number).limit(limit))
    return tuple(_message(row) for row in rows)


def overdue(reader: Reader, *, at: datetime, limit: int) -> tuple[Message, ...]:
    """The oldest messages that wait and that nobody has in hand."""
    query = select(messages).where(_WAITING, _free(at)).order_by(messages.c.created_at).limit(limit)
    return tuple(_message(row) for row in reader.connection.execute(query))


def is_due(reader: Reader, *, at: datetime) -> bool:
    """Whether there is anything to send now; asked before a transaction is begun for it."""
    query = select(messages.c.id).where(_WAITING, messages.c.due_at <= at, _free(at)).limit(1)
    return reader.connection.execute(query).first() is not None


def drop_waiting(transaction: Transaction) -> int:
    """Remove what waits, where there is no way out; how many."""
    return transaction.connection.execute(delete(messages).where(_WAITING)).rowcount


def has_given_up(reader: Reader, *, before: datetime) -> bool:
    """Whether anything was given up before then."""
    query = select(messages.c.id).where(messages.c.given_up_at <= before).limit(1)
    return reader.connection.execute(query).first() is not None


def give_up(transaction: Transaction, message_id: str, *, at: datetime) -> bool:
    """Try a waiting message no more; False when it is not waiting."""
    statement = update(messages).where(messages.c.id == message_id, _WAITING)
    return transaction.connection.execute(statement.values(given_up_at=at, lease=None, leased_until=None)).rowcount == 1


def forget_given_up(transaction: Transaction, *, before: datetime) -> int:
    """Remove what was given up before then; how many."""
    gone = and_(messages.c.given_up_at.is_not(None), messages.c.given_up_at <= before)
    return transaction.connection.execute(delete(messages).where(gone)).rowcount


def forget_user(transaction: Transaction, user_id: UserId) -> None:
    """Remove what still waits for a person who is gone: the address may be somebody else's soon."""
    transaction.connection.execute(delete(messages).where(messages.c.user_id == user_id))


def count(reader: Reader) -> OutboxCount:
    """How full the outbox is."""
    row = reader.connection.execute(
        select(
            func.count().filter(_WAITING),
            func.count().filter(messages.c.given_up_at.is_not(None)),
        ).select_from(messages)
    ).one()
    oldest = select(messages.c.created_at).where(_WAITING).order_by(messages.c.number).limit(1)
    return OutboxCount(waiting=row[0], given_up=row[1], oldest=reader.connection.execute(oldest).scalar_one_or_none())


def _counted(reader: Reader, recipient: str) -> tuple[int, int, int]:
    """How many wait, how many of them for this recipient, and how many were given up."""
    found = reader.connection.execute(
        select(
            func.count().filter(_WAITING),
            func.count().filter(_WAITING, messages.c.recipient == recipient),
            func.count().filter(~_WAITING),
        ).select_from(messages)
    ).one()
    return found[0], found[1], found[2]


def _forget_oldest_given_up(transaction: Transaction, number: int) -> None:
    """The log has the events of them."""
    oldest = select(messages.c.id).where(~_WAITING).order_by(messages.c.number).limit(number)
    transaction.connection.execute(delete(messages).where(messages.c.id.in_(oldest)))


def _free(at: datetime) -> ColumnElement[bool]:
    return or_(messages.c.leased_until.is_(None), messages.c.leased_until <= at)


def _lease(transaction: Transaction, message_id: str, *, lease: str, at: datetime, until: datetime) -> bool:
    statement = update(messages).where(messages.c.id == message_id, _free(at))
    return transaction.connection.execute(statement.values(lease=lease, leased_until=until)).rowcount == 1


def _message(row: Row[*tuple[object, ...]]) -> Message:
    return Message(
        id=row.id,
        number=row.number,
        user_id=None if row.user_id is None else UserId(row.user_id),
        name=row.name,
        recipient=row.recipient,
        language=row.language,
        notice=Notice(row.notice),
        parameters=row.parameters,
        created_at=row.created_at,
        due_at=row.due_at,
        attempts=row.attempts,
        error=row.error,
        given_up_at=row.given_up_at,
    )
