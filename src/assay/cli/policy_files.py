"""What commands about policies are given: files of policies, and what ids of elsewhere mean."""

import errno
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TextIO

import click

from assay.api.shapes.policies import FileShape, MapShape

if TYPE_CHECKING:
    from assay.policy.importers.source import SourceFile

SUFFIX: Final = ".json"


class _Mapping(click.ParamType[MapShape]):
    """`OLD=NEW`."""

    name = "old=new"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> MapShape:
        old, equals, new = str(value).partition("=")
        if not (equals and old.strip() and new.strip()):
            self.fail(f"{value!r} is no mapping; write OLD=NEW", param, ctx)
        return MapShape(old=old.strip(), new=new.strip())


map_option = click.option(
    "--map",
    "mapping",
    type=_Mapping(),
    multiple=True,
    help="An id of elsewhere and the id or name it means here; again for each.",
)


override_option = click.option(
    "--override", default="", metavar="REASON", help="Why an invariant of the owner may be broken; it is recorded."
)
waive_option = click.option("--waive", multiple=True, help="An id that may mean nobody and nothing; again for each.")


def files_of(paths: Iterable[Path]) -> "Iterator[SourceFile]":
    """Files, and every .json (in any case) below directories, by name; - is standard input.

    Of a file larger than an import reads, only so much that the import says so. What is below a directory and cannot
    be read is a file that says why; OSError where a path that was given itself cannot.
    """
    for path in paths:
        if path.is_dir():
            yield from _below(path)
        else:
            yield _file(name=name_of(path), content=octets_of(path))


def file_shape(file: "SourceFile") -> FileShape:
    """As the API takes it."""
    return FileShape(name=file.name, content=file.content, unreadable=file.unreadable)


def octets_of(path: Path) -> bytes:
    """One file, or standard input for -; OSError where it cannot be read."""
    return standard_input().read(_most()) if str(path) == "-" else content_of(path)


def name_of(path: str | Path) -> str:
    """A path as text that can be encoded: a name may be any octets."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def content_of(path: Path) -> bytes:
    """A file, and no more of it than is read of any."""
    with path.open("rb") as file:
        try:
            return file.read(_most())
        except OSError as error:
            # What a read says has no name, and without one it is taken for what could not be written.
            raise OSError(error.errno, error.strerror, str(path)) from error


def standard_input() -> BinaryIO:
    """Standard input; OSError where there is none."""
    # Python has none where it was closed before the start, whatever its types say.
    stream: TextIO | None = sys.stdin
    if stream is None:
        raise OSError(errno.EBADF, "it is closed", "standard input")
    return stream.buffer


def standard_output() -> BinaryIO:
    """Standard output; OSError where there is none."""
    stream: TextIO | None = sys.stdout
    if stream is None:
        raise OSError(errno.EBADF, "it is closed", "standard output")
    return stream.buffer


def _below(top: Path) -> "Iterator[SourceFile]":
    """By name, through links to directories too: what is not read may be what refuses. Nothing twice."""
    unread: list[tuple[Path, OSError]] = []
    found: list[Path] = []
    seen: set[tuple[int, int]] = set()
    _first(top, seen)
    for directory, inner, names in os.walk(top, onerror=lambda error: _remember(unread, error), followlinks=True):
        here = Path(directory)
        # A link that leads back up would be walked for ever.
        inner[:] = [name for name in inner if _first(here / name, seen)]
        found += [here / name for name in names if Path(name).suffix.lower() == SUFFIX]
    unreadable = dict(unread)
    for path in sorted([*found, *unreadable]):
        given = _given(path, seen) if path not in unreadable else _unreadable(path, unreadable[path])
        if given is not None:
            yield given


def _remember(unread: list[tuple[Path, OSError]], error: OSError) -> None:
    unread.append((Path(os.fsdecode(error.filename)), error))


def _first(path: Path, seen: set[tuple[int, int]]) -> bool:
    """Whether the file or directory is met for the first time; one that is not there is."""
    try:
        status = path.stat()
    except OSError:
        return True
    known = len(seen)
    seen.add((status.st_dev, status.st_ino))
    return len(seen) > known


def _given(path: Path, seen: set[tuple[int, int]]) -> "SourceFile | None":
    try:
        # A pipe would be waited for, a device never ends.
        if not stat.S_ISREG(path.stat().st_mode):
            return _file(name=name_of(path), unreadable="it is no regular file")
        return _file(name=name_of(path), content=content_of(path)) if _first(path, seen) else None
    except OSError as error:
        return _unreadable(path, error)


def _unreadable(path: Path, error: OSError) -> "SourceFile":
    return _file(name=name_of(path), unreadable=error.strerror or str(error))


def _file(name: str, *, content: bytes = b"", unreadable: str = "") -> "SourceFile":
    # Not above, here and below: the engine comes with it, and most commands about policies read no file.
    from assay.policy.importers.source import SourceFile

    return SourceFile(name=name, content=content, unreadable=unreadable)


def _most() -> int:
    """One octet more than an import reads of a file, so that it can say that there are more."""
    from assay.policy.importers.source import MAX_BYTES

    return MAX_BYTES + 1
