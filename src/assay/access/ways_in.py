"""What a person could do so that what was refused is allowed, by the methods that they have and can get."""

from typing import Final

from assay.events import DecisionRecord
from assay.identities.records import methods
from assay.policy import AccessRequest, CompiledPolicySet, Method, Outcome, Proof
from assay.policy.enforcement import EVERYTHING
from assay.policy.request import UserKind
from assay.policy.way_in import Change, ChangeKind, Means, WayIn, way_in
from assay.store import Reader
from assay.values import Reason, UserId

# What people register on their own pages; a passkey there always verifies its user.
REGISTRABLE: Final = (Method.SOFTWARE_OATH, Method.FIDO2)


def way_in_of(
    reader: Reader, record: DecisionRecord, request: AccessRequest, compiled: CompiledPolicySet
) -> WayIn | None:
    """The smallest way in for a recorded refusal, with what the person has today; None: there is nothing to say.

    Nothing for programs, which have nobody who could do it, and for what was allowed.
    """
    if record.outcome == Outcome.ALLOW.value or record.user_id is None or not is_person(request):
        return None
    return way_in(compiled, request, means_of(methods.summary(reader, UserId(record.user_id)).methods, request))


def is_person(request: AccessRequest) -> bool:
    """Whether somebody asks who can do something about it."""
    return request.principal.kind in tuple(UserKind)


def means_of(held: frozenset[Method], request: AccessRequest) -> Means:
    """What somebody who has these methods has and can get, where our pages and our gateway enforce.

    Nobody here sees devices or apps: what a policy demands of them no person can show, and so none is told to.
    """
    everything = request.enforced_by == EVERYTHING
    return Means(
        held=tuple(_proof(method, request) for method in sorted(held)),
        registrable=tuple(_proof(method, request) for method in REGISTRABLE if method not in held),
        devices=everything,
        applications=everything,
        places=True,
    )


def _proof(method: Method, request: AccessRequest) -> Proof:
    """As it would be made now; with the key that was used, where one was."""
    used = [proof for proof in request.proofs if proof.method is method]
    return used[-1] if used else Proof(method=method, at=request.at, user_verified=True)


def remedies_of(found: WayIn) -> tuple[Reason, ...]:
    """What somebody who was refused is told to do, in this order; nothing where the search was given up.

    Places are not named: who was refused may be somebody else than who they say, and learns of none.
    """
    if found.changes is None:
        return (Reason.of("askHelpDesk"),) if found.exhaustive else ()
    return tuple(dict.fromkeys(Reason.of(_remedy(change)) for change in found.changes))


_REMEDIES: Final = {
    ChangeKind.REAUTHENTICATE: "proveAgain",
    ChangeKind.USE_METHOD: "proveAgain",
    ChangeKind.REGISTER_METHOD: "registerMethod",
    ChangeKind.USE_BROWSER: "useBrowser",
    ChangeKind.OTHER_PLACE: "useOtherNetwork",
}


def _remedy(change: Change) -> str:
    if change.kind is ChangeKind.REGISTER_METHOD and change.subject == Method.FIDO2:
        return "registerPasskey"
    return _REMEDIES.get(change.kind, "askHelpDesk")
