"""Restore a backup into an empty place: nothing that was ended or removed since comes back unseen."""

import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from assay.access.app_credentials import AppCredentials
from assay.access.attempt import By, NotDone
from assay.access.end_sessions import end_sessions_of
from assay.access.guessing import Guessing
from assay.access.people import People
from assay.access.premises import Addresses, Premises
from assay.apps.records import apps, credentials
from assay.clock import Clock
from assay.events import About, Actor, Entity, Verification, Verifier, change, verify_log
from assay.events.note import read_checkpoints, without_larger
from assay.events.types import BACKUP_RESTORED
from assay.identities.guessing import GuessingLimits
from assay.identities.records import users
from assay.places import Places
from assay.sealing.backup_header import BackupError
from assay.server.backup_format import CERTIFICATES, CHECKPOINTS, MASTER_KEY, KeptFile, Manifest, Piece
from assay.server.data_directory import lock, lock_database
from assay.server.keys import ServiceKeys, open_keys
from assay.server.read_backup import Contents, read_pieces, verify_backup
from assay.server.settings import ServiceSettings
from assay.server.tombstones import mark_restored, removed_people, revoked_credentials
from assay.sessions.session import EndReason
from assay.store import Database, Store, Transaction
from assay.store.dump import TableHead, TableRows, forget_rows, load, table_rows
from assay.store.migrate import current_revision, upgrade, upgrade_empty
from assay.values import NotFoundError, Reason, Value

# Good once, or of a moment that is over: none of it may be good again.
_OF_A_MOMENT: Final = ("ticket", "passkey_challenges", "enrolment_passes", "message", "node")
_SESSIONS: Final = ("app_session",)
_DRAFT: Final = ".restoring"


class Restored(Value, frozen=True, kw_only=True):
    """What the log keeps of a restore.

    `rolled_back`: how many records checkpoints outside know of that the backup lacks; they happened, and are gone.
    """

    taken_at: datetime
    records: int
    rolled_back: int
    people_removed_again: int
    sessions_ended: int


class Restoration(Value, frozen=True, kw_only=True):
    """The outcome: what was done, the log's verdict, and where newer checkpoints were put aside."""

    restored: Restored
    manifest: Manifest
    verdict: Verification
    aside: Path | None = None


