"""From the bytes of a file to JSON: any encoding that exports come in, nothing ambiguous, nothing too large."""

import codecs
import json
import re
from collections import Counter
from collections.abc import Iterator
from math import isfinite
from typing import Final, NoReturn

from assay.policy.graph_json import Json, MalformedError
from assay.values import Value

MAX_BYTES: Final = 4 * 1024 * 1024  # a whole tenant: 240 policies of 16 kB
MAX_DEPTH: Final = 32  # Graph's deepest shape is 7
MAX_VALUES: Final = 200_000

_SPACE = re.compile(r"[ \t\n\r]*")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class SourceFile(Value, frozen=True, kw_only=True):
    """A file as it was given: its name is only repeated in reports. `unreadable`: why there is no content."""

    name: str
    content: bytes = b""
    unreadable: str = ""


def read_json(content: bytes) -> Json:
    """The JSON of a file; MalformedError says why it cannot be read."""
    documents = read_documents(content)
    if len(documents) != 1:
        raise MalformedError((), "notJson", detail=f"{len(documents)} documents")
    return documents[0]


def read_documents(content: bytes) -> list[Json]:
    """Every JSON document of a file, one after the other: most hold one, some a line each."""
    if len(content) > MAX_BYTES:
        raise MalformedError((), "fileTooLarge", limit=str(MAX_BYTES))
    try:
        documents = list(_documents(_text(content)))
        _check_size(documents)
    except RecursionError:
        raise MalformedError((), "tooDeep", limit=str(MAX_DEPTH)) from None
    except ValueError as error:
        raise MalformedError((), "notJson", detail=str(error)[:200]) from None
    return documents


def _documents(text: str) -> Iterator[Json]:
    decoder = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse, parse_float=_finite)
    end = _past_space(text, 0)
    while True:
        value, end = decoder.raw_decode(text, end)
        yield value
        end = _past_space(text, end)
        if end == len(text):
            return


def _past_space(text: str, start: int) -> int:
    found = _SPACE.match(text, start)
    return start if found is None else found.end()


def _text(content: bytes) -> str:
    """Decoded by its byte order mark; UTF-16 without one shows itself by its zero bytes."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding)
    if content[1:2] == b"\0":
        return content.decode("utf-16-le")
    if content[:1] == b"\0":
        return content.decode("utf-16-be")
    return content.decode("utf-8")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    """Two readers of one object with a key twice may see two policies: refused.

    Unless the last of them follows nothing but nulls, as in a published pack: null is as if the key were not there,
    and whoever takes the last sees the same.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        said = Counter(key for key, value in pairs if value is not None)
        twice = sorted(key for key, count in said.items() if count > 1 or found[key] is None)
        if twice:
            raise MalformedError((), "duplicateKey", keys=", ".join(twice)[:200])
    return found


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


def _check_size(value: list[Json]) -> None:
    """No recursion here: the depth is what is being checked; `value`: the documents."""
    level = value
    seen = 0
    for _ in range(MAX_DEPTH):
        seen += len(level)
        if seen > MAX_VALUES:
            raise MalformedError((), "tooManyValues", limit=str(MAX_VALUES))
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise MalformedError((), "tooDeep", limit=str(MAX_DEPTH))


def _inside(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        value.encode()  # a lone surrogate could never be written or hashed again
        if "\0" in value:
            raise ValueError("a text holds U+0000, which no database keeps")
    return []
