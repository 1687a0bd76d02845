"""The file of the master keys: outside the data directory, for its owner's eyes only."""

import os
import stat
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from assay.sealing.seal import KEY_BYTES, KEY_ID_BYTES, KeyId, Keyring, MasterKey, Random, new_master_key
from assay.values import AssayError, Stored

_FORMAT: Final = "assay-master-keys/1"
_NOTE: Final = (
    "Whoever reads this file can read every secret of this installation; without it nobody can. "
    "Back it up apart from the data directory."
)
_DEMO_NOTE: Final = "A demo's keys: made without care, never to be used for anything real."
_LIMIT: Final = 1 << 20
_MADE_OF: Final = KEY_ID_BYTES + KEY_BYTES


class KeyFileError(AssayError):
    """The key file is missing, unreadable, unsafe or damaged."""


class _StoredKey(Stored, frozen=True, kw_only=True):
    id: str
    created_at: datetime
    secret: bytes


class _StoredKeys(Stored, frozen=True, kw_only=True):
    format: str
    note: str
    demo: bool
    keys: tuple[_StoredKey, ...]


class KeyFile:
    """The master keys in one file; `create`, `load` and `rotate` are its whole life."""

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
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = new_master_key(self.random(_MADE_OF), at=at)
        draft = self._write_draft((key,), demo=demo)
        try:
            # A link never replaces: two first starts at once agree on one key.
            os.link(draft, self.path)
        except FileExistsError:
            raise KeyFileError(f"there is a master key at {self.path} already", remedy="use it, or move it") from None
        finally:
            draft.unlink()
        self._sync_directory()
        return Keyring(keys=(key,), random=self.random)

    def load(self) -> Keyring:
        """The keys; raises KeyFileError for a file that is missing, damaged, or not its owner's alone."""
        keys = tuple(
            MasterKey(id=KeyId(key.id), created_at=key.created_at, secret=key.secret) for key in self._read().keys
        )
        return Keyring(keys=keys, random=self.random)

    def is_demo(self) -> bool:
        """Whether these are a demo's keys; raises KeyFileError like `load`."""
        return self._read().demo

    def rotate(self, *, at: datetime) -> Keyring:
        """Add a new key that seals from now on; the older ones still open. Replaces the file at once or not at all."""
        stored = self._read()
        keys = (*self.load().keys, new_master_key(self.random(_MADE_OF), at=at))
        try:
            self._write_draft(keys, demo=stored.demo).replace(self.path)
        except OSError as error:
            raise KeyFileError(
                f"the master key {self.path} cannot be replaced: {error.strerror}",
                remedy="rotate where the file comes from (systemd credential, secret store), then start again",
            ) from error
        self._sync_directory()
        return Keyring(keys=keys, random=self.random)

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

    def _write_draft(self, keys: tuple[MasterKey, ...], *, demo: bool) -> Path:
        stored = _StoredKeys(
            format=_FORMAT,
            note=_DEMO_NOTE if demo else _NOTE,
            demo=demo,
            keys=tuple(_StoredKey(id=key.id, created_at=key.created_at, secret=key.secret) for key in keys),
        )
        draft = self.path.with_name(f".{self.path.name}.{self.random(8).hex()}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise KeyFileError(
                f"no master key can be written to {self.path.parent}: {error.strerror}",
                remedy="name a directory that you may write to with --master-key",
            ) from error
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(stored)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return draft

    def _sync_directory(self) -> None:
        descriptor = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def check_status(path: Path, status: os.stat_result, *, user: int) -> None:
    """Raises KeyFileError unless it is a regular file of root's or this user's that nobody else can reach."""
    if not stat.S_ISREG(status.st_mode):
        raise KeyFileError(f"the master key {path} is no regular file", remedy="name a file")
    if status.st_mode & 0o077:
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
