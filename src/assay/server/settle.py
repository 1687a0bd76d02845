"""What a restored database must hold before anybody may be served from it, in the transaction that loads it."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from assay.access.app_credentials import AppCredentials
from assay.access.attempt import By, UndoneError
from assay.access.built_in_apps import BUILT_IN, built_in_app
from assay.access.end_sessions import end_sessions_of
from assay.access.guessing import Guessing
from assay.access.people import People
from assay.access.premises import Premises
from assay.apps import App
from assay.apps.records import apps, credentials
from assay.events import About, Actor, Entity, change
from assay.events.types import BACKUP_RESTORED, USER_DISABLED
from assay.identities.guessing import GuessingLimits
from assay.identities.records import users
from assay.identities.users import User
from assay.server.backup_format import Manifest
from assay.server.tombstones import removed_people, revoked_credentials
from assay.sessions.session import EndReason
from assay.store import Reader, Transaction
from assay.store.dump import forget_rows
from assay.values import AppId, CredentialId, Reason, UserId, Value

# Good once, or of a moment that is over: none of it may be good again.
_OF_A_MOMENT: Final = ("ticket", "device_code", "passkey_challenges", "enrolment_passes", "message", "node")
_SESSIONS: Final = ("app_session",)


class Restored(Value, frozen=True, kw_only=True):
    """What the log keeps of a restore.

    `rolled_back`: how many records checkpoints outside know of that the backup lacks; they happened, and are gone.
    `disabled_instead`: who was removed since, and cannot be, such as the last administrator of then.
    """

    taken_at: datetime
    records: int
    rolled_back: int
    people_removed_again: int
    sessions_ended: int
    disabled_instead: tuple[UserId, ...] = ()


def settle(
    premises: Premises,
    transaction: Transaction,
    manifest: Manifest,
    tombstones: Path,
    *,
    rolled_back: int,
    keep_sessions: bool,
) -> Restored:
    """End, revoke and remove what the backup would bring back, and record the restore last."""
    by = _by("backupRestored")
    forget_rows(transaction.connection, _OF_A_MOMENT if keep_sessions else (*_OF_A_MOMENT, *_SESSIONS))
    ended = () if keep_sessions else end_sessions_of(premises, transaction, None, EndReason.REVOKED, by)
    _revoke_again(premises, transaction, revoked_credentials(tombstones))
    removed, disabled = _remove_again(premises, transaction, removed_people(tombstones))
    restored = Restored(
        taken_at=manifest.taken_at,
        records=manifest.log_size,
        rolled_back=rolled_back,
        people_removed_again=removed,
        sessions_ended=len(ended),
        disabled_instead=disabled,
    )
    event = change(
        BACKUP_RESTORED,
        at=premises.now(),
        actor=by.actor,
        about=About(entity=Entity(uid="backup", type="backup")),
        before=None,
        after=restored,
        reason=by.reason,
    )
    premises.record(transaction, event)
    return restored


def _revoke_again(premises: Premises, transaction: Transaction, revoked: Iterable[CredentialId]) -> None:
    flow = AppCredentials(premises)
    for credential_id in revoked:
        found = credentials.get(transaction, credential_id)
        app = None if found is None else _app_of(transaction, found.app_id)
        if found is not None and app is not None and found.revoked_at is None:
            flow.revoke_in(transaction, _by("revokedBefore"), app, found)


def _app_of(reader: Reader, app_id: AppId) -> App | None:
    """The app of a credential; the API's tokens belong to one that is no row."""
    return built_in_app(app_id) if app_id in BUILT_IN else apps.get(reader, app_id)


def _remove_again(
    premises: Premises, transaction: Transaction, gone: Iterable[UserId]
) -> tuple[int, tuple[UserId, ...]]:
    """How many were removed, and who was disabled because a rule keeps them."""
    people, count = People(premises, Guessing(premises, GuessingLimits())), 0
    by = _by("removedBefore")
    disabled: list[UserId] = []
    for user_id in dict.fromkeys(gone):
        user = users.get(transaction, user_id)
        if user is None:
            continue
        savepoint = transaction.connection.begin_nested()
        try:
            people.remove_in(transaction, by, user_id)
        except UndoneError:
            savepoint.rollback()
            _shut_out(premises, transaction, user, by)
            disabled.append(user_id)
        else:
            savepoint.commit()
            count += 1
    return count, tuple(disabled)


def _shut_out(premises: Premises, transaction: Transaction, user: User, by: By) -> None:
    """Whoever it is: who holds the host can make somebody else administrator, and this person must not come back."""
    end_sessions_of(premises, transaction, user.id, EndReason.USER_DISABLED, by)
    if not user.enabled:
        return
    users.set_enabled(transaction, user.id, False)
    event = change(
        USER_DISABLED,
        at=premises.now(),
        actor=by.actor,
        about=About(user_id=user.id, user_name=user.user_name),
        before=user,
        after=replace(user, enabled=False),
        reason=by.reason,
    )
    premises.record(transaction, event)


def _by(reason: str) -> By:
    return By(actor=Actor.system(), reason=Reason.of(reason))
