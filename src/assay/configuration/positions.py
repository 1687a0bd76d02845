"""On which line of a TOML text a key stands; the parser of the standard library does not say."""

import re

# Bare and quoted keys of a table header or an assignment (TOML 1.0); good enough to point at a line, never to parse.
_HEADER = re.compile(r"^\s*\[\s*([A-Za-z0-9_.\-\" ]+?)\s*\]")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-\".]+)\s*=")


def line_of(text: str, section: str, key: str) -> int:
    """The line of `key` in `[section]`, of the section itself for key "", counted from 1; 0 where it is not found."""
    current = ""
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header is not None:
            current = _plain(header[1])
            if current == section and not key:
                return number
            continue
        assignment = _KEY.match(line)
        if assignment is None:
            continue
        path = _plain(f"{current}.{assignment[1]}" if current else assignment[1])
        wanted = f"{section}.{key}" if section and key else key or section
        if path == wanted or path.startswith(f"{wanted}."):
            return number
    return 0


def _plain(name: str) -> str:
    return name.replace('"', "").replace(" ", "")
