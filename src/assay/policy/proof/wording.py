"""Sign-ins and regions of sign-ins in words; what is as ordinary as can be is not said."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from assay.policy.proof.shown import TOKEN_PROTECTION
from assay.policy.proof.solver import Assignment
from assay.policy.proof.vocabulary import ANOTHER_APP
from assay.policy.request import UserAction
from assay.policy.symbolic import (
    ACTION,
    ADDRESS,
    AGENT_ACCOUNT,
    AGENT_CONTEXT,
    APP,
    APP_ATTRIBUTE,
    CLIENT,
    COMPLIANT_NETWORK,
    CONTEXT,
    CONTEXT_ALONE,
    COUNTRY,
    GPS_COUNTRY,
    MANAGED,
    PLATFORM,
    PRINCIPAL,
    PRINCIPAL_ATTRIBUTE,
    REGISTERED,
    SEVERAL,
    SORT,
    TARGET,
    TENANT,
    Thing,
    Vocabulary,
)
from assay.policy.targets import NAMED_TARGETS
from assay.values import AppId

Region = Mapping[str, Collection[Thing]]  # of each dimension that counts, the values that are in it
MOST_NAMED: Final = 6  # values of one dimension before the others are counted
MOST_DENIED: Final = 3  # groups or roles that a region is not in before they are counted
NONE_OF: Final = {
    "group ": "in none of the named groups, which are",
    "role ": "with none of the named roles, which are",
}
_SUBJECTS: Final = {
    SORT: "who is",
    PRINCIPAL: "the account is",
    TENANT: "from the tenant",
    AGENT_ACCOUNT: "an agent's account",
    TARGET: "asking for",
    CONTEXT: "with the authentication context",
    CLIENT: "by",
    PLATFORM: "on",
    ADDRESS: "from",
    COUNTRY: "in the country",
    GPS_COUNTRY: "in the country by GPS",
    COMPLIANT_NETWORK: "through the compliant network",
    REGISTERED: "on a registered device",
    MANAGED: "on a managed device",
    AGENT_CONTEXT: "in the agent's context",
}
_ACTIONS: Final = {
    UserAction.REGISTER_SECURITY_INFO: "the registration of sign-in methods",
    UserAction.REGISTER_DEVICE: "the registration of a device",
}


def sign_in_words(found: Assignment, vocabulary: Vocabulary) -> str:
    """One sign-in: who asks for what, and all that is not ordinary."""
    always = (SORT, TARGET, PLATFORM, CLIENT, ADDRESS)
    told = {
        name: (value,)
        for name, value in found.items()
        if name in vocabulary.dimensions and (name in always or value != vocabulary.values(name)[0])
    }
    return region_words(told, vocabulary)


def region_words(region: Region, vocabulary: Vocabulary) -> str:
    """A region: its conditions, all of which hold in it."""
    proofs = [name for name in region if name.startswith("proof ")]
    none = {kind: [name for name, values in region.items() if _is_none(kind, name, values)] for kind in NONE_OF}
    counted = {name for names in none.values() if len(names) > MOST_DENIED for name in names}
    parts = [
        _condition(name, values, vocabulary)
        for name, values in region.items()
        if name not in proofs and name not in counted
    ]
    parts += [f"{NONE_OF[kind]} {len(names)}" for kind, names in none.items() if len(names) > MOST_DENIED]
    if proofs:
        parts.append("proving " + _proofs({name: region[name] for name in proofs}))
    return "; ".join(parts) or "every sign-in"


def _is_none(kind: str, name: str, values: Collection[Thing]) -> bool:
    return name.startswith(kind) and True not in values


def _proofs(region: Region) -> str:
    """The methods that were used, and how long ago where that is not just now."""
    used = [(name.removeprefix("proof "), next(iter(values))) for name, values in region.items() if None not in values]
    if len(used) == len(region) and len(used) > MOST_NAMED:
        return "everything that can be proved"
    return " and ".join(f"{name} {age} minutes ago" if age else name for name, age in used) or "nothing"


def _condition(name: str, values: Collection[Thing], vocabulary: Vocabulary) -> str:
    every = vocabulary.values(name)
    if name == TOKEN_PROTECTION:
        return _yes_or_no(name, holds=True in values)
    if set(every) <= {True, False}:
        return _yes_or_no(name, holds=True in values)
    left_out = [value for value in every if value not in values]
    if len(left_out) < len(values) or len(values) > MOST_NAMED:
        return f"{_subject(name)} anything but {_listed(_words(name, left_out, vocabulary))}"
    return f"{_subject(name)} {_listed(_words(name, values, vocabulary))}"


def _yes_or_no(name: str, *, holds: bool) -> str:
    kind, _, rest = name.partition(" ")
    plain = {
        "group": f"in the group {rest}",
        "role": f"with the role {rest}",
        "appGroup": f"of the apps {rest}",
        "flow": f"handed over by {rest}",
        "shown": f"with {rest}",
        "appAttribute": f"where {' of the app holds '.join(rest.split(' ', 1))}",
        "principalAttribute": f"where {' of the program holds '.join(rest.split(' ', 1))}",
    }
    words = plain.get(kind) or _SUBJECTS.get(name) or f"where {name} holds"
    return words if holds else f"not {words}"


def _subject(name: str) -> str:
    if name.startswith("device."):
        return f"where device.{name.removeprefix('device.')} is"
    if name.startswith(APP_ATTRIBUTE):
        return f"where {name.removeprefix(APP_ATTRIBUTE)} of the app is"
    if name.startswith(PRINCIPAL_ATTRIBUTE):
        return f"where {name.removeprefix(PRINCIPAL_ATTRIBUTE)} of the program is"
    if name.startswith("risk "):
        return f"at {name.removeprefix('risk ')}"
    return _SUBJECTS.get(name, name)


def _words(name: str, values: Collection[Thing], vocabulary: Vocabulary) -> Iterator[str]:
    for value in values:
        if name == TARGET:
            yield _target(str(value))
        elif name == ADDRESS and value is not None:
            held = vocabulary.held_by.get(str(value), ())
            yield f"{value} ({', '.join(held)})" if held else f"{value} (no named location)"
        elif name == COUNTRY and value == "":
            yield "that nobody knows"
        elif name in (COUNTRY, GPS_COUNTRY) and value is not None:
            yield from vocabulary.alike[str(value)]
        elif name == PRINCIPAL and value == vocabulary.values(PRINCIPAL)[0]:
            yield "of nobody whom a policy names"
        elif name.startswith((APP_ATTRIBUTE, PRINCIPAL_ATTRIBUTE)) and value in (None, SEVERAL):
            yield "not set" if value is None else "several texts"
        else:
            yield "unknown" if value is None else str(value)


def _target(value: str) -> str:
    if value.startswith(ACTION):
        return _ACTIONS[UserAction(value.removeprefix(ACTION))]
    if value == CONTEXT_ALONE:
        return "an authentication context alone"
    app = value.removeprefix(APP)
    return NAMED_TARGETS.get(AppId(app)) or ("an app that no policy names" if app == ANOTHER_APP else app)


def _listed(words: Iterator[str]) -> str:
    found = list(words)
    shown, more = found[:MOST_NAMED], len(found) - MOST_NAMED
    return " or ".join(shown) + (f" or {more} more" if more > 0 else "")
