"""Lock-out: would a policy set leave no administrator a way to the console and the own pages?

Asked of the engine itself, about the best sign-in that each administrator could do: there are no second semantics.
It is exact for our gateway: every platform, and an address for each set of named locations that holds one. No solver
is asked, so the writer waits for milliseconds, beside what it takes to compile both sets. Administrators whom no policy
tells apart are asked about once.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from assay.access.administrators import administrators
from assay.governance.assignments import holders_of
from assay.governance.records import assignments, break_glass
from assay.identities.records import groups, methods, users
from assay.identities.users import User
from assay.policy import (
    AccessRequest,
    Address,
    AppTarget,
    ClientApp,
    CompiledPolicySet,
    Method,
    Platform,
    PolicyResult,
    PolicySet,
    Principal,
    Proof,
    compile_policies,
    decide,
)
from assay.policy.break_glass import compiled_for_break_glass
from assay.policy.compile import CANNOT_EVALUATE
from assay.policy.conditions.base import ConditionName
from assay.policy.targets import CONSOLE, OWN_PAGES
from assay.store import Reader
from assay.values import AppId, Reason, Value

TARGETS: Final = (CONSOLE, OWN_PAGES)


class Candidate(Value, frozen=True, kw_only=True):
    """An administrator with everything this person could prove right now."""

    name: str
    principal: Principal
    proofs: tuple[Proof, ...]


class LockOut(Value, frozen=True, kw_only=True):
    """`refused`: why a change of policies must not be made; `enters`: an administrator who gets in after it.

    Not `able`: no administrator has a method to sign in with, so that nothing is known.
    """

    refused: Reason | None = None
    enters: str = ""
    able: bool = True


def lock_out(reader: Reader, before: PolicySet, after: PolicySet, at: datetime) -> LockOut:
    """Whether this change of policies may be made.

    Nothing is refused while nobody could sign in anyway, nor where it was no better before.
    """
    able = tuple(found for user in administrators(reader) if (found := _candidate(reader, user, at)).proofs)
    if not able:
        return LockOut(able=False)
    # Once each: of a hundred thousand ranges it takes seconds.
    drafted = compile_policies(after)
    enters = _who_enters(drafted, able, at)
    if enters or not _who_enters(compile_policies(before), able, at):
        return LockOut(enters=enters)
    first = able[0]
    refusing = ", ".join(_refusing(drafted, first, at))
    return LockOut(refused=Reason.of("wouldLockOut", person=first.name, policies=refusing))


def emergency_access(reader: Reader, at: datetime) -> tuple[str, ...]:
    """The emergency access accounts that get in by their policy, which is built in, whatever else there is."""
    accounts = [user for each in sorted(break_glass.user_ids(reader)) if (user := users.get(reader, each)) is not None]
    found = (_candidate(reader, user, at, emergency=True) for user in accounts if user.enabled)
    compiled = compiled_for_break_glass()
    return tuple(each.name for each in found if _who_enters(compiled, (each,), at))


def _candidate(reader: Reader, user: User, at: datetime, *, emergency: bool = False) -> Candidate:
    in_groups = groups.effective_groups(reader, user.id)
    holders = holders_of(user.id, in_groups)
    held = methods.summary(reader, user.id).methods
    return Candidate(
        name=user.user_name,
        principal=Principal(
            id=user.id,
            kind=user.kind,
            groups=in_groups,
            roles=frozenset(each.role_id for each in assignments.role_assignments(reader) if each.holder in holders),
            break_glass=emergency,
        ),
        proofs=tuple(Proof(method=method, at=at, user_verified=True) for method in sorted(held & _FACTORS)),
    )


# A recovery code alone is no way in that one may rely on.
_FACTORS: Final = frozenset({Method.PASSWORD, Method.SOFTWARE_OATH, Method.FIDO2})


def _who_enters(compiled: CompiledPolicySet, candidates: tuple[Candidate, ...], at: datetime) -> str:
    """The name of the first who does; of those whom no policy tells apart, and who prove the same, one is asked about.

    That is all that decisions know of a person: which policies are about them, what sort they are, what they prove.
    """
    addresses = _addresses(compiled)
    refused: set[tuple[object, ...]] = set()
    for candidate in candidates:
        who = candidate.principal
        mask = compiled.subject(who)
        seen = (mask, who.kind, who.guest_type, who.break_glass, candidate.proofs)
        if seen not in refused and _enters(
            compiled, candidate, mask, _told_apart(compiled, candidate, mask, addresses, at), at
        ):
            return candidate.name
        refused.add(seen)
    return ""


def _told_apart(
    compiled: CompiledPolicySet, candidate: Candidate, mask: int, addresses: tuple[Address, ...], at: datetime
) -> tuple[Address, ...]:
    """One of these addresses for each set of this person's policies that are about it; no decision tells others apart.

    There may be a thousand locations, and of one person's policies few ask for any.
    """
    about_place = dict(compiled.indexes).get(ConditionName.LOCATION)
    if about_place is None:
        return addresses[:1]

    def about(address: Address) -> int:
        try:
            return mask & about_place(_request(candidate, CONSOLE, None, address, at))
        except Exception:  # noqa: BLE001  there it denies (`decide`), and stands for no other place
            return CANNOT_EVALUATE

    found: dict[int, Address] = {}
    for address in addresses:
        found.setdefault(about(address), address)
    return tuple(found.values())


def _enters(
    compiled: CompiledPolicySet, candidate: Candidate, mask: int, addresses: tuple[Address, ...], at: datetime
) -> bool:
    """Whether one way of signing in, from one place on one platform, opens all that administration needs."""
    return any(
        all(decide(compiled, mask, request).allowed for request in requests.values())
        for requests in _ways(candidate, addresses, at)
    )


def _ways(candidate: Candidate, addresses: tuple[Address, ...], at: datetime) -> Iterator[Mapping[str, AccessRequest]]:
    for platform in (None, *Platform):
        for address in addresses:
            yield {target: _request(candidate, target, platform, address, at) for target in TARGETS}


def _request(
    candidate: Candidate, target: AppId, platform: Platform | None, address: Address, at: datetime
) -> AccessRequest:
    return AccessRequest(
        principal=candidate.principal,
        assigned=True,
        target=AppTarget(app_id=target),
        client_app=ClientApp.BROWSER,
        platform=platform,
        address=address,
        proofs=candidate.proofs,
        at=at,
    )


def _addresses(compiled: CompiledPolicySet) -> tuple[Address, ...]:
    """One address for each set of named locations that hold one: no policy tells two of the same set apart."""
    return tuple(address for _, address in compiled.locations.one_of_each())


def _refusing(compiled: CompiledPolicySet, candidate: Candidate, at: datetime) -> tuple[str, ...]:
    """What refuses the first of the sign-ins that were tried: a counterexample, for whoever wrote the policies."""
    mask = compiled.subject(candidate.principal)
    requests = next(_ways(candidate, _addresses(compiled), at))
    applied = (each for request in requests.values() for each in decide(compiled, mask, request).applied)
    return tuple(dict.fromkeys(each.display_name for each in applied if each.result is not PolicyResult.SUCCESS))
