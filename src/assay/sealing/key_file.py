"""The file of the master keys: outside the data directory, for its owner's eyes only."""

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from assay.sealing.seal import KEY_BYTES, KEY_ID_BYTES, KeyId, Keyring, MasterKey, Random, new_master_key
from assay.sealing.secret_file import exposed
from assay.values import AssayError, Stored

_FORMAT: Final = "assay-master-keys/1"
_NOTE: Final = (
    "Whoever reads this file can read every secret of this installation; without it nobody can. "
    "Back it up apart from the data directory."
)
_DEMO_NOTE: Final = "A demo's keys: made without care, never to be used for anything real."
_LIMIT: Final = 1 << 20
_MADE_OF: Final = KEY_ID_BYTES + KEY_BYTES
_DRAFT_BYTES: Final = 8
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)
# A systemd credential, a secret store: what comes from there is changed there.
READ_ONLY: Final = (
    "write the new file beside with --write-to FILE, put it where this one comes from (systemd credential, secret "
    "store) on every node, and restart them"
)


class KeyFileError(AssayError):
    """The key file is missing, unreadable, unsafe or damaged."""


class _StoredKey(Stored, frozen=True, kw_only=True):
    id: str
    created_at: datetime
    secret: bytes
    # None: at once. Later, so that every node can open with it before the first seals.
    seals_from: datetime | None = None


class _StoredKeys(Stored, frozen=True, kw_only=True):
    format: str
    note: str
    demo: bool
    keys: tuple[_StoredKey, ...]


