"""The owner's invariants: a small YAML file (docs/proofs.md), read strictly, each error with its place."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import yaml

from assay.policy.definition import AuthenticationStrengthPolicy
from assay.policy.strengths import BUILT_IN, MFA, PASSWORDLESS, PHISHING_RESISTANT
from assay.policy.targets import NAMED_TARGETS
from assay.values import InvalidInputError, Value

MOST_CHARACTERS: Final = 65_536
MOST_INVARIANTS: Final = 100
DEEPEST: Final = 50
STRENGTHS: Final = {"mfa": MFA, "passwordless": PASSWORDLESS, "phishing-resistant": PHISHING_RESISTANT}
APPS: Final = {name.lower().replace(" ", "-"): str(app) for app, name in NAMED_TARGETS.items()}
EVERYONE, ANY, NEVER = "everyone", "any", "never"
REMEDY: Final = "see docs/proofs.md for what a file of invariants may say"


class Device(StrEnum):
    """What a device can be required to be."""

    COMPLIANT = "compliant"
    HYBRID_JOINED = "hybrid-joined"
    EITHER = "compliant-or-hybrid-joined"


class Who(Value, frozen=True, kw_only=True):
    """The people that an invariant is about: everyone, those who are named, or (`outside`) all others."""

    everyone: bool = False
    outside: bool = False
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    guests: bool = False


class Invariant(Value, frozen=True, kw_only=True):
    """Whoever of these people reaches one of the apps meets what is required; `never`: none of them reaches it.

    `apps` empty: any app. `strengths`: ids. `line`: where it begins in its file.
    """

    name: str
    who: Who
    apps: tuple[str, ...]
    never: bool = False
    strengths: tuple[str, ...] = ()
    device: Device | None = None
    line: int = 0

    @property
    def sentence(self) -> str:
        """The name that the owner gave it."""
        return self.name


def read_invariants(text: str, strengths: Iterable[AuthenticationStrengthPolicy] = ()) -> tuple[Invariant, ...]:
    """The invariants of a file; raises InvalidInputError with the line of what is wrong.

    `strengths`: custom ones, which an invariant may name by their id or display name.
    """
    if len(text) > MOST_CHARACTERS:
        raise InvalidInputError(f"the invariants are longer than {MOST_CHARACTERS} characters", remedy=REMEDY)
    if _depth(text) > DEEPEST:
        raise InvalidInputError(f"the invariants are nested deeper than {DEEPEST}", remedy=REMEDY)
    try:
        # Aliases would make a small file a large one (the "billion laughs"): they are refused before anything is built.
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, Loader=yaml.SafeLoader)):
            raise InvalidInputError("aliases (*name) are not read", remedy=REMEDY)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise InvalidInputError(f"this is no YAML: {error}", remedy=REMEDY) from None
    known = _known(tuple(strengths))
    listed = _mapping(root, "the file", {"invariants"}).get("invariants")
    found = tuple(_invariant(node, known) for node in _sequence(listed, "invariants"))
    if len(found) > MOST_INVARIANTS:
        raise InvalidInputError(f"there are more than {MOST_INVARIANTS} invariants", remedy=REMEDY)
    return found


def _known(strengths: Iterable[AuthenticationStrengthPolicy]) -> Mapping[str, frozenset[str]]:
    """The ids that a word may mean: our words are never another strength's, whatever somebody calls theirs."""
    named: dict[str, frozenset[str]] = {}
    for found in strengths:
        name = found.display_name.lower()
        named[name] = named.get(name, frozenset()) | {found.id}
    ids = {each.id.lower(): frozenset({each.id}) for each in (*strengths, *BUILT_IN.values())}
    return {**named, **ids, **{word: frozenset({found}) for word, found in STRENGTHS.items()}}


def _depth(text: str) -> int:
    """How deep brackets stand in brackets, those in texts among them: the reader takes the square of it in time."""
    deepest = depth = 0
    for letter in text:
        depth += (letter in "[{") - (letter in "]}")
        deepest = max(deepest, depth)
    return deepest


def _wrong(node: yaml.Node | None, what: str) -> InvalidInputError:
    place = "" if node is None else f"line {node.start_mark.line + 1}: "
    return InvalidInputError(place + what, remedy=REMEDY)


