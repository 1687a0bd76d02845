"""Reading Microsoft Graph's JSON without losing any of it: what is not read is handed back as undecided."""

import json
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Final, TypeVar

from assay.policy.definition import Undecided
from assay.values import AssayError, Reason

Json = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
JsonObject = dict[str, Json]
E = TypeVar("E", bound=StrEnum)

_TYPE: Final = "@odata.type"
_ADDITIONAL: Final = "additionalproperties"
MAX_TEXT = 4096  # characters of any one string in a policy; Graph's longest is a filter rule of 3072


class MalformedError(AssayError):
    """The object cannot be read; `path` says where."""

    def __init__(self, path: tuple[str, ...], code: str, /, **parameters: str) -> None:
        super().__init__(f"{'.'.join(path)}: {code}")
        self.path = ".".join(path)
        self.reason = Reason.of(code, **parameters)


# What files that people keep say beside Graph's JSON: to each other, and not about any sign-in.
_REMARKS: Final = frozenset({"description", "note", "notes", "comment", "comments"})


# What PowerShell writes for what lies deeper than it was told to write (ConvertTo-Json -Depth): nobody's id.
_CUT_OFF: Final = ("System.", "@{", "Microsoft.Graph.PowerShell.")


def is_off(value: Json) -> bool:
    """What Graph marks as switched off."""
    return isinstance(value, dict) and any(key.lower() == "isenabled" and held is False for key, held in value.items())


def is_remark(key: str, value: Json) -> bool:
    """Free text, or one of the keys that comments are written under where JSON has none."""
    return key.startswith(("_", "$", "//")) or (key.lower() in _REMARKS and isinstance(value, str))


def is_noise(key: str) -> bool:
    """OData annotations and bound actions, which exports hold beside the data."""
    return "@" in key or key.startswith("#")


def entries(value: JsonObject) -> Iterator[tuple[str, Json]]:
    """Keys and values; Graph's SDK for PowerShell writes under `AdditionalProperties` what its type does not know."""
    for key, inner in value.items():
        if key.lower() == _ADDITIONAL and isinstance(inner, dict):
            yield from inner.items()
        else:
            yield key, inner


def is_empty(value: Json) -> bool:
    """Null, absent and empty say the same in Graph: not configured."""
    if isinstance(value, dict):
        return all(is_noise(key) or is_empty(inner) for key, inner in value.items())
    return value is None or value in ("", [])


def without_noise(value: Json) -> Json:
    """The value without OData annotations, at every depth."""
    if isinstance(value, dict):
        return {key: without_noise(inner) for key, inner in value.items() if not is_noise(key)}
    if isinstance(value, list):
        return [without_noise(inner) for inner in value]
    return value


def _as_list(value: Json) -> str:
    """What was meant by a text that stands alone, or one such list."""
    return json.dumps([value[:60]] if isinstance(value, str) else ["All"], ensure_ascii=False)


def canonical_id(text: str) -> str:
    """Ids compare without case; placeholders such as `<ExclusionGroup>` stay as they are, to be recognised."""
    return text if text.startswith("<") else text.lower()


def _refuse_cut_off(value: Json, path: tuple[str, ...]) -> None:
    if isinstance(value, str) and value.startswith(_CUT_OFF):
        raise MalformedError(path, "cutOff", value=value[:60])


