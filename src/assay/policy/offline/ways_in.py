"""The smallest way in for a sign-in of a document: whatever anybody could do there, as nobody's methods are known."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Final

from assay.policy.compile import CompiledPolicySet
from assay.policy.definition import CombinationConfiguration
from assay.policy.enforcement import EVERYTHING
from assay.policy.offline.shapes import WayChangeShape, WayInShape
from assay.policy.request import AccessRequest, Method, Proof, UserKind
from assay.policy.way_in import Change, Means, way_in

# What is proved to somebody else nobody can do here, and a recovery code is for whoever lost everything.
_ELSEWHERE: Final = frozenset(
    {Method.FEDERATED_SINGLE_FACTOR, Method.FEDERATED_MULTI_FACTOR, Method.EMAIL, Method.RECOVERY_CODE}
)
_CERTIFICATES: Final = (Method.X509_CERTIFICATE_SINGLE_FACTOR, Method.X509_CERTIFICATE_MULTI_FACTOR)
_MOST_OF_A_METHOD: Final = 8  # keys and certificates of different makers that are tried


def way_in_shape(compiled: CompiledPolicySet, request: AccessRequest) -> WayInShape | None:
    """The cheapest changes by which this sign-in would be granted; None for programs, which nobody sits before."""
    if request.principal.kind not in tuple(UserKind):
        return None
    found = way_in(compiled, request, _means(compiled, request))
    places = {str(location.id): location.display_name for location in compiled.policy_set.locations}
    if found.changes is None:
        return WayInShape(changes=None, exhaustive=found.exhaustive)
    changes = tuple(WayChangeShape(change=each.kind.value, subject=_subject(each, places)) for each in found.changes)
    return WayInShape(changes=changes, exhaustive=True)


def _subject(change: Change, places: Mapping[str, str]) -> str:
    """With the make of a key, and the issuer and policies of a certificate, where a strength asks for them."""
    proof = change.proof
    if proof is None:
        return places.get(change.subject, change.subject)
    return " ".join(part for part in (change.subject, proof.aaguid, proof.issuer_ski, *proof.policy_oids) if part)


def _means(compiled: CompiledPolicySet, request: AccessRequest) -> Means:
    """Every method is at hand, also with each key and certificate that a strength asks for."""
    everything = request.enforced_by == EVERYTHING
    limits = [each for strength in compiled.policy_set.strengths for each in strength.combination_configurations]
    used = {proof.method: proof for proof in request.proofs}
    at_hand = [Proof(method=method, at=request.at, user_verified=True) for method in Method if method not in _ELSEWHERE]
    held = [*used.values(), *at_hand, *_as_limited(request, limits)]
    return Means(
        held=tuple(dict.fromkeys(held)),
        devices=everything,
        applications=everything,
        places=True,
    )


def _as_limited(request: AccessRequest, limits: Iterable[CombinationConfiguration]) -> Iterator[Proof]:
    for limit in limits:
        for aaguid in limit.allowed_aaguids[:_MOST_OF_A_METHOD]:
            yield Proof(method=Method.FIDO2, at=request.at, user_verified=True, aaguid=aaguid)
        issued = product(limit.allowed_issuer_skis or ("",), limit.allowed_policy_oids or ("",), _CERTIFICATES)
        for ski, oid, method in islice(issued, _MOST_OF_A_METHOD):
            yield Proof(
                method=method, at=request.at, user_verified=True, issuer_ski=ski, policy_oids=(oid,) if oid else ()
            )
