"""The console's files as they were built, and what is said where they were not."""

import mimetypes
import re
from pathlib import Path
from typing import Final

from assay.values import Value

# Vite names what it builds by its content: such a file never changes under its name.
_HASHED: Final = re.compile(r"/assets/[A-Za-z0-9_.-]+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+", re.ASCII)
IMMUTABLE: Final = "public, max-age=31536000, immutable"
# The index names the others; it is asked for anew each time, so that nobody sees the release of before.
FRESH: Final = "no-store"
INDEX: Final = "/index.html"
_TYPES: Final = {".js": "text/javascript; charset=utf-8", ".html": "text/html; charset=utf-8", ".woff2": "font/woff2"}

NOT_BUILT: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Assay console</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>The console was not built</h1>
<p>This installation runs from a checkout in which the console was not built. Build it with
<code>./run console</code> (Node comes along; the npm registry must be reachable), then restart the service.</p>
<p>Everything else works: the API is here at <a href="/v1.0/assay/me"><code>/v1.0/</code></a>, and the command
<code>assay</code> does all that the console does.</p></main></body></html>
"""


class ConsoleFile(Value, frozen=True, kw_only=True):
    """One file as it is answered."""

    content: bytes
    content_type: str
    caching: str


class ConsoleFiles:
    """All files, read once: they are part of the release, and nothing outside this list can be asked for."""

    def __init__(self, directory: Path | None) -> None:
        """`directory`: what the build made; None or without an index: it was not built."""
        files = {} if directory is None else _read(directory)
        if INDEX not in files:
            page = ConsoleFile(content=NOT_BUILT.encode(), content_type=_TYPES[".html"], caching=FRESH)
            files = {INDEX: page}
        self._files = files

    def at(self, path: str) -> ConsoleFile | None:
        """The file at this path; any other path is a view of the console, unless only a file could be there."""
        found = self._files.get(path)
        if found is not None:
            return found
        # Such as /favicon.ico or a file of the release before: no view is named like that.
        only_a_file = path.startswith("/assets/") or ("." in path and path.count("/") == 1)
        return None if only_a_file else self._files[INDEX]


def _read(directory: Path) -> dict[str, ConsoleFile]:
    found = {}
    for file in sorted(directory.rglob("*")):
        if file.is_symlink() or not file.is_file():
            continue
        path = f"/{file.relative_to(directory).as_posix()}"
        guessed = mimetypes.guess_type(path)[0] or "application/octet-stream"
        found[path] = ConsoleFile(
            content=file.read_bytes(),
            content_type=_TYPES.get(file.suffix, guessed),
            caching=IMMUTABLE if _HASHED.fullmatch(path) else FRESH,
        )
    return found
