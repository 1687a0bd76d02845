"""The tables of sessions and of their copies on app hosts."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Row,
    and_,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    select,
    type_coerce,
    update,
)

from assay.policy.request import Proof
from assay.sessions.session import AppSession, EndReason, Session, SessionKind
from assay.store import (
    Count,
    Id,
    Instant,
    Json,
    Octets,
    Prepared,
    Reader,
    Text,
    Topic,
    Transaction,
    readable,
    readable_one,
    table,
)
from assay.store.columns import EPOCH, MICROSECOND
from assay.store.pages import Field, Listed, Look, find_page
from assay.values import AppId, SessionId, UserId
from assay.values.asking import Ask, Found

# SQLite takes no more parameters than 32,766 in one statement.
_AT_ONCE: Final = 1_000

session_table = table(
    "session",
    Column("id", Id, primary_key=True),
    Column("user_id", Id, nullable=False, index=True),
    Column("secret_hash", Octets, nullable=False, unique=True),
    Column("started_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False, index=True),
    Column("idle_seconds", Count, nullable=False),
    Column("proofs", Json(tuple[Proof, ...]), nullable=False),
    Column("address", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default=SessionKind.BROWSER.value),
    Column("ended_at", Instant, nullable=True),
    Column("end_reason", Text, nullable=True),
)

app_session_table = table(
    "app_session",
    Column("secret_hash", Octets, primary_key=True),
    Column("session_id", Id, nullable=False, index=True),
    Column("app_id", Id, nullable=False),
    Column("started_at", Instant, nullable=False),
)


def _until() -> ColumnElement[object]:
    """`Session.expires_at` in SQL, in the words of the index: databases know an expression again by them."""
    ends = type_coerce(session_table.c.ends_at, BigInteger)
    return cast("ColumnElement[object]", type_coerce(case((ends < _idle_at(), ends), else_=_idle_at()), Instant))


def _idle_at() -> ColumnElement[int]:
    columns = session_table.c
    return type_coerce(columns.last_seen_at, BigInteger) + columns.idle_seconds * _SECOND


_SECOND: Final[ColumnElement[int]] = literal_column("1000000", BigInteger)
_OPEN: Final = session_table.c.ended_at.is_(None)
# Those that have ended stay for long; of lists and their orders they are no part. On PostgreSQL neither: said here,
# it would load all that SQLAlchemy knows of it (store/upsert.py).
for _name, _first in (
    ("started_at", session_table.c.started_at),
    ("last_seen_at", session_table.c.last_seen_at),
    ("expires_at", _until()),
):
    Index(f"ix_session_open_{_name}", _first, session_table.c.id, sqlite_where=_OPEN)

# Made once: building and hashing a statement costs more than running it.
_INSERT_SESSION: Final = Prepared(insert(session_table))
_BY_ID: Final = Prepared(select(session_table).where(session_table.c.id == bindparam("wanted")))
_BY_SECRET: Final = Prepared(select(session_table).where(session_table.c.secret_hash == bindparam("wanted")))


def insert_session(transaction: Transaction, session: Session, secret_hash: bytes) -> None:
    """Keep a new session; `sessions/issue.py` alone calls this."""
    # Nobody is told: what did not exist before this commit is in no memory and on no open connection.
    _INSERT_SESSION.run(
        transaction,
        {
            "id": session.id,
            "user_id": session.user_id,
            "secret_hash": secret_hash,
            "started_at": session.started_at,
            "last_seen_at": session.last_seen_at,
            "ends_at": session.ends_at,
            "idle_seconds": session.idle // timedelta(seconds=1),
            "proofs": session.proofs,
            "address": session.address,
            "user_agent": session.user_agent,
            "kind": session.kind.value,
        },
    )


def replace_proofs(
    transaction: Transaction,
    session_id: SessionId,
    *,
    proofs: tuple[Proof, ...],
    held: bytes,
    secret_hash: bytes,
    at: datetime,
) -> bool:
    """Keep what is proved now under a new secret; False when the session has ended or changed its secret meanwhile."""
    result = transaction.connection.execute(
        update(session_table)
        .where(
            session_table.c.id == session_id,
            session_table.c.secret_hash == held,
            session_table.c.ended_at.is_(None),
        )
        .values(proofs=proofs, secret_hash=secret_hash, last_seen_at=at)
    )
    transaction.changed(Topic.SESSION, session_id)
    return result.rowcount == 1


def end(transaction: Transaction, session_id: SessionId, *, reason: EndReason, at: datetime) -> bool:
    """End a session; False when it had ended."""
    result = transaction.connection.execute(
        update(session_table)
        .where(session_table.c.id == session_id, session_table.c.ended_at.is_(None))
        .values(ended_at=at, end_reason=reason.value)
    )
    transaction.changed(Topic.SESSION, session_id)
    return result.rowcount == 1


def seen(transaction: Transaction, last_seen: Mapping[SessionId, datetime]) -> None:
    """Keep when sessions were last used; never moves an instant back, tells no one."""
    if not last_seen:
        return
    statement = (
        update(session_table)
        .where(session_table.c.id == bindparam("session"), session_table.c.last_seen_at < bindparam("seen"))
        .values(last_seen_at=bindparam("seen"))
    )
    transaction.connection.execute(
        statement, [{"session": session_id, "seen": at} for session_id, at in last_seen.items()]
    )


def insert_app_session(transaction: Transaction, app_session: AppSession, secret_hash: bytes) -> None:
    """Keep a session's copy on an app's host; `sessions/issue.py` alone calls this."""
    transaction.connection.execute(
        insert(app_session_table).values(
            secret_hash=secret_hash,
            session_id=app_session.session_id,
            app_id=app_session.app_id,
            started_at=app_session.started_at,
        )
    )


def get(reader: Reader, session_id: SessionId) -> Session | None:
    """The session with this id; one that cannot be read is none, here and below."""
    return readable_one(reader, _BY_ID, session_of, {"wanted": session_id})


def several(reader: Reader, session_ids: Collection[SessionId]) -> dict[SessionId, Session | None]:
    """These sessions, None for one that is not stored."""
    found: dict[SessionId, Session | None] = dict.fromkeys(session_ids)
    wanted = tuple(found)
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(session_table).where(session_table.c.id.in_(wanted[start : start + _AT_ONCE]))
        for session in readable(reader, session_table, query, session_of):
            found[session.id] = session
    return found


def by_secret(reader: Reader, secret_hash: bytes) -> Session | None:
    """The session whose secret has this hash, ended or not."""
    return readable_one(reader, _BY_SECRET, session_of, {"wanted": secret_hash})


def app_session_by_secret(reader: Reader, secret_hash: bytes) -> tuple[AppSession, Session] | None:
    """The app session whose secret has this hash, with the session it hangs on."""
    query = (
        select(session_table, app_session_table.c.app_id, app_session_table.c.started_at.label("app_started_at"))
        .join(app_session_table, app_session_table.c.session_id == session_table.c.id)
        .where(app_session_table.c.secret_hash == secret_hash)
    )
    return readable_one(reader, query, _app_session_of)


def open_sessions(
    reader: Reader, at: datetime, *, user_id: UserId | None = None, limit: int = 1_000
) -> tuple[Session, ...]:
    """Sessions that are alive at this instant, newest first."""
    query = (
        select(session_table)
        .where(session_table.c.ended_at.is_(None), session_table.c.ends_at > at)
        .order_by(session_table.c.started_at.desc(), session_table.c.id)
        .limit(limit)
    )
    if user_id is not None:
        query = query.where(session_table.c.user_id == user_id)
    sessions = readable(reader, session_table, query, session_of)
    return tuple(session for session in sessions if session.alive(at))


# How few sessions one value finds; an index begins with each.
_RANKS: Final = {"id": 0, "user_id": 1}
FIELDS: Final[Mapping[str, Field]] = {
    name: Field(column=session_table.c[name], rank=_RANKS.get(name))
    for name in ("id", "user_id", "started_at", "last_seen_at", "address", "kind")
} | {"expires_at": Field(column=_until())}

_LISTED: Final = Listed(table=session_table, fields=FIELDS, key=("id",), look=Look(in_order=10_000, by_index=10_000))


def page(reader: Reader, ask: Ask, at: datetime) -> Found[Session]:
    """The page of sessions that are alive at this instant, by the names of FIELDS."""
    return find_page(reader, _LISTED, select(session_table).where(_alive(at)), ask, session_of)


def count_open(reader: Reader, at: datetime, user_ids: Collection[UserId] | None = None) -> dict[UserId, int]:
    """How many sessions people have that are alive at this instant; of everybody where nobody is named."""
    query = select(session_table.c.user_id, func.count()).where(_alive(at)).group_by(session_table.c.user_id)
    if user_ids is not None:
        query = query.where(session_table.c.user_id.in_(user_ids))
    return {UserId(row[0]): row[1] for row in reader.connection.execute(query)}


def apps_of(reader: Reader, session_ids: Collection[SessionId]) -> dict[SessionId, tuple[AppId, ...]]:
    """The apps to whose hosts these sessions were carried, in order of their ids; at most a page of sessions."""
    columns = app_session_table.c
    query = (
        select(columns.session_id, columns.app_id)
        .where(columns.session_id.in_(session_ids))
        .distinct()
        .order_by(columns.app_id)
    )
    found: dict[SessionId, list[AppId]] = {}
    for session_id, app_id in reader.connection.execute(query):
        found.setdefault(SessionId(session_id), []).append(AppId(app_id))
    return {session_id: tuple(ids) for session_id, ids in found.items()}


def _alive(at: datetime) -> ColumnElement[bool]:
    """`Session.alive` in SQL: instants are kept in microseconds."""
    columns = session_table.c
    return and_(columns.ended_at.is_(None), columns.ends_at > at, _idle_at() > (at - EPOCH) // MICROSECOND)


def _app_session_of(row: Row[tuple[object, ...]]) -> tuple[AppSession, Session]:
    session = session_of(row)
    return AppSession(session_id=session.id, app_id=AppId(row.app_id), started_at=row.app_started_at), session


def session_of(row: Row[tuple[object, ...]]) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        started_at=row.started_at,
        last_seen_at=row.last_seen_at,
        ends_at=row.ends_at,
        idle=timedelta(seconds=row.idle_seconds),
        proofs=row.proofs,
        address=row.address,
        user_agent=row.user_agent,
        kind=SessionKind(row.kind),
        ended_at=row.ended_at,
        end_reason=None if row.end_reason is None else EndReason(row.end_reason),
    )
