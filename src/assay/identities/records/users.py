"""Records of people: names are unique in their canonical form, ids for ever."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Column, Index, Row, bindparam, func, select
from sqlalchemy.exc import IntegrityError

from assay.identities.confusables import skeleton
from assay.identities.user_names import canonical, name_refusal, new_name_refusal
from assay.identities.users import User, UserPage, user_refusal
from assay.policy.request import UserKind
from assay.store import Flag, Id, Instant, Prepared, Reader, Text, Topic, Transaction, readable, readable_one, table
from assay.store.pages import Field, Listed, Look, find_page, read_rows
from assay.store.text_search import has_text
from assay.values import ConflictError, InvalidInputError, NotFoundError, RefusedInputError, UserId
from assay.values.asking import Ask, Found

MAX_PAGE = 1000
MAX_SEARCH = 256

users = table(
    "users",
    Column("id", Id, primary_key=True),
    Column("user_key", Text, nullable=False, unique=True),
    Column("user_name", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("enabled", Flag, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("email", Text, nullable=False),
    Column("language", Text, nullable=False),
    # The form in which two names look alike; None for people of the release before, until it is filled in.
    Column("skeleton", Text, index=True),
    # What search looks through: canonical, because neither database folds case beyond ASCII by itself.
    Column("search_text", Text, nullable=False),
    *(
        Index(f"ix_users_{name}_user_key", name, "user_key")
        for name in ("display_name", "created_at", "email", "enabled", "kind")
    ),
)

# Ids of the dead: an id that came back would inherit grants and log entries of somebody else.
deleted_users = table(
    "deleted_users",
    Column("id", Id, primary_key=True),
    Column("deleted_at", Instant, nullable=False),
)


# Made once: building and hashing a statement costs more than running it.
_BY_ID: Final = Prepared(select(users).where(users.c.id == bindparam("wanted")))


def get(reader: Reader, user_id: UserId) -> User | None:
    """The person with this id."""
    return readable_one(reader, _BY_ID, user_of, {"wanted": user_id})


def by_name(reader: Reader, user_name: str) -> User | None:
    """The person with this name, however it is written."""
    return readable_one(reader, select(users).where(users.c.user_key == key_of(user_name)), user_of)


def key_of(user_name: str) -> str:
    """Under which key the person with this name is kept; "" is nobody's.

    What cannot be a name never reaches the database (PostgreSQL chokes on a NUL).
    """
    return canonical(user_name) if name_refusal(user_name) is None else ""


def several(reader: Reader, user_ids: Collection[UserId]) -> dict[UserId, User]:
    """Those of these people that there are and that can be read."""
    found = read_rows(reader, users, select(users), users.c.id, tuple(user_ids), user_of)
    return {user.id: user for user in found.values()}


def search(reader: Reader, *, text: str = "", after: str = "", limit: int = 100) -> UserPage:
    """At most `limit` (1 to 1000) people in the order of their names, those whose names or address hold `text`.

    Whose row cannot be read is left out, and told of as by lists.
    """
    if len(text) > MAX_SEARCH or not (text.isprintable() and after.isprintable()):
        return UserPage(users=(), after="")
    limit = min(max(limit, 1), MAX_PAGE)
    query = select(users.c.id, users.c.user_key).where(users.c.user_key > after).order_by(users.c.user_key)
    if text:
        query = query.where(users.c.search_text.contains(canonical(text), autoescape=True))
    places = reader.connection.execute(query.limit(limit + 1)).all()
    read = read_rows(reader, users, select(users), users.c.id, [place.id for place in places[:limit]], user_of)
    found = tuple(read[place.id] for place in places[:limit] if place.id in read)
    return UserPage(users=found, after=str(places[limit - 1].user_key) if len(places) > limit else "")


# How few people one value finds; an index begins with each.
_RANKS: Final = {"id": 0, "user_key": 0, "email": 1, "display_name": 1, "enabled": 5, "kind": 6}
FIELDS: Final[Mapping[str, Field]] = {
    name: Field(column=users.c[name], rank=_RANKS.get(name))
    for name in ("id", "user_key", "display_name", "kind", "enabled", "created_at", "email")
}


LISTED: Final = Listed(table=users, fields=FIELDS, key=("user_key",), look=Look(in_order=10_000, by_index=10_000))


def page(reader: Reader, ask: Ask) -> Found[User]:
    """The page that is asked for, by the names of FIELDS; `search` in names and addresses."""
    rows = select(users)
    if ask.search:
        rows = rows.where(has_text(users.c.search_text, canonical(ask.search)))
    return find_page(reader, LISTED, rows, ask, user_of)


def count(reader: Reader) -> int:
    """How many people there are, also those whose rows cannot be read."""
    return reader.connection.execute(select(func.count()).select_from(users)).scalar_one()


def ids(reader: Reader) -> frozenset[UserId]:
    """The ids of all people."""
    return frozenset(map(UserId, reader.connection.execute(select(users.c.id)).scalars()))


def everyone(reader: Reader) -> tuple[User, ...]:
    """All people whose rows can be read, in the order of their names, for what is kept in memory."""
    return readable(reader, users, select(users).order_by(users.c.user_key), user_of)


def insert(transaction: Transaction, user: User) -> None:
    """Add a person; raises ConflictError when the name is taken or confusable, or the id was ever used."""
    _check(user)
    _check_name(transaction, user)
    dead = select(deleted_users.c.id).where(deleted_users.c.id == user.id)
    if transaction.connection.execute(dead).one_or_none() is not None:
        raise ConflictError(f"the id {user.id} belonged to somebody who was deleted", remedy="use a new id")
    try:
        transaction.connection.execute(users.insert().values(id=user.id, **_columns(user)))
    except IntegrityError as error:
        raise _taken(user) from error
    transaction.changed(Topic.USER, user.id)


def update(transaction: Transaction, user: User) -> None:
    """Store everything of this person anew but when it was created; raises NotFoundError or ConflictError."""
    before = get(transaction, user.id)
    _check(user, before)
    if before is None or before.key != user.key:
        _check_name(transaction, user)
    statement = users.update().where(users.c.id == user.id).values(**_columns(user, created=False))
    try:
        stored = transaction.connection.execute(statement)
    except IntegrityError as error:
        raise _taken(user) from error
    if stored.rowcount != 1:
        raise _missing(user.id)
    transaction.changed(Topic.USER, user.id)


def set_enabled(transaction: Transaction, user_id: UserId, enabled: bool) -> None:
    """Let a person in or shut a person out; raises NotFoundError."""
    stored = transaction.connection.execute(users.update().where(users.c.id == user_id).values(enabled=enabled))
    if stored.rowcount != 1:
        raise _missing(user_id)
    transaction.changed(Topic.USER, user_id)


def delete(transaction: Transaction, user_id: UserId, at: datetime) -> None:
    """Forget a person with methods and memberships, and keep the id from coming back; raises NotFoundError."""
    gone = transaction.connection.execute(users.delete().where(users.c.id == user_id))
    if gone.rowcount != 1:
        raise _missing(user_id)
    transaction.connection.execute(deleted_users.insert().values(id=user_id, deleted_at=at))
    transaction.changed(Topic.USER, user_id)


def _check(user: User, before: User | None = None) -> None:
    refusal = user_refusal(user, before)
    if refusal is not None:
        raise RefusedInputError(refusal)


def _check_name(transaction: Transaction, user: User) -> None:
    """A new name must not look like somebody else's; raises InvalidInputError or ConflictError.

    Two ASCII names are told apart by who reads them: `user1` and `userl` may both be.
    """
    refusal = new_name_refusal(user.user_name)
    if refusal is not None:
        raise InvalidInputError(
            f"the user name {user.user_name!r} mixes scripts, such as Latin and Cyrillic",
            remedy="write all of it in one script",
        )
    _fill_skeletons(transaction)
    alike = select(users.c.user_name, users.c.user_key).where(
        users.c.skeleton == skeleton(user.key), users.c.user_key != user.key, users.c.id != user.id
    )
    for row in transaction.connection.execute(alike):
        if not (row.user_key.isascii() and user.key.isascii()):
            raise ConflictError(
                f"the user name {user.user_name!r} looks like {row.user_name!r}, which is somebody else's",
                remedy="choose a name that cannot be mistaken for it",
            )


def _fill_skeletons(transaction: Transaction) -> None:
    """People of the release before have none yet."""
    missing = transaction.connection.execute(select(users.c.id, users.c.user_key).where(users.c.skeleton.is_(None)))
    for row in missing.all():
        filled = users.update().where(users.c.id == row.id).values(skeleton=skeleton(row.user_key))
        transaction.connection.execute(filled)


def _columns(user: User, *, created: bool = True) -> dict[str, str | bool | datetime]:
    columns: dict[str, str | bool | datetime] = {
        "user_key": user.key,
        "user_name": user.user_name,
        "skeleton": skeleton(user.key),
        "display_name": user.display_name,
        "kind": user.kind.value,
        "enabled": user.enabled,
        "email": user.email,
        "language": user.language,
        "search_text": "\n".join((user.key, canonical(user.display_name), canonical(user.email))),
    }
    return columns | {"created_at": user.created_at} if created else columns


def user_of(row: Row[tuple[object, ...]]) -> User:
    """The person in a row of this table."""
    return User(
        id=UserId(row.id),
        user_name=row.user_name,
        display_name=row.display_name,
        kind=UserKind(row.kind),
        enabled=row.enabled,
        created_at=row.created_at,
        email=row.email,
        language=row.language,
    )


def _taken(user: User) -> ConflictError:
    return ConflictError(f"the user name {user.user_name!r} is taken", remedy="choose another name")


def _missing(user_id: UserId) -> NotFoundError:
    return NotFoundError(f"there is no person with the id {user_id}", remedy="list people with: assay users list")
