"""Pasts that were lived already, kept under the user's cache directory: a database, its key, what the simulator knows.

The key lies beside what it seals: it is a demo's, says so itself, and guards nothing but a demo.
"""

import contextlib
import hashlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import platformdirs

import assay
from assay.places import DEMO_NAME, Places
from assay.sealing import KeyFile
from assay.simulator.afresh import held, refuse_others
from assay.simulator.company import Size
from assay.simulator.past import FORMAT, Past
from assay.values import AssayError, Value

logger = logging.getLogger("assay.simulator")
# What a past is made by; how it is looked at later (pages, console, command line, gateway) leaves it as it is.
ROOMS: Final = (
    *("access", "apps", "events", "governance", "identities", "messages", "network"),
    *("policy", "sealing", "server", "sessions", "simulator", "store", "values"),
)
DATABASE, KEY, CHECKPOINTS, PAST = "assay.db", "master-key.json", "checkpoints.txt", "past.json"
# To live through what is missing takes longer each day; from here on the whole is lived anew.
OLDEST: Final = timedelta(days=7)
KEPT: Final = 3
REMEDY: Final = "make room there, or name another directory with XDG_CACHE_HOME"
_DRAFT: Final = ".draft-"
_DRAFT_SECONDS: Final = 86_400.0
_BLOCK: Final = 1 << 20


class Manifest(Value, frozen=True, kw_only=True):
    """A past as it is kept; `digest` is SHA-256 of the database, in hex."""

    past: Past
    digest: str


class PastCache:
    """Pasts of one seed, size and base domain, made by this release's own code."""

    def __init__(self, *, seed: int, size: Size, base_domain: str, directory: Path | None = None) -> None:
        root = directory or default_root()
        made_by = f"{FORMAT}/{sources_digest()}/{seed}/{size.people}/{size.days}/{base_domain}"
        self._root = root
        self._entry = root / hashlib.sha256(made_by.encode()).hexdigest()[:24]

    def until(self, present: datetime) -> datetime | None:
        """The last instant of what `take` finds at this present; None where it finds nothing."""
        try:
            manifest = self._manifest()
            intact = _fits(manifest, present) and _digest(self._entry / DATABASE) == manifest.digest
        except (OSError, msgspec.MsgspecError):
            return None
        return manifest.past.until if intact else None

    def take(self, places: Places, present: datetime) -> Past | None:
        """Put what is kept into an installation that holds nothing yet; None where nothing fits this present.

        A cache that is damaged is as good as none. Raises AssayError where there is what is no demo's, or one runs.
        """
        refuse_others(places)
        try:
            manifest = self._manifest()
            if not _fits(manifest, present):
                return None
            for directory in (places.data, places.master_key.parent, places.checkpoints.parent):
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except (OSError, msgspec.MsgspecError) as error:
            self._say_unusable(error)
            return None
        with held(places):
            return manifest.past if self._put(places, manifest) else None

    def _put(self, places: Places, manifest: Manifest) -> bool:
        try:
            if _copied(self._entry / DATABASE, places.database) != manifest.digest:
                places.database.unlink()
                logger.warning("the past in %s is damaged; it is lived anew", self._entry)
                return False
            _copied(self._entry / CHECKPOINTS, places.checkpoints)
            self._take_key(places)
        except (OSError, msgspec.MsgspecError, AssayError) as error:
            places.database.unlink(missing_ok=True)
            places.checkpoints.unlink(missing_ok=True)
            self._say_unusable(error)
            return False
        return True

    def _say_unusable(self, error: Exception) -> None:
        if not isinstance(error, FileNotFoundError):
            logger.warning("the past in %s cannot be used: %s; it is lived anew", self._entry, error)

    def keep(self, places: Places, past: Past) -> bool:
        """Keep an installation that is stopped, in place of what was kept; False where that cannot be written."""
        try:
            with _draft(self._root) as draft:
                digest = _copied(places.database, draft / DATABASE)
                _copied(places.master_key, draft / KEY)
                _copied(places.checkpoints, draft / CHECKPOINTS)
                _write(draft / PAST, msgspec.json.encode(Manifest(past=past, digest=digest)))
                shutil.rmtree(self._entry, ignore_errors=True)
                draft.rename(self._entry)
            self._forget_others()
        except OSError as error:
            logger.warning("the past cannot be kept in %s for the next start: %s", self._root, error)
            return False
        return True

    def _manifest(self) -> Manifest:
        return msgspec.json.decode((self._entry / PAST).read_bytes(), type=Manifest)

    def _take_key(self, places: Places) -> None:
        kept = KeyFile(self._entry / KEY, data_directory=places.data).load().keys
        file = KeyFile(places.master_key, data_directory=places.data)
        if file.exists():
            file.adopt(kept)
        else:
            file.restore(kept, demo=True)

    def _forget_others(self) -> None:
        """Other sizes, and what other releases made: the newest few stay."""
        entries = [each for each in self._root.iterdir() if (each / PAST).exists()]
        for old in sorted(entries, key=lambda each: (each / PAST).stat().st_mtime, reverse=True)[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)


def default_root() -> Path:
    """Where pasts are kept unless somebody says otherwise."""
    return Path(platformdirs.user_cache_dir(DEMO_NAME))


@contextlib.contextmanager
def draft_directory() -> Iterator[Path]:
    """A directory beside what is kept, to live a past in; raises AssayError where there cannot be one."""
    try:
        stack = contextlib.ExitStack()
        directory = stack.enter_context(_draft(default_root()))
    except OSError as error:
        raise AssayError(f"pasts cannot be kept in {default_root()}: {error.strerror}", remedy=REMEDY) from error
    with stack:
        yield directory


@contextlib.contextmanager
def _draft(root: Path) -> Iterator[Path]:
    """A directory that is gone afterwards, unless it was moved; what a killed process left long ago goes too."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in root.glob(f"{_DRAFT}*"):
        if time.time() - left.stat().st_mtime > _DRAFT_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=root))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _fits(manifest: Manifest, present: datetime) -> bool:
    return timedelta(0) <= present - manifest.past.until <= OLDEST


def sources_digest() -> str:
    """SHA-256 of all source that a past is made by, in hex."""
    hashed = hashlib.sha256()
    root = Path(assay.__file__).parent
    for room in ROOMS:
        for file in sorted((root / room).rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                content = file.read_bytes()
                hashed.update(f"{file.relative_to(root)}\0{len(content)}\0".encode() + content)
    return hashed.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copied(source: Path, target: Path) -> str:
    """Copy a file for its owner alone; SHA-256 of what was copied, in hex."""
    hashed = hashlib.sha256()
    with source.open("rb") as old, open(target, "wb", opener=_private) as new:
        while block := old.read(_BLOCK):
            hashed.update(block)
            new.write(block)
    return hashed.hexdigest()


def _write(path: Path, content: bytes) -> None:
    with open(path, "wb", opener=_private) as file:
        file.write(content)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
