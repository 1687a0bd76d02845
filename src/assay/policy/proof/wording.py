"""Sign-ins and regions of sign-ins in words; what is as ordinary as can be is not said."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from assay.policy.proof.answer import Clause, Told
from assay.policy.proof.shown import TOKEN_PROTECTION
from assay.policy.proof.solver import Assignment
from assay.policy.proof.vocabulary import ANOTHER_APP, SOMEBODY
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
PROVING: Final = "proving"
OTHER: Final = "other"
UNSEEN: Final = Clause(about="unseen")  # of a region at our gateway: nobody gets into it by what is seen there
SUBJECTS: Final = {
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
PLAIN: Final = {
    "group": "in the group {0}",
    "role": "with the role {0}",
    "appGroup": "of the apps {0}",
    "flow": "handed over by {0}",
    "shown": "with {0}",
    UNSEEN.about: "only by what our gateway never sees",
    APP_ATTRIBUTE.strip(): "where {0} of the app holds {1}",
    PRINCIPAL_ATTRIBUTE.strip(): "where {0} of the program holds {1}",
    OTHER: "where {0} holds",
}
_ATTRIBUTES: Final = {APP_ATTRIBUTE.strip(): "app", PRINCIPAL_ATTRIBUTE.strip(): "program"}
_PREFIXES: Final = {
    "device.": "device",
    "risk ": "risk",
    APP_ATTRIBUTE: APP_ATTRIBUTE.strip(),
    PRINCIPAL_ATTRIBUTE: PRINCIPAL_ATTRIBUTE.strip(),
}  # of dimensions; the rest is a name
_ACTIONS: Final = {
    UserAction.REGISTER_SECURITY_INFO: "the registration of sign-in methods",
    UserAction.REGISTER_DEVICE: "the registration of a device",
}


def sign_in_clauses(found: Assignment, vocabulary: Vocabulary) -> tuple[Clause, ...]:
    """One sign-in: who asks for what, and all that is not ordinary."""
    always = (SORT, TARGET, PLATFORM, CLIENT, ADDRESS)
    told = {
        name: (value,)
        for name, value in found.items()
        if name in vocabulary.dimensions and (name in always or value != vocabulary.values(name)[0])
    }
    return region_clauses(told, vocabulary)


def region_words(region: Region, vocabulary: Vocabulary) -> str:
    """A region in one line."""
    return words_of(region_clauses(region, vocabulary))


def words_of(clauses: Iterable[Clause]) -> str:
    """Conditions in one line, all of which hold."""
    return "; ".join(map(_english, clauses)) or "every sign-in"


def region_clauses(region: Region, vocabulary: Vocabulary) -> tuple[Clause, ...]:
    """A region: its conditions, all of which hold in it."""
    proofs = [name for name in region if name.startswith("proof ")]
    none = {kind: [name for name, values in region.items() if _is_none(kind, name, values)] for kind in NONE_OF}
    counted = {name for names in none.values() if len(names) > MOST_DENIED for name in names}
    parts = [
        _clause(name, values, vocabulary)
        for name, values in region.items()
        if name not in proofs and name not in counted
    ]
    parts += [
        Clause(about=kind.strip(), holds=False, more=len(names))
        for kind, names in none.items()
        if len(names) > MOST_DENIED
    ]
    if proofs:
        parts.append(_proofs({name: region[name] for name in proofs}))
    return tuple(parts)


def _is_none(kind: str, name: str, values: Collection[Thing]) -> bool:
    return name.startswith(kind) and True not in values


def _proofs(region: Region) -> Clause:
    """The methods that were used, and how long ago where that is not just now."""
    used = [(name.removeprefix("proof "), next(iter(values))) for name, values in region.items() if None not in values]
    if len(used) == len(region) and len(used) > MOST_NAMED:
        return Clause(about=PROVING, more=len(used))
    told = (Told(value=name, minutes=age if isinstance(age, int) else 0) for name, age in used)
    return Clause(about=PROVING, values=tuple(told))


def _clause(name: str, values: Collection[Thing], vocabulary: Vocabulary) -> Clause:
    every = vocabulary.values(name)
    if name == TOKEN_PROTECTION or set(every) <= {True, False}:
        kind, _, rest = name.partition(" ")
        named = kind in PLAIN or name in SUBJECTS
        return Clause(about=kind if named else OTHER, name=rest if named else name, holds=True in values)
    about, rest = name, ""
    for prefix, kind in _PREFIXES.items():
        if name.startswith(prefix):
            about, rest = kind, name.removeprefix(prefix)
    left_out = [value for value in every if value not in values]
    holds = not (len(left_out) < len(values) or len(values) > MOST_NAMED)
    told = tuple(_told(name, values if holds else left_out, vocabulary))
    return Clause(about=about, name=rest, holds=holds, values=told[:MOST_NAMED], more=len(told[MOST_NAMED:]))


def _told(name: str, values: Collection[Thing], vocabulary: Vocabulary) -> Iterator[Told]:
    for value in values:
        if value is None:
            yield Told(value=None)
        elif value is SEVERAL and name.startswith((APP_ATTRIBUTE, PRINCIPAL_ATTRIBUTE)):
            yield Told(value=None, several=True)
        elif name == ADDRESS:
            yield Told(value=str(value), locations=tuple(vocabulary.held_by.get(str(value), ())))
        elif name in (COUNTRY, GPS_COUNTRY) and value != "":
            yield from (Told(value=each) for each in vocabulary.alike[str(value)])
        else:
            yield Told(value=str(value))


def _english(clause: Clause) -> str:
    if clause.about == PROVING:
        return "proving " + _proved(clause)
    if clause.values:
        listed = " or ".join(_value(clause.about, each) for each in clause.values)
        listed += f" or {clause.more} more" if clause.more else ""
        return f"{_subject(clause)} {'' if clause.holds else 'anything but '}{listed}"
    if clause.more:
        return f"{NONE_OF[f'{clause.about} ']} {clause.more}"
    plain = PLAIN.get(clause.about)
    # Of an attribute with several texts: its name, and the text.
    named = clause.name.split(" ", 1) if clause.about in _ATTRIBUTES else [clause.name]
    words = plain.format(*named) if plain is not None else SUBJECTS[clause.about]
    return words if clause.holds else f"not {words}"


def _proved(clause: Clause) -> str:
    if clause.more:
        return "everything that can be proved"
    each = (f"{used.value} {used.minutes} minutes ago" if used.minutes else str(used.value) for used in clause.values)
    return " and ".join(each) or "nothing"


def _subject(clause: Clause) -> str:
    if clause.about == "device":
        return f"where device.{clause.name} is"
    if clause.about == "risk":
        return f"at {clause.name}"
    if clause.about in _ATTRIBUTES:
        return f"where {clause.name} of the {_ATTRIBUTES[clause.about]} is"
    return SUBJECTS.get(clause.about, clause.about)


def _value(about: str, told: Told) -> str:
    value = told.value
    if told.several:
        return "several texts"
    if value is None:
        return "not set" if about in _ATTRIBUTES else "unknown"
    if about == SORT:
        return f"{'an' if value[0] in 'aeiou' else 'a'} {value}"
    if about == TARGET:
        return _target(value)
    if about == ADDRESS:
        return f"{value} ({', '.join(told.locations) or 'no named location'})"
    if about == COUNTRY and value == "":
        return "that nobody knows"
    return "of nobody whom a policy names" if about == PRINCIPAL and value == SOMEBODY else value


def _target(value: str) -> str:
    if value.startswith(ACTION):
        return _ACTIONS[UserAction(value.removeprefix(ACTION))]
    if value == CONTEXT_ALONE:
        return "an authentication context alone"
    app = value.removeprefix(APP)
    return NAMED_TARGETS.get(AppId(app)) or ("an app that no policy names" if app == ANOTHER_APP else app)
