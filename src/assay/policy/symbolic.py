"""What conditions mean for every sign-in there can be: Boolean terms over what sign-ins can differ in."""

from collections.abc import Callable, Mapping
from typing import Final

from assay.policy.location_table import LocationTable
from assay.policy.request import GuestType, UserKind
from assay.values import Value

Thing = str | bool | int | None  # what a dimension can be; the words and ids of requests


class Is(Value, frozen=True, cache_hash=True):
    """One dimension of the sign-in has this value."""

    dimension: str
    value: Thing


class Not(Value, frozen=True, cache_hash=True):
    """The opposite."""

    term: "Term"


class Every(Value, frozen=True, cache_hash=True):
    """All of them; of none it is true."""

    terms: tuple["Term", ...]


class Some(Value, frozen=True, cache_hash=True):
    """Any of them; of none it is false."""

    terms: tuple["Term", ...]


Term = Is | Not | Every | Some
TRUE: Final = Every(())
FALSE: Final = Some(())


def every(*terms: Term) -> Term:
    """All of the terms, without those that say nothing."""
    kept = tuple(dict.fromkeys(term for term in terms if term != TRUE))
    if FALSE in kept:
        return FALSE
    return kept[0] if len(kept) == 1 else Every(kept)


def some(*terms: Term) -> Term:
    """Any of the terms, without those that say nothing."""
    kept = tuple(dict.fromkeys(term for term in terms if term != FALSE))
    if TRUE in kept:
        return TRUE
    return kept[0] if len(kept) == 1 else Some(kept)


def opposite(term: Term) -> Term:
    """Not the term."""
    if term == TRUE:
        return FALSE
    if term == FALSE:
        return TRUE
    return term.term if isinstance(term, Not) else Not(term)


# The dimensions that every set has. Those of what it names beside them: `in_group`, `in_role`, `of_device`, ….
SORT: Final = "sort"
PRINCIPAL: Final = "principal"
TENANT: Final = "tenant"
AGENT_ACCOUNT: Final = "agentAccount"
TARGET: Final = "target"
CONTEXT: Final = "context"
CLIENT: Final = "client"
PLATFORM: Final = "platform"
ADDRESS: Final = "address"
COUNTRY: Final = "country"
GPS_COUNTRY: Final = "gpsCountry"
COMPLIANT_NETWORK: Final = "compliantNetwork"
REGISTERED: Final = "device.registered"
MANAGED: Final = "device.isManaged"
AGENT_CONTEXT: Final = "agentContext"
PLACE: Final = (ADDRESS, COUNTRY, GPS_COUNTRY, COMPLIANT_NETWORK)

# A principal's sort: kind and type of guest. A customer is judged like an external user of another kind.
WORKLOAD: Final = "workloadIdentity"
AGENT_IDENTITY: Final = "agentIdentity"
SORTS: Final[Mapping[str, tuple[UserKind | None, GuestType | None]]] = {
    "member": (UserKind.MEMBER, None),
    "guest": (UserKind.GUEST, None),
    **{
        found.value: (
            UserKind.MEMBER if found is GuestType.B2B_COLLABORATION_MEMBER else UserKind.GUEST,
            found,
        )
        for found in GuestType
    },
    WORKLOAD: (None, None),
    AGENT_IDENTITY: (None, None),
}
PERSON: Final = every(opposite(Is(SORT, WORKLOAD)), opposite(Is(SORT, AGENT_IDENTITY)))
CONTEXT_ALONE: Final = "context"  # the target that is an authentication context and no app
ACTION: Final = "action "
APP: Final = "app "


def in_group(group: str) -> Term:
    """The person is in the group."""
    return Is(f"group {group}", True)


def in_role(role: str) -> Term:
    """The person holds the role."""
    return Is(f"role {role}", True)


def in_app_group(group: str) -> Term:
    """The app is in one of Graph's groups of apps."""
    return Is(f"appGroup {group}", True)


def handed_over(flow: str) -> Term:
    """The session was handed over by this flow."""
    return Is(f"flow {flow}", True)


def of_device(name: str) -> str:
    """The dimension of one property of the device, by its name in filter rules."""
    return f"device.{name}"


def element(name: str, text: str) -> str:
    """The dimension of one element of a property that is a collection."""
    return f"device.{name} {text}"


