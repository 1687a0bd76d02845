"""Rows that cannot be read: shown to whoever runs the service, and taken out one by one for a reason, as an event."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import msgspec

from assay.access.administrators import keeping_one
from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.damage import consequence, loosening
from assay.access.end_sessions import end_sessions_of
from assay.access.premises import Premises
from assay.access.signals import read_everything
from assay.apps.records import apps, credentials
from assay.events import About, Entity, change
from assay.events.types import ROW_REMOVED
from assay.governance.assignments import Holder
from assay.governance.records import assignments, break_glass, policies, public_paths, rollouts
from assay.identities.records import groups, users
from assay.messages.records import outbox
from assay.network.records import locations
from assay.sessions.records import expired
from assay.sessions.session import EndReason
from assay.store import DamagedRow, Reader, Topic, Transaction, raw_row, remove_row
from assay.values import (
    AppId,
    GroupId,
    InvalidInputError,
    LocationId,
    NotFoundError,
    PolicyId,
    Reason,
    SessionId,
    UserId,
    Value,
)

MAX_REASON: Final = 500
# Tables whose rows have a flow, and things that hang on them.
_OWN: Final = frozenset({"users", "user_groups", "app", "policy", "named_location"})
# Tables whose rows have no flow of their own by id alone: what is told when one goes, and the column that is its key.
_TOLD: Final[Mapping[str, tuple[Topic, str]]] = {
    "app_assignment": (Topic.ASSIGNMENT, "app_id"),
    "role_assignment": (Topic.ROLE, "role_id"),
    "public_path": (Topic.APP_ACCESS, "app_id"),
    "app_credential": (Topic.APP_ACCESS, "app_id"),
    "authentication_strength": (Topic.POLICY, "id"),
    "policy_rollout": (Topic.POLICY, "policy_id"),
    "proxy": (Topic.APP_ACCESS, "id"),
    "session": (Topic.SESSION, "id"),
}


class Damage(Value, frozen=True, kw_only=True):
    """A row that cannot be read, what is refused for it, and what it holds, column by column as the database has it.

    `loosens`: without it more may be allowed than with it.
    """

    row: DamagedRow
    follows: str
    loosens: bool
    content: tuple[tuple[str, str | None], ...]


class RemovedRow(Value, frozen=True, kw_only=True):
    """What the log keeps: which row, and the SHA-256 of what it held, which may be a secret."""

    table: str
    key: str
    error: str
    content_hash: str


class Mend:
    """The flow behind `assay damage`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def every(self) -> tuple[Damage, ...]:
        """Every row that cannot be read now."""
        return await self._premises.store.read_long(
            lambda reader: tuple(_damage(reader, row) for row in self._found(reader))
        )

    async def show(self, table: str, key: str) -> Damage:
        """One of them; raises NotFoundError, also for a row that can be read."""
        return await self._premises.store.read_long(lambda reader: self._one(reader, table, key))

    async def remove(self, by: By, table: str, key: str, *, why: str, loosens: bool = False) -> Damage | NotDone:
        """Take one out, with what hangs on it; what it was, for whoever makes it anew.

        `loosens`: whoever asks knows that more may be allowed without it. Raises NotFoundError for a row that is not
        there or can be read, InvalidInputError without a reason.
        """
        if not why.strip() or len(why) > MAX_REASON:
            raise InvalidInputError(
                f"a row is taken out for a reason of at most {MAX_REASON} characters", remedy="say why with --reason"
            )

        def take_out(transaction: Transaction) -> Damage:
            found = self._one(transaction, table, key)
            if table not in _OWN and table not in _TOLD:
                raise UndoneError(Reason.of("damageOfLog", table=table))
            if found.loosens and not loosens:
                raise UndoneError(Reason.of("damageLoosens", table=table))
            keeping_one(transaction, lambda: self._remove(transaction, found, by))
            self._record(transaction, found, by, why)
            return found

        return await attempt(self._premises.store, take_out, urgent=True)

    def _remove(self, transaction: Transaction, found: Damage, by: By) -> None:
        key, at = found.row.key, self._premises.now()
        match found.row.table:
            case "users":
                self._remove_person(transaction, UserId(key), by)
            case "user_groups":
                _remove_group(transaction, GroupId(key))
            case "app":
                self._remove_app(transaction, AppId(key))
            case "policy":
                policies.remove(transaction, PolicyId(key), at)
            case "named_location":
                locations.remove(transaction, LocationId(key))
            case other:
                topic, column = _TOLD[other]
                if other == "session":
                    expired.forget_copies(transaction, SessionId(key))
                remove_row(transaction, found.row)
                transaction.changed(topic, dict(found.content)[column] or "")

    def _remove_person(self, transaction: Transaction, user_id: UserId, by: By) -> None:
        if user_id in break_glass.user_ids(transaction):
            raise UndoneError(Reason.of("breakGlassAccount"))
        end_sessions_of(self._premises, transaction, user_id, EndReason.USER_DELETED, by)
        assignments.remove_holder(transaction, Holder.user(user_id))
        outbox.forget_user(transaction, user_id)
        users.delete(transaction, user_id, self._premises.now())

    def _remove_app(self, transaction: Transaction, app_id: AppId) -> None:
        assignments.unassign_everybody(transaction, app_id)
        public_paths.remove_app(transaction, app_id, self._premises.now())
        credentials.remove_app(transaction, app_id)
        apps.remove(transaction, app_id)

    def _record(self, transaction: Transaction, found: Damage, by: By, why: str) -> None:
        row = found.row
        before = RemovedRow(
            table=row.table,
            key=row.key,
            error=row.error,
            content_hash=sha256(msgspec.json.encode(found.content)).hexdigest(),
        )
        event = change(
            ROW_REMOVED,
            at=self._premises.now(),
            actor=by.actor,
            about=About(entity=Entity(uid=f"{row.table}/{row.key}", type="row")),
            before=before,
            after=None,
            reason=Reason.of("damagedRow", why=why),
        )
        self._premises.record(transaction, event)

    def _found(self, reader: Reader) -> tuple[DamagedRow, ...]:
        """What decisions are made without, and what lists have left out."""
        # No decision is made by them, so that nothing reads all of them before somebody asks.
        rollouts.every(reader)
        skipped = {(row.table, row.key): row for row in self._premises.store.skipped.still(reader)}
        missed = {(row.table, row.key): row for rows in read_everything(reader).damaged.values() for row in rows}
        return tuple((skipped | missed).values())

    def _one(self, reader: Reader, table: str, key: str) -> Damage:
        for row in self._found(reader):
            if (row.table, row.key) == (table, key):
                return _damage(reader, row)
        raise NotFoundError(
            f"no row {key!r} of a table {table!r} is damaged; only one that cannot be read is taken out here",
            remedy="list them with: assay damage list",
        )


def _remove_group(transaction: Transaction, group_id: GroupId) -> None:
    assignments.remove_holder(transaction, Holder.group(group_id))
    groups.delete(transaction, group_id)


def _damage(reader: Reader, row: DamagedRow) -> Damage:
    return Damage(row=row, follows=consequence(row), loosens=loosening(row.table), content=raw_row(reader, row))
