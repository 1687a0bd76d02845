"""The smallest way in: the cheapest changes that a person can make so that a refused request is allowed.

Every answer is verified by deciding the changed request: what is changed may make other policies apply. With each
choice of what conditions look at, the cheapest of what only satisfies is found (cheapest.py): no cheaper set would do.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from heapq import heappop, heappush
from itertools import count
from typing import Final

from msgspec.structs import replace

from assay.policy.cheapest import GivenUpError, cheapest
from assay.policy.compile import CompiledPolicySet
from assay.policy.condition_set import Locations
from assay.policy.decide import decide
from assay.policy.decision import Outcome
from assay.policy.device import Device, TrustType
from assay.policy.enforcement import Control
from assay.policy.location_table import parse_range
from assay.policy.request import LEGACY_CLIENT_APPS, AccessRequest, Address, ClientApp, Proof, commonness
from assay.values import Value

MOST_TRIED: Final = 3_000  # changed requests that are decided, some fifty microseconds each
MOST_PLACES: Final = 4


class ChangeKind(StrEnum):
    """What a person can do, the cheapest first."""

    REAUTHENTICATE = "reauthenticate"  # with a method that was used in this session
    USE_METHOD = "useMethod"  # that the person has
    REGISTER_METHOD = "registerMethod"
    ACCEPT_TERMS = "acceptTerms"
    CUSTOM_FACTOR = "customFactor"
    REMEDIATE_RISK = "remediateRisk"
    CHANGE_PASSWORD = "changePassword"  # noqa: S105  a change, no secret
    USE_BROWSER = "useBrowser"  # instead of a program without modern authentication
    USE_APPROVED_APP = "useApprovedApp"
    USE_PROTECTED_APP = "useProtectedApp"
    USE_COMPLIANT_DEVICE = "useCompliantDevice"
    USE_JOINED_DEVICE = "useJoinedDevice"
    OTHER_PLACE = "otherPlace"


# One of a kind costs more than several of the cheaper ones: nobody fetches another device to save a password.
COSTS: Final = {
    ChangeKind.REAUTHENTICATE: 1,
    ChangeKind.USE_METHOD: 2,
    ChangeKind.REGISTER_METHOD: 10,
    ChangeKind.ACCEPT_TERMS: 30,
    ChangeKind.CUSTOM_FACTOR: 30,
    ChangeKind.REMEDIATE_RISK: 60,
    ChangeKind.CHANGE_PASSWORD: 100,
    ChangeKind.USE_BROWSER: 200,
    ChangeKind.USE_APPROVED_APP: 400,
    ChangeKind.USE_PROTECTED_APP: 400,
    ChangeKind.USE_COMPLIANT_DEVICE: 800,
    ChangeKind.USE_JOINED_DEVICE: 800,
    ChangeKind.OTHER_PLACE: 2_000,
}


_KINDS: Final = tuple(ChangeKind)


class Change(Value, frozen=True, kw_only=True):
    """One thing to do. `subject`: the method, the terms, the factor or the named location."""

    kind: ChangeKind
    subject: str = ""
    proof: Proof | None = None
    address: Address | None = None

    @property
    def cost(self) -> int:
        return COSTS[self.kind]


class Means(Value, frozen=True, kw_only=True):
    """What the person has and can get; `held` and `registrable` are proofs as they would be made, of any instant.

    `devices`, `applications`: whether whoever decides sees devices and apps at all. `places`: whether another network
    is spoken of.
    """

    held: tuple[Proof, ...] = ()
    registrable: tuple[Proof, ...] = ()
    devices: bool = False
    applications: bool = False
    places: bool = False


class WayIn(Value, frozen=True, kw_only=True):
    """The changes, the cheapest set of all. None: nothing that the person can do lets this in.

    `exhaustive` False: so many sets were tried that the search was given up, and nothing is known.
    """

    changes: tuple[Change, ...] | None
    exhaustive: bool = True


def way_in(compiled: CompiledPolicySet, request: AccessRequest, means: Means) -> WayIn:
    """The cheapest changes by which this request would be allowed; none where it is allowed already."""
    if request.assigned is False:
        return WayIn(changes=None)  # only an administrator assigns
    subject = compiled.subject(request.principal)

    tries = count(1)

    def lets_in(changes: Iterable[Change]) -> bool:
        if next(tries) > MOST_TRIED:
            raise GivenUpError
        return decide(compiled, subject, changed(request, changes)).outcome is Outcome.ALLOW

    possible = sorted(candidates(compiled, request, means), key=_order)
    try:
        return WayIn(changes=_cheapest(possible, lets_in))
    except GivenUpError:
        return WayIn(changes=None, exhaustive=False)


# What conditions look at, so that it may also make policies apply; whatever else is done only satisfies controls.
_CIRCUMSTANCES: Final = frozenset(
    {
        ChangeKind.USE_BROWSER,
        ChangeKind.USE_APPROVED_APP,
        ChangeKind.USE_PROTECTED_APP,
        ChangeKind.USE_COMPLIANT_DEVICE,
        ChangeKind.USE_JOINED_DEVICE,
        ChangeKind.OTHER_PLACE,
    }
)


def _cheapest(possible: Sequence[Change], lets_in: Callable[[Iterable[Change]], bool]) -> tuple[Change, ...] | None:
    """With each choice of circumstances, the cheapest first, the least of what only satisfies; the cheapest of all."""
    satisfying = [change for change in possible if change.kind not in _CIRCUMSTANCES]
    best: tuple[Change, ...] | None = None
    for chosen in _by_cost([change for change in possible if change.kind in _CIRCUMSTANCES]):
        if best is not None and _cost(chosen) > _cost(best):
            break

        def suffices(places: Collection[int], chosen: tuple[Change, ...] = chosen) -> bool:
            return lets_in((*(satisfying[place] for place in sorted(places)), *chosen))

        if suffices(range(len(satisfying))):
            least = cheapest([change.cost for change in satisfying], suffices)
            found = tuple(sorted((*(satisfying[place] for place in least), *chosen), key=_order))
            best = found if best is None else min(best, found, key=_preference)
    return best


def _cost(changes: Iterable[Change]) -> int:
    return sum(change.cost for change in changes)


def _preference(changes: Sequence[Change]) -> tuple[object, ...]:
    return _cost(changes), len(changes), tuple(map(_order, changes))


def _order(change: Change) -> tuple[int, int, int, str, str]:
    proof = change.proof
    common, aaguid = (0, "") if proof is None else (commonness(proof.method), proof.aaguid)
    return change.cost, _KINDS.index(change.kind), common, change.subject, aaguid


def _by_cost(possible: Sequence[Change]) -> Iterator[tuple[Change, ...]]:
    """Every set of circumstances that go together, once, the cheapest first."""
    waiting: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, ())]
    while waiting:
        cost, _, places = heappop(waiting)
        yield tuple(possible[place] for place in places)
        for place in range(places[-1] + 1 if places else 0, len(possible)):
            if _go_together([possible[each] for each in places], possible[place]):
                more = (*places, place)
                heappush(waiting, (cost + possible[place].cost, len(more), more))


def _go_together(several: Sequence[Change], one: Change) -> bool:
    """Nobody is at two places."""
    return one.kind is not ChangeKind.OTHER_PLACE or all(change.kind is not one.kind for change in several)


def changed(request: AccessRequest, changes: Iterable[Change]) -> AccessRequest:
    """The request after these changes, at the same instant."""
    for change in changes:
        request = _MADE[change.kind](request, change)
    return request


def _prove(request: AccessRequest, change: Change) -> AccessRequest:
    assert change.proof is not None
    return replace(request, proofs=(*request.proofs, replace(change.proof, at=request.at)))


def _accept(request: AccessRequest, change: Change) -> AccessRequest:
    done = request.satisfied
    return replace(request, satisfied=replace(done, terms_of_use=done.terms_of_use | {change.subject}))


def _show_factor(request: AccessRequest, change: Change) -> AccessRequest:
    done = request.satisfied
    shown = done.custom_authentication_factors | {change.subject}
    return replace(request, satisfied=replace(done, custom_authentication_factors=shown))


def _satisfy(request: AccessRequest, **done: datetime | bool) -> AccessRequest:
    return replace(request, satisfied=replace(request.satisfied, **done))


def _use_device(request: AccessRequest, **shown: bool | str) -> AccessRequest:
    return replace(request, device=replace(request.device or Device(), **shown))


_MADE: Final[Mapping[ChangeKind, Callable[[AccessRequest, Change], AccessRequest]]] = {
    ChangeKind.REAUTHENTICATE: _prove,
    ChangeKind.USE_METHOD: _prove,
    ChangeKind.REGISTER_METHOD: _prove,
    ChangeKind.ACCEPT_TERMS: _accept,
    ChangeKind.CUSTOM_FACTOR: _show_factor,
    ChangeKind.REMEDIATE_RISK: lambda request, _: _satisfy(request, risk_remediation=request.at),
    ChangeKind.CHANGE_PASSWORD: lambda request, _: _satisfy(request, password_change=request.at),
    ChangeKind.USE_BROWSER: lambda request, _: replace(request, client_app=ClientApp.BROWSER),
    ChangeKind.USE_APPROVED_APP: lambda request, _: _satisfy(request, approved_application=True),
    ChangeKind.USE_PROTECTED_APP: lambda request, _: _satisfy(request, compliant_application=True),
    ChangeKind.USE_COMPLIANT_DEVICE: lambda request, _: _use_device(request, is_compliant=True, is_managed=True),
    ChangeKind.USE_JOINED_DEVICE: lambda request, _: _use_device(request, trust_type=TrustType.SERVER_AD.value),
    ChangeKind.OTHER_PLACE: lambda request, change: replace(request, address=change.address),
}
_BY_CONTROL: Final = {
    Control.TERMS_OF_USE: ChangeKind.ACCEPT_TERMS,
    Control.CUSTOM_AUTHENTICATION_FACTOR: ChangeKind.CUSTOM_FACTOR,
    Control.RISK_REMEDIATION: ChangeKind.REMEDIATE_RISK,
    Control.PASSWORD_CHANGE: ChangeKind.CHANGE_PASSWORD,
}
_BY_APPLICATION: Final = {
    Control.APPROVED_APPLICATION: ChangeKind.USE_APPROVED_APP,
    Control.COMPLIANT_APPLICATION: ChangeKind.USE_PROTECTED_APP,
}
_BY_DEVICE: Final = {
    Control.COMPLIANT_DEVICE: ChangeKind.USE_COMPLIANT_DEVICE,
    Control.DOMAIN_JOINED_DEVICE: ChangeKind.USE_JOINED_DEVICE,
}


def candidates(compiled: CompiledPolicySet, request: AccessRequest, means: Means) -> frozenset[Change]:
    """Everything that the person could change and that a policy about this person looks at."""
    subject = max(0, compiled.subject(request.principal))
    about = tuple(compiled.table.of(subject))
    controls = {
        (alternative.control, alternative.subject or "")
        for found in about
        for group in (*found.groups, *found.groups_registering)
        for alternative in group
    }
    kinds = {control: kind for control, kind in _BY_CONTROL.items() if control in request.enforced_by.asks}
    kinds |= _BY_APPLICATION if means.applications else {}
    kinds |= _BY_DEVICE if means.devices else {}
    found = {Change(kind=kinds[control], subject=subject) for control, subject in controls if control in kinds}
    found |= set(_proofs(request, means))
    if request.client_app in LEGACY_CLIENT_APPS:
        found.add(Change(kind=ChangeKind.USE_BROWSER))
    if means.places:
        found |= set(_places(compiled, {name for each in about for name in _named(each.policy.conditions.locations)}))
    return frozenset(found)


def _proofs(request: AccessRequest, means: Means) -> Iterator[Change]:
    """To prove again what was used, to use what the person has, to register what can be had."""
    used = {_authenticator(proof) for proof in request.proofs}
    for proof in means.held:
        kind = ChangeKind.REAUTHENTICATE if _authenticator(proof) in used else ChangeKind.USE_METHOD
        yield Change(kind=kind, subject=proof.method, proof=replace(proof, at=request.at))
    for proof in means.registrable:
        yield Change(kind=ChangeKind.REGISTER_METHOD, subject=proof.method, proof=replace(proof, at=request.at))


def _authenticator(proof: Proof) -> tuple[object, ...]:
    """What is used again is the same key or certificate, as far as policies tell them apart."""
    return proof.method, proof.aaguid, proof.issuer_ski, proof.policy_oids


def _named(locations: Locations | None) -> tuple[str, ...]:
    return () if locations is None else (*locations.include_locations, *locations.exclude_locations)


def _places(compiled: CompiledPolicySet, named: Collection[str]) -> Iterator[Change]:
    """An address in each place that policies about the person name or trust, the trusted ones first."""
    locations = [each for each in compiled.policy_set.locations if each.ranges and not each.undecided]
    spoken_of = [each for each in locations if each.id in named or (each.is_trusted and named)]
    for each in sorted(spoken_of, key=lambda place: (not place.is_trusted, place.id))[:MOST_PLACES]:
        first, _ = parse_range(each.ranges[0])
        yield Change(kind=ChangeKind.OTHER_PLACE, subject=each.id, address=first)
