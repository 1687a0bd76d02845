"""Read `assay.toml`: decoded strictly, and everything that is wrong with it said at once."""

import difflib
import os
import tomllib
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar, get_args, get_origin

import msgspec

from assay.configuration.positions import line_of
from assay.configuration.problem import ConfigurationError, Problem
from assay.configuration.rules import problems_of
from assay.configuration.sections import Configuration

CREDENTIAL: Final = "credential:"
CREDENTIALS_VARIABLE: Final = "CREDENTIALS_DIRECTORY"
_LARGEST: Final = 1 << 20
_WORDS: Final = {
    "str": "text",
    "int": "a whole number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "float": "a number",
    "null": "nothing",
}

T = TypeVar("T", bound=msgspec.Struct)


def read_configuration(file: Path, *, environment: Mapping[str, str] = os.environ) -> Configuration:
    """The file's settings; raises ConfigurationError that holds every problem found."""
    text = _text(file)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            str(file), (Problem(message=f"it is no TOML: {error}", fix="see: assay config example"),)
        ) from None
    reading = _Reading(directory=file.absolute().parent, environment=environment)
    made = reading.struct(Configuration, content, section="")
    problems = reading.problems
    # Rules would complain of what was left out because it could not be read.
    unread = {each.section for each in problems}
    if made is not None:
        problems += [each for each in problems_of(made) if each.section not in unread]
    if made is None or problems:
        placed = [msgspec.structs.replace(each, line=line_of(text, each.section, each.key)) for each in problems]
        raise ConfigurationError(str(file), tuple(sorted(placed, key=lambda each: each.line)))
    return made


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ConfigurationError(str(file), (Problem(message="it is larger than a megabyte"),))
        return content.decode()
    except OSError as error:
        raise ConfigurationError(
            str(file),
            (Problem(message=f"it cannot be read: {error.strerror}", fix="see: assay config example > assay.toml"),),
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(str(file), (Problem(message=f"it is not UTF-8: byte {error.start}"),)) from error


class _Reading:
    """One decoding; each key on its own, so that one bad value does not hide the next."""

    def __init__(self, *, directory: Path, environment: Mapping[str, str]) -> None:
        self._directory = directory
        self._environment = environment
        self.problems: list[Problem] = []

    def struct(self, kind: type[T], table: Mapping[str, object], *, section: str) -> T | None:
        """What of the table can be read as this struct, and `problems` for the rest; None where too little is left."""
        fields = {field.name: field for field in msgspec.structs.fields(kind)}
        for key in table.keys() - fields.keys():
            self._unknown(section, key, tuple(fields))
        values: dict[str, object] = {}
        for key, field in fields.items():
            if key in table:
                self._value(values, field, table[key], section=section)
            elif field.required:
                self.problems.append(Problem(section=section, message=f"{key} is missing", fix=f"add: {key} = …"))
        if any(field.required and field.name not in values for field in fields.values()):
            return None
        try:
            return kind(**values)
        except (ValueError, TypeError) as error:
            self.problems.append(Problem(section=section, message=str(error)))
            return None

    def _value(self, values: dict[str, object], field: msgspec.structs.FieldInfo, raw: object, *, section: str) -> None:
        key, inner = field.name, struct_in(field.type)
        below = f"{section}.{key}" if section else key
        if inner is None:
            try:
                values[field.name] = msgspec.convert(raw, field.type, dec_hook=self._path)
            except (msgspec.ValidationError, ValueError) as error:
                self.problems.append(
                    Problem(section=section, key=key, message=_sentence(error), fix=_choices(field.type))
                )
        elif isinstance(raw, dict):
            made = self.struct(inner, raw, section=below)
            if made is not None:
                values[field.name] = made
        else:
            self.problems.append(Problem(key=below, message=f"it is a section: write [{below}]"))

    def _unknown(self, section: str, key: str, known: tuple[str, ...]) -> None:
        nearest = difflib.get_close_matches(key, known, n=1)
        meant = f"did you mean {nearest[0]}? " if nearest else ""
        what = f"there is no key {key!r} in this section" if section else f"there is no [{key}] section"
        kind = "keys" if section else "sections"
        self.problems.append(
            Problem(
                section=section or key,
                key=key if section else "",
                message=what,
                fix=f"{meant}The {kind} are: {', '.join(sorted(known))}",
            )
        )

    def _path(self, kind: type, raw: object) -> object:
        if kind is not Path or not isinstance(raw, str) or not raw or "\0" in raw:
            raise ValueError("expected the path of a file")
        if raw.startswith(CREDENTIAL):
            return self._credential(raw.removeprefix(CREDENTIAL))
        return self._directory / Path(raw).expanduser()

    def _credential(self, name: str) -> Path:
        directory = self._environment.get(CREDENTIALS_VARIABLE, "")
        if not directory:
            raise ValueError(
                f"there is no credential {name}, because systemd handed over none: "
                f"start the unit with LoadCredential={name}:/path/of/the/file, or give a path"
            )
        if "/" in name or name in ("", ".", ".."):
            raise ValueError("expected credential:NAME, a name without slashes")
        return Path(directory) / name


def struct_in(kind: object) -> type[msgspec.Struct] | None:
    """The struct that a field holds, also an optional one."""
    if get_origin(kind) is Annotated:
        return struct_in(get_args(kind)[0])
    for one in get_args(kind) or (kind,):
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            return one
    return None


def _choices(kind: object) -> str:
    """The values that a key with few of them can have; "" for every other."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"one of: {', '.join(str(each.value) for each in kind)}"
    return f"one of: {', '.join(map(str, get_args(kind)))}" if get_origin(kind) is Literal else ""


def _sentence(error: Exception) -> str:
    """msgspec's words in those of people who write TOML."""
    text = str(error)
    for name, word in _WORDS.items():
        text = text.replace(f"`{name}`", word)
    return (
        text.replace("Expected", "expected")
        .replace(" | nothing", "")
        .replace("Invalid enum value", "there is no")
        .replace("`", "")
    )