# Custom security attributes, by whose they are: `appAttribute Set_Name`, and each of several texts behind it.
APP_ATTRIBUTE: Final = "appAttribute "
PRINCIPAL_ATTRIBUTE: Final = "principalAttribute "
SEVERAL: Final = True  # what such a dimension is where the attribute holds several texts


def one_of_several(dimension: str, text: str) -> str:
    """The dimension of one text of an attribute that holds several."""
    return f"{dimension} {text}"


def level(name: str) -> str:
    """The dimension of one sort of risk, by the name of its condition."""
    return f"risk {name}"


class Dimension(Value, frozen=True, kw_only=True):
    """One thing in which sign-ins differ; exactly one of the values is so, and the first is the most ordinary."""

    name: str
    values: tuple[Thing, ...]


class Vocabulary(Value, frozen=True, kw_only=True):
    """All in which the sign-ins that a set of policies tells apart can differ.

    INVARIANT: of any two sign-ins that some policy sees differently, the vocabulary tells the one from the other.
    `constraints`: what no sign-in can be. `elements`: of what is, or can be, a collection (a property of devices by its
    name, an attribute by its dimension), the elements that differ.
    `held_by`: the named locations that hold an address; `alike`: the countries that one of them stands for.
    """

    dimensions: Mapping[str, Dimension]
    constraints: tuple[Term, ...]
    locations: LocationTable
    elements: Mapping[str, tuple[str, ...]]
    held_by: Mapping[str, tuple[str, ...]]
    alike: Mapping[str, tuple[str, ...]]

    def values(self, dimension: str) -> tuple[Thing, ...]:
        """What the dimension can be."""
        return self.dimensions[dimension].values

    def where(self, dimension: str, holds: Callable[[Thing], bool]) -> Term:
        """The dimension has one of the values for which `holds`: the concrete rule, asked about each of them."""
        values = self.values(dimension)
        found = [value for value in values if holds(value)]
        if len(found) == len(values):
            return TRUE
        if len(found) > len(values) // 2:
            return every(*(opposite(Is(dimension, value)) for value in values if value not in found))
        return some(*(Is(dimension, value) for value in found))


def _mapped(term: Term, leaf: Callable[[Is], Term], known: dict[int, Term]) -> Term:
    found = known.get(id(term))
    if found is None:
        match term:
            case Is():
                found = leaf(term)
            case Not():
                found = opposite(_mapped(term.term, leaf, known))
            case Every():
                found = every(*(_mapped(each, leaf, known) for each in term.terms))
            case Some():
                found = some(*(_mapped(each, leaf, known) for each in term.terms))
        known[id(term)] = found
    return found


def given(term: Term, values: Mapping[str, Thing]) -> Term:
    """The term where some dimensions are known; TRUE or FALSE where all that it asks are."""

    def leaf(found: Is) -> Term:
        if found.dimension not in values:
            return found
        return TRUE if values[found.dimension] == found.value else FALSE

    return _mapped(term, leaf, {})


def renamed(term: Term, names: Mapping[str, str]) -> Term:
    """The term about other dimensions: the same question of a second sign-in."""
    return _mapped(term, lambda found: Is(names.get(found.dimension, found.dimension), found.value), {})


def substituted(term: Term, terms: Mapping[str, Term]) -> Term:
    """The term with others in the place of dimensions that are true or false."""
    return _mapped(term, lambda found: terms.get(found.dimension, found), {})


def true_of(term: Term, found: Mapping[str, Thing], known: dict[int, bool] | None = None) -> bool:
    """Whether the term is true of one sign-in; what it does not say of itself is false."""
    seen = {} if known is None else known
    answer = seen.get(id(term))
    if answer is None:
        match term:
            case Is():
                answer = term.dimension in found and found[term.dimension] == term.value
            case Not():
                answer = not true_of(term.term, found, seen)
            case Every():
                answer = all(true_of(each, found, seen) for each in term.terms)
            case Some():
                answer = any(true_of(each, found, seen) for each in term.terms)
        seen[id(term)] = answer
    return answer


def dimensions_of(term: Term) -> frozenset[str]:
    """Every dimension that the term asks."""
    seen: set[int] = set()
    found: set[str] = set()
    left = [term]
    while left:
        each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        match each:
            case Is():
                found.add(each.dimension)
            case Not():
                left.append(each.term)
            case Every() | Some():
                left += each.terms
    return frozenset(found)
