"""What commands about policies are given: files of policies, and what ids of elsewhere mean."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import click

from assay.api.shapes.policies import MapShape
from assay.policy.importers.source import MAX_BYTES

SUFFIX: Final = ".json"
_MOST: Final = MAX_BYTES + 1


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


def files_of(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Files, and every .json (in any case) below directories, by name; - is standard input.

    Of a file larger than an import reads, only so much that the import says so.
    """
    for path in paths:
        if str(path) == "-":
            yield "-", sys.stdin.buffer.read(_MOST)
        elif path.is_dir():
            for each in sorted(each for each in path.rglob("*") if each.suffix.lower() == SUFFIX and each.is_file()):
                yield str(each), _content(each)
        else:
            yield str(path), _content(path)


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST)
