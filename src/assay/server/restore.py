"""Restore a backup into an empty place: nothing that was ended or removed since comes back unseen."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from assay.access.premises import Addresses, Premises
from assay.clock import Clock
from assay.events import Verification, Verifier, verify_log
from assay.events.note import read_checkpoints, without_larger
from assay.places import Places
from assay.sealing.backup_header import BackupError
from assay.sealing.records.keys import master_keys_in_use
from assay.server.backup_format import CERTIFICATES, CHECKPOINTS, MASTER_KEY, KeptFile, Manifest, Piece
from assay.server.data_directory import lock, open_master_key
from assay.server.keys import complete_keys, verifiers_of
from assay.server.read_backup import Contents, read_pieces, verify_backup
from assay.server.settle import Restored, settle
from assay.server.tombstones import mark_restored
from assay.store import Database, Dialect, Store, Transaction
from assay.store.database import WRITERS_KEY
from assay.store.dump import TableHead, TableRows, load, table_rows
from assay.store.migrate import current, current_revision, upgrade_empty, upgrade_loaded
from assay.values import Value

_DRAFT: Final = ".restoring"


class _Newer(Value, frozen=True, kw_only=True):
    """What checkpoints outside know beyond the backup: how many records, the notes that say so, and the others."""

    records: int = 0
    notes: str = ""
    kept: str = ""


class _Loaded(Value, frozen=True, kw_only=True):
    """What a transaction that is about to commit made."""

    restored: Restored
    newer: _Newer
    verifiers: tuple[Verifier, ...]


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
                loaded = await self._load(contents, keep_sessions=keep_sessions, say=say)
            except BaseException:
                self._undo()
                raise
            # Last: until the restore stands, the file outside says what it said.
            aside = self._put_aside(loaded.newer)
            say("verifying the log")
            verdict = await self._verify(loaded.verifiers)
            return Restoration(restored=loaded.restored, manifest=contents.manifest, verdict=verdict, aside=aside)
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
                raise _occupied()

    async def _load(self, contents: Contents, *, keep_sessions: bool, say: Callable[[str], None]) -> _Loaded:
        """Load and settle in one transaction: nobody ever finds the rows of then with what was ended since alive."""
        draft = self._places.database.with_name(f"{self._places.database.name}{_DRAFT}")
        draft.unlink(missing_ok=True)
        database = Database(self._database) if self._database else Database.at(draft)
        engine = database.migrating()
        store = Store(database)
        try:
            with engine.begin() as connection:
                self._fill(connection, contents)
                say("ending, revoking and removing again what was since")
                loaded = self._settle(store, Transaction(connection), contents.manifest, keep_sessions=keep_sessions)
        finally:
            engine.dispose()
            await store.close()
        # Only now: a restore that failed leaves nothing that could be taken for a database.
        if not self._database:
            draft.replace(self._places.database)
            _sync_directory(self._places.database.parent)
        return loaded

    def _fill(self, connection: Connection, contents: Contents) -> None:
        if connection.dialect.name == Dialect.POSTGRESQL:
            # A node that starts meanwhile waits, and finds it done.
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_KEY})")
        if current(connection) is not None:
            raise _occupied()
        upgrade_empty(connection, contents.manifest.schema)
        load(connection, self._tables())
        if table_rows(connection) != contents.rows:
            raise BackupError("not every row of the backup could be restored")
        upgrade_loaded(connection)

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

    def _settle(self, store: Store, transaction: Transaction, manifest: Manifest, *, keep_sessions: bool) -> _Loaded:
        places, at = self._places, self._clock.now()
        file = open_master_key(places, holds_data=bool(master_keys_in_use(transaction)), demo=False, at=at)
        keyring = file.load(at=at)
        keys = complete_keys(transaction, keyring, self._clock)
        premises = Premises(
            store=store,
            clock=self._clock,
            random=secrets.token_bytes,
            addresses=Addresses(base=manifest.base_domain, port=manifest.port),
            keyring=lambda: keyring,
            derivation=lambda: keys.derivation,
        )
        verifiers = verifiers_of(keys.signing, f"assay/id.{manifest.base_domain}")
        newer = self._newer_checkpoints(manifest, verifiers)
        restored = settle(
            premises,
            transaction,
            manifest,
            places.tombstones,
            rolled_back=newer.records,
            keep_sessions=keep_sessions,
        )
        if places.tombstones.exists():
            # Before the commit: a mark of a restore that came to nothing has records read twice, one that is missing
            # has removals missed.
            mark_restored(places.tombstones, manifest.log_size, at)
        return _Loaded(restored=restored, newer=newer, verifiers=verifiers)

    async def _verify(self, verifiers: Sequence[Verifier]) -> Verification:
        checkpoints = self._places.checkpoints
        outside = checkpoints.read_text(encoding="utf-8") if checkpoints.exists() else ""
        store = Store(Database(self._database) if self._database else Database.at(self._places.database))
        try:
            return await store.read_long(lambda reader: verify_log(reader, verifiers=verifiers, outside=outside))
        finally:
            await store.close()

    def _newer_checkpoints(self, manifest: Manifest, verifiers: Sequence[Verifier]) -> _Newer:
        if not self._places.checkpoints.exists():
            return _Newer()
        text = self._places.checkpoints.read_text(encoding="utf-8", errors="replace")
        kept, notes = without_larger(text, manifest.log_size)
        largest = max((point.size for point in read_checkpoints(notes, verifiers)), default=0)
        return _Newer(records=largest - manifest.log_size, notes=notes, kept=kept) if largest else _Newer()

    def _put_aside(self, newer: _Newer) -> Path | None:
        """Newer checkpoints go into a file of their own, which is there before they are gone from theirs."""
        if not newer.records:
            return None
        outside = self._places.checkpoints
        aside = outside.with_name(f"{outside.name}.rolled-back-{self._clock.now():%Y%m%dT%H%M%SZ}")
        _replace(aside, newer.notes.encode())
        _replace(outside, newer.kept.encode())
        return aside


def _occupied() -> BackupError:
    return BackupError("the database has tables already", remedy="restore into an empty database")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)


def _replace(path: Path, content: bytes) -> None:
    """The whole content or what was there before, whenever the power goes."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