class Node:
    """One JSON object being read: keys without case, each key taken once, the rest left over."""

    def __init__(self, value: Json, path: tuple[str, ...], undecided: list[Undecided]) -> None:
        if not isinstance(value, dict):
            _refuse_cut_off(value, path)
            raise MalformedError(path, "notAnObject")
        self.path = path
        self.kept = undecided
        self.type_name = ""  # of OData, in lower case
        self._left: dict[str, tuple[str, Json]] = {}
        for key, inner in entries(value):
            if key.lower() == _TYPE:
                self.type_name = str(inner).lower()
            if is_noise(key):
                continue
            if key.lower() in self._left:
                raise MalformedError((*path, key), "duplicateKey", keys=key)
            self._left[key.lower()] = (key, inner)

    def take(self, key: str) -> Json:
        """The raw value, None where it is absent."""
        return self._left.pop(key.lower(), (key, None))[1]

    def ignore(self, *keys: str) -> None:
        """Drop keys that say nothing about the decision."""
        for key in keys:
            self._left.pop(key.lower(), None)

    def child(self, key: str, *, bare: bool = False) -> "Node | None":
        """The object at `key`, None where it is absent, null or empty; `bare`: an object is one even when empty.

        Some exports write `[]`; those of Graph's SDK for PowerShell an object with every key null.
        """
        value = self.take(key)
        if is_empty(value) and not (bare and isinstance(value, dict)):
            return None
        return Node(value, (*self.path, key), self.kept)

    def apart(self, undecided: list[Undecided]) -> "Node":
        """The rest of this object as an object of its own, with its own list of what is undecided."""
        rest = Node(dict(self._left.values()), (), undecided)
        self._left.clear()
        return rest

    def holds(self, key: str) -> bool:
        """Whether there is something at `key`."""
        return self._left.get(key.lower(), (key, None))[1] is not None

    def names(self, key: str) -> bool:
        """Whether the key is there, be it with null."""
        return key.lower() in self._left

    def drop_if(self, key: str, unsaid: Callable[[Json], bool]) -> None:
        """Drop a key whose value is a way of saying nothing."""
        if unsaid(self._left.get(key.lower(), (key, None))[1]):
            self.ignore(key)

    def text(self, key: str) -> str | None:
        """The string at `key`."""
        value = self.take(key)
        if value is None or (isinstance(value, str) and len(value) <= MAX_TEXT):
            return value
        raise MalformedError((*self.path, key), "notAString" if not isinstance(value, str) else "tooLong")

    def boolean(self, key: str) -> bool | None:
        """The boolean at `key`."""
        value = self.take(key)
        if value is None or isinstance(value, bool):
            return value
        raise MalformedError((*self.path, key), "notABoolean")

    def integer(self, key: str) -> int | None:
        """The integer at `key`."""
        value = self.take(key)
        if isinstance(value, float) and value.is_integer():
            return int(value)  # JSON has one sort of number
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise MalformedError((*self.path, key), "notAnInteger")

    def texts(self, key: str, *, keep: bool = False) -> tuple[str, ...]:
        """The strings of the list at `key`, each once, in their order; `keep` leaves them to be taken again."""
        value = self._left.get(key.lower(), (key, None))[1] if keep else self.take(key)
        if value is None:
            return ()
        _refuse_cut_off(value, (*self.path, key))
        found: dict[str, None] = {}
        for item in value if isinstance(value, list) else (False,):
            if item is None:
                continue  # PowerShell's list of nothing
            if not isinstance(item, str) or len(item) > MAX_TEXT:
                raise MalformedError((*self.path, key), "notAListOfStrings", example=_as_list(value))
            _refuse_cut_off(item, (*self.path, key))
            if item:
                found[item] = None
        return tuple(found)

    def ids(self, key: str, *tokens: str) -> tuple[str, ...]:
        """The ids of the list at `key` in lower case; `tokens` (such as All) in Graph's spelling."""
        spelling = {token.lower(): token for token in tokens}
        found = (spelling.get(item.lower(), canonical_id(item)) for item in self.texts(key))
        return tuple(dict.fromkeys(found))

    def choices(self, key: str, kind: type[E], **also: E) -> tuple[E, ...]:
        """The members of `kind` in the list at `key`, without case; `also`: retired names; others are undecided."""
        members = {member.value.lower(): member for member in kind} | also
        found: dict[E, None] = {}
        for item in self.texts(key):
            member = members.get(item.lower())
            if member is None:
                self.undecided(key, item, element=True)
            else:
                found[member] = None
        return tuple(found)

    def flags(self, key: str, kind: type[E]) -> tuple[E, ...]:
        """The members of `kind` at `key`: Graph's flags in one string with commas, or a list; `none` says nothing."""
        value = self.take(key)
        named = value.split(",") if isinstance(value, str) and len(value) <= MAX_TEXT else value
        if named is None:
            return ()
        members = {member.value.lower(): member for member in kind}
        found: dict[E, None] = {}
        for item in named if isinstance(named, list) else (None,):
            if not isinstance(item, str):
                raise MalformedError((*self.path, key), "notAListOfStrings", example=_as_list(value))
            name = item.strip().lower()
            if name in members:
                found[members[name]] = None
            elif name and name != "none":
                self.undecided(key, value)
                return ()
        return tuple(found)

    def choice(self, key: str, kind: type[E]) -> E | None:
        """The member of `kind` at `key`; another word is an error."""
        text = self.text(key)
        if text is None:
            return None
        for member in kind:
            if member.value.lower() == text.lower():
                return member
        raise MalformedError((*self.path, key), "unknownValue", value=text)

    def undecided(self, key: str, value: Json, *, element: bool = False) -> None:
        """Keep a value that the engine does not decide."""
        kept = json.dumps(without_noise(value), ensure_ascii=False, sort_keys=True)
        self.kept.append(Undecided(path=(*self.path, key), json=kept, element=element))

    def leave(self, *, deeper: bool = False) -> None:
        """End of reading: every configured key that nobody took is undecided (`deeper`: its own keys, one by one)."""
        for key, value in self._left.values():
            if is_empty(value) or is_off(value) or is_remark(key, value):
                continue
            if deeper and isinstance(value, dict):
                Node(value, (*self.path, key), self.kept).leave()
            else:
                self.undecided(key, value)
        self._left.clear()

    def finish(self) -> None:
        """End of reading an object of ours: a key that nobody took is an error, not a silent no-op."""
        for key, _ in self._left.values():
            raise MalformedError((*self.path, key), "unknownKey")


def strings(values: Iterable[str]) -> Json:
    """A JSON list of strings."""
    return [str(value) for value in values]