class Restore:
    """One restore of a backup's file into places that are empty."""

    def __init__(
        self, path: Path, places: Places, clock: Clock, *, passphrase: str = "", identity: str = "", database: str = ""
    ) -> None:
        self._path = path
        self._places = places
        self._clock = clock
        self._passphrase = passphrase
        self._identity = identity
        self._database = database
        self._kept: list[Path] = []

    async def run(
        self, *, keep_sessions: bool = False, verifiers: Sequence[Verifier] = (), say: Callable[[str], None]
    ) -> Restoration:
        """Raises BackupError where the target is not empty or the backup not whole; then nothing was changed."""
        say("reading the backup whole")
        contents = verify_backup(self._path, passphrase=self._passphrase, identity=self._identity, verifiers=verifiers)
        self._refuse_non_empty()
        release = lock(self._places)
        try:
            say(f"restoring {sum(contents.rows.values())} rows and {contents.manifest.log_size} records")
            try:
                self._load(contents)
            except BaseException:
                self._undo()
                raise
            return await self._settle(contents.manifest, keep_sessions=keep_sessions, say=say)
        finally:
            release()

    def _refuse_non_empty(self) -> None:
        there = [path for path in (self._places.database, self._places.certificates) if path.exists()]
        if self._places.master_key.exists():
            there.append(self._places.master_key)
        if there:
            raise BackupError(
                f"there is something at {there[0]} already",
                remedy="restore into an empty --data directory and a new --master-key, or move what is there away",
            )
        if self._database:
            database = Database(self._database)
            try:
                occupied = current_revision(database) is not None
            finally:
                database.close()
            if occupied:
                raise BackupError("the database has tables already", remedy="restore into an empty database")

    def _load(self, contents: Contents) -> None:
        draft = self._places.database.with_name(f"{self._places.database.name}{_DRAFT}")
        draft.unlink(missing_ok=True)
        database = Database(self._database) if self._database else Database.at(draft)
        engine = database.migrating()
        try:
            with engine.begin() as connection:
                upgrade_empty(connection, contents.manifest.schema)
                load(connection, self._tables())
                if table_rows(connection) != contents.rows:
                    raise BackupError("not every row of the backup could be restored")
        finally:
            engine.dispose()
            database.close()
        # Only now: a restore that failed leaves nothing that could be taken for a database.
        if not self._database:
            draft.replace(self._places.database)

    def _tables(self) -> Iterator[TableHead | TableRows]:
        for piece in self._pieces():
            if isinstance(piece, KeptFile):
                self._keep(piece)
            elif isinstance(piece, TableHead | TableRows):
                yield piece

    def _pieces(self) -> Iterator[Piece]:
        return read_pieces(self._path, passphrase=self._passphrase, identity=self._identity)

    def _keep(self, file: KeptFile) -> None:
        """Names are looked up, never joined: a backup cannot write where it likes."""
        places = self._places
        if file.name == MASTER_KEY:
            self._keep_at(places.master_key, file.content)
        elif file.name == CHECKPOINTS and not places.checkpoints.exists():
            self._keep_at(places.checkpoints, file.content)
        elif file.name.startswith(CERTIFICATES):
            domain, _, name = file.name.removeprefix(CERTIFICATES).partition("/")
            if domain.strip(".") and name.strip(".") and "/" not in name and "\\" not in file.name:
                self._keep_at(places.certificates / domain / name, file.content)

    def _keep_at(self, path: Path, content: bytes) -> None:
        self._kept.append(path)
        _write(path, content)

    def _undo(self) -> None:
        """What was put beside a database that did not come to be goes again: the next try finds an empty place."""
        for path in self._kept:
            path.unlink(missing_ok=True)
        shutil.rmtree(self._places.certificates, ignore_errors=True)
        for path in self._places.data.glob(f"{self._places.database.name}{_DRAFT}*"):
            path.unlink()

    async def _settle(self, manifest: Manifest, *, keep_sessions: bool, say: Callable[[str], None]) -> Restoration:
        database = Database(self._database) if self._database else Database.at(self._places.database)
        unlock = lock_database(database)
        upgrade(database)
        store = Store(database)
        try:
            settings = ServiceSettings(
                places=self._places, base_domain=manifest.base_domain, port=manifest.port, database=self._database
            )
            origin = f"assay/id.{manifest.base_domain}"
            keys = await open_keys(store, settings, self._clock, origin=origin)
            premises = self._premises(store, keys, manifest)
            newer, aside = self._newer_checkpoints(manifest, keys.verifiers())
            say("removing again who was removed since")
            gone = await self._remove_again(premises)
            restored = await store.write(
                lambda transaction: self._record(
                    premises, transaction, manifest, newer, gone, keep_sessions=keep_sessions
                )
            )
            await store.write(partial(self._revoke_again, premises))
            if self._tombstones.exists():
                mark_restored(self._tombstones, manifest.log_size, self._clock.now())
            say("verifying the log")
            outside = self._places.checkpoints.read_text(encoding="utf-8") if self._places.checkpoints.exists() else ""
            verdict = await store.read_long(
                lambda reader: verify_log(reader, verifiers=keys.verifiers(), outside=outside)
            )
            return Restoration(restored=restored, manifest=manifest, verdict=verdict, aside=aside)
        finally:
            await store.close()
            unlock()

    def _premises(self, store: Store, keys: ServiceKeys, manifest: Manifest) -> Premises:
        return Premises(
            store=store,
            clock=self._clock,
            random=secrets.token_bytes,
            addresses=Addresses(base=manifest.base_domain, port=manifest.port),
            keyring=lambda: keys.keyring,
            derivation=lambda: keys.derivation,
        )

    @property
    def _tombstones(self) -> Path:
        return self._places.tombstones

    def _newer_checkpoints(self, manifest: Manifest, verifiers: Sequence[Verifier]) -> tuple[int, Path | None]:
        """How many records the outside knows of beyond the backup; its newer checkpoints are put aside, not lost."""
        outside = self._places.checkpoints
        if not outside.exists():
            return 0, None
        text = outside.read_text(encoding="utf-8", errors="replace")
        kept, newer = without_larger(text, manifest.log_size)
        largest = max((point.size for point in read_checkpoints(newer, verifiers)), default=0)
        if not largest:
            return 0, None
        aside = outside.with_name(f"{outside.name}.rolled-back-{self._clock.now():%Y%m%dT%H%M%SZ}")
        _write(aside, newer.encode())
        _write(outside, kept.encode())
        return largest - manifest.log_size, aside

    async def _remove_again(self, premises: Premises) -> int:
        people, count = People(premises, Guessing(premises, GuessingLimits())), 0
        for user_id in removed_people(self._tombstones):
            if await premises.store.read(partial(users.get, user_id=user_id)) is None:
                continue
            try:
                outcome = await people.remove(_by("removedBefore"), user_id)
            except NotFoundError:
                continue
            if isinstance(outcome, NotDone):
                raise BackupError(
                    f"{user_id} was removed after the backup and cannot be removed again: {outcome.reason.code}",
                    remedy="make somebody else an administrator in the restored service, then remove them",
                )
            count += 1
        return count

    def _revoke_again(self, premises: Premises, transaction: Transaction) -> None:
        flow = AppCredentials(premises)
        for credential_id in revoked_credentials(self._tombstones):
            found = credentials.get(transaction, credential_id)
            app = None if found is None else apps.get(transaction, found.app_id)
            if found is not None and app is not None and found.revoked_at is None:
                flow.revoke_in(transaction, _by("revokedBefore"), app, found)

    def _record(
        self,
        premises: Premises,
        transaction: Transaction,
        manifest: Manifest,
        newer: int,
        gone: int,
        *,
        keep_sessions: bool,
    ) -> Restored:
        by = _by("backupRestored")
        forget_rows(transaction.connection, _OF_A_MOMENT if keep_sessions else (*_OF_A_MOMENT, *_SESSIONS))
        ended = () if keep_sessions else end_sessions_of(premises, transaction, None, EndReason.REVOKED, by)
        restored = Restored(
            taken_at=manifest.taken_at,
            records=manifest.log_size,
            rolled_back=newer,
            people_removed_again=gone,
            sessions_ended=len(ended),
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


def _by(reason: str) -> By:
    return By(actor=Actor.system(), reason=Reason.of(reason))


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)