class KeyFile:
    """The master keys in one file; `create`, `load`, `add` and `remove` are its whole life."""

    def __init__(self, path: Path, *, data_directory: Path, random: Random = os.urandom) -> None:
        """Raises KeyFileError where the file would lie inside the data directory."""
        self.path = path
        self.random = random
        # A backup of the data directory would carry the key along with what it protects.
        if path.resolve().is_relative_to(data_directory.resolve()):
            raise KeyFileError(
                f"the master key {path} lies inside the data directory {data_directory}",
                remedy="move it elsewhere and name it with --master-key; it must not be backed up with the data",
            )

    def exists(self) -> bool:
        return self.path.exists()

    def create(self, *, at: datetime, demo: bool = False) -> Keyring:
        """Write a new file with one key, mode 0600; raises KeyFileError where one exists already."""
        self._make_directory()
        key = new_master_key(self.random(_MADE_OF), at=at)
        with self._draft((key,), demo=demo, where=self.path) as draft:
            try:
                # A link never replaces: two first starts at once agree on one key.
                os.link(draft, self.path)
            except FileExistsError:
                raise KeyFileError(
                    f"there is a master key at {self.path} already", remedy="use it, or move it"
                ) from None
        self._sync_directory(self.path)
        return Keyring(keys=(key,), random=self.random)

    def load(self, *, at: datetime | None = None) -> Keyring:
        """The keys; raises KeyFileError for a file that is missing, damaged, or not its owner's alone.

        A key that seals only after `at` opens already; None: the last one in the file seals.
        """
        keys = self._master_keys()
        if at is not None:
            # The last one seals: those whose time has not come stand before those whose time has.
            keys = tuple(sorted(keys, key=lambda key: key.seals_from <= at))
        return Keyring(keys=keys, random=self.random)

    def is_demo(self) -> bool:
        """Whether these are a demo's keys; raises KeyFileError like `load`."""
        return self._read().demo

    def add(self, *, at: datetime, seals_from: datetime | None = None, into: Path | None = None) -> KeyId:
        """Add a new key that seals from an instant on; the older ones still open. Its id.

        Replaces the file at once or not at all; `into` is written in its place where the file itself comes from
        elsewhere, and must not exist.
        """
        new = new_master_key(self.random(_MADE_OF), at=at, seals_from=seals_from)
        self._replace((*self._master_keys(), new), into=into)
        return new.id

    def adopt(self, keys: Collection[MasterKey]) -> None:
        """Put keys of another file before our own: they open what they sealed, and the same key seals as before."""
        mine = self._master_keys()
        known = {key.id for key in mine}
        others = tuple(key for key in keys if key.id not in known)
        if others:
            self._replace((*others, *mine), into=None)

    def remove(self, ids: Collection[KeyId], *, into: Path | None = None) -> None:
        """Take keys out of the file; the caller knows that nothing is sealed with them. Raises KeyFileError."""
        left = tuple(key for key in self._master_keys() if key.id not in ids)
        if not left:
            raise KeyFileError("the last master key stays", remedy="rotate first: assay keys rotate master")
        self._replace(left, into=into)

    def restore(self, keys: Collection[MasterKey], *, demo: bool = False) -> None:
        """Write a new file with these keys; raises KeyFileError where one exists already."""
        self._make_directory()
        self._replace(tuple(keys), into=self.path, demo=demo)

    def _make_directory(self) -> None:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise KeyFileError(
                f"{self.path.parent} cannot be made: {error.strerror}", remedy=self._remedy(error)
            ) from error

    def _master_keys(self) -> tuple[MasterKey, ...]:
        return tuple(
            MasterKey(
                id=KeyId(key.id),
                created_at=key.created_at,
                seals_from=key.seals_from or key.created_at,
                secret=key.secret,
            )
            for key in self._read().keys
        )

    def _replace(self, keys: tuple[MasterKey, ...], *, into: Path | None, demo: bool | None = None) -> None:
        if into is not None and into.exists():
            raise KeyFileError(f"there is a file at {into} already", remedy="move it away, or name another")
        where = into or self.path
        with self._draft(keys, demo=self._read().demo if demo is None else demo, where=where) as draft:
            try:
                draft.replace(where)
            except OSError as error:
                raise KeyFileError(
                    f"the master key {where} cannot be replaced: {error.strerror}", remedy=READ_ONLY
                ) from error
        self._sync_directory(where)

    def _read(self) -> _StoredKeys:
        try:
            descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY)
        except OSError as error:
            raise KeyFileError(
                f"the master key {self.path} cannot be read: {error.strerror}",
                remedy="restore it from its backup; a new key cannot open what the old one sealed",
            ) from error
        with os.fdopen(descriptor, "rb") as file:
            check_status(self.path, os.fstat(file.fileno()), user=os.geteuid())
            content = file.read(_LIMIT)
        try:
            stored = msgspec.json.decode(content, type=_StoredKeys)
        except msgspec.DecodeError as error:
            raise self._damaged(str(error)) from error
        if stored.format != _FORMAT:
            raise self._damaged(f"its format is {stored.format!r}")
        if not stored.keys or any(len(key.secret) != KEY_BYTES or not _is_id(key.id) for key in stored.keys):
            raise self._damaged("a key in it is incomplete")
        if len({key.id for key in stored.keys}) != len(stored.keys):
            raise self._damaged("a key is in it twice")
        return stored

    def _damaged(self, why: str) -> KeyFileError:
        return KeyFileError(f"the master key {self.path} is damaged: {why}", remedy="restore it from its backup")

    @contextlib.contextmanager
    def _draft(self, keys: tuple[MasterKey, ...], *, demo: bool, where: Path) -> Iterator[Path]:
        """These keys on the disk under another name, which is gone afterwards, however that ends."""
        stored = _StoredKeys(
            format=_FORMAT,
            note=_DEMO_NOTE if demo else _NOTE,
            demo=demo,
            keys=tuple(
                _StoredKey(id=key.id, created_at=key.created_at, secret=key.secret, seals_from=key.seals_from)
                for key in keys
            ),
        )
        _forget_drafts(where)
        draft = where.with_name(f".{where.name}.{self.random(_DRAFT_BYTES).hex()}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise KeyFileError(
                f"no master key can be written to {where.parent}: {error.strerror}", remedy=self._remedy(error)
            ) from error
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            try:
                # Held until it is over: a draft that nobody holds is of a process that was killed.
                fcntl.flock(file, fcntl.LOCK_EX)
                left = memoryview(msgspec.json.format(msgspec.json.encode(stored)) + b"\n")
                while left:
                    left = left[file.write(left) :]
                os.fsync(file.fileno())
                yield draft
            except OSError as error:
                raise KeyFileError(
                    f"the master key cannot be written to {where.parent}: {error.strerror}; nothing was changed",
                    remedy=self._remedy(error),
                ) from error
            finally:
                draft.unlink(missing_ok=True)

    def _remedy(self, error: OSError) -> str:
        if error.errno in _NO_ROOM:
            return f"make room in {self.path.parent}, or write elsewhere; then try again"
        return READ_ONLY if self.exists() else "name a directory that you may write to with --master-key"

    def _sync_directory(self, where: Path) -> None:
        descriptor = os.open(where.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _forget_drafts(where: Path) -> None:
    """Remove what a process left behind that was killed while it wrote: there are secrets in it."""
    for draft in where.parent.glob(f".{where.name}.{'?' * 2 * _DRAFT_BYTES}"):
        with contextlib.suppress(OSError):
            descriptor = os.open(draft, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                draft.unlink()
            finally:
                os.close(descriptor)


def check_status(path: Path, status: os.stat_result, *, user: int) -> None:
    """Raises KeyFileError unless it is a regular file of root's or this user's that nobody else can reach."""
    if not stat.S_ISREG(status.st_mode):
        raise KeyFileError(f"the master key {path} is no regular file", remedy="name a file")
    if exposed(status):
        raise KeyFileError(
            f"the master key {path} can be read by others (mode {stat.S_IMODE(status.st_mode):04o})",
            remedy=f"run: chmod 600 {path} - and rotate it if somebody may have read it",
        )
    if status.st_uid not in (0, user):
        raise KeyFileError(
            f"the master key {path} belongs to user {status.st_uid}, who could replace it",
            remedy=f"run: chown {user} {path}",
        )


def _is_id(text: str) -> bool:
    return len(text) == 2 * KEY_ID_BYTES and all(digit in "0123456789abcdef" for digit in text)