def _mapping(node: yaml.Node | None, where: str, keys: Iterable[str]) -> Mapping[str, yaml.Node]:
    """A mapping with none but these keys, each at most once."""
    known = tuple(sorted(keys))
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(node, f"{where} is to be a mapping with {', '.join(known)}")
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        name = _text(key, "a key")
        if name not in known:
            raise _wrong(key, f"{where} has no {name!r}; it can have {', '.join(known)}")
        if name in found:
            raise _wrong(key, f"{where} has {name!r} twice")
        found[name] = value
    return found


def _sequence(node: yaml.Node | None, where: str) -> list[yaml.Node]:
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise _wrong(node, f"{where} is to be a list with something in it")
    return list(node.value)


def _text(node: yaml.Node, where: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value.strip() or node.tag.endswith(":null"):
        raise _wrong(node, f"{where} is to be a text")
    return str(node.value).strip()


def _texts(node: yaml.Node, where: str) -> tuple[str, ...]:
    """One text, or a list of them."""
    if isinstance(node, yaml.ScalarNode):
        return (_text(node, where),)
    return tuple(dict.fromkeys(_text(each, where) for each in _sequence(node, where)))


def _invariant(node: yaml.Node, strengths: Mapping[str, frozenset[str]]) -> Invariant:
    found = _mapping(node, "an invariant", {"name", "who", "reaches", "requires"})
    for key in ("name", "who", "reaches", "requires"):
        if key not in found:
            raise _wrong(node, f"an invariant needs {key!r}")
    apps = _apps(found["reaches"])
    required = found["requires"]
    name, who, line = _text(found["name"], "name"), _who(found["who"]), node.start_mark.line + 1
    if isinstance(required, yaml.ScalarNode):
        if _text(required, "requires") != NEVER:
            raise _wrong(required, "requires is to be never, or a mapping with strength, device")
        return Invariant(name=name, who=who, apps=apps, never=True, line=line)
    parts = _mapping(required, "requires", {"strength", "device"})
    if not parts:
        raise _wrong(required, "requires is to say strength, device, or both")
    return Invariant(
        name=name,
        who=who,
        apps=apps,
        strengths=_strengths(parts["strength"], strengths) if "strength" in parts else (),
        device=_device(parts["device"]) if "device" in parts else None,
        line=line,
    )


def _who(node: yaml.Node) -> Who:
    if isinstance(node, yaml.ScalarNode):
        if _text(node, "who") != EVERYONE:
            raise _wrong(node, "who is to be everyone, or a mapping with inside or outside")
        return Who(everyone=True)
    found = _mapping(node, "who", {"inside", "outside"})
    if len(found) != 1:
        raise _wrong(node, "who is to say inside or outside, one of them")
    (side, named), *_ = found.items()
    parts = _mapping(named, side, {"group", "role", "user", "guests"})
    guests = "guests" in parts and _text(parts["guests"], "guests") == "true"
    if not parts or ("guests" in parts and not guests):
        raise _wrong(named, f"{side} is to name group, role, user, or guests: true")

    def ids(key: str) -> tuple[str, ...]:
        return tuple(map(_id, _texts(parts[key], key))) if key in parts else ()

    return Who(outside=side == "outside", groups=ids("group"), roles=ids("role"), users=ids("user"), guests=guests)


def _id(text: str) -> str:
    return text if text.startswith("<") else text.lower()


def _apps(node: yaml.Node) -> tuple[str, ...]:
    names = _texts(node, "reaches")
    if ANY in names:
        if len(names) > 1:
            raise _wrong(node, "reaches is to be any, or ids of apps")
        return ()
    return tuple(APPS.get(name.lower(), _id(name)) for name in names)


def _strengths(node: yaml.Node, known: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    names = _texts(node, "strength")
    for name in names:
        meant = known.get(name.lower(), frozenset())
        if not meant:
            raise _wrong(node, f"there is no strength {name!r}; there are {', '.join(sorted(STRENGTHS))}, and ids")
        if len(meant) > 1:
            raise _wrong(node, f"several strengths are called {name!r}; give the id of one: {', '.join(sorted(meant))}")
    return tuple(found for name in names for found in known[name.lower()])


def _device(node: yaml.Node) -> Device:
    text = _text(node, "device")
    if text not in set(Device):
        raise _wrong(node, f"device is to be one of {', '.join(Device)}")
    return Device(text)
