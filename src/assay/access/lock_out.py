"""Lock-out: would a policy set leave no administrator a way to the console and the own pages?

Asked of the engine itself, about the best sign-in that each administrator could do: there are no second semantics.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from ipaddress import ip_address
from typing import Final

from assay.access.administrators import administrators
from assay.governance.assignments import holders_of
from assay.governance.records import assignments
from assay.identities.records import groups, methods
from assay.identities.users import User
from assay.policy import (
    AccessRequest,
    Address,
    AppTarget,
    ClientApp,
    CompiledPolicySet,
    Method,
    Platform,
    PolicySet,
    Principal,
    Proof,
    compile_policies,
    decide,
)
from assay.policy.location_table import parse_range
from assay.policy.targets import CONSOLE, OWN_PAGES
from assay.store import Reader
from assay.values import Reason, Value

# Addresses for documentation (RFC 5737, RFC 3849): somewhere outside every location that anybody names.
OUTSIDE: Final = tuple(map(ip_address, ("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1")))
RANGES_TRIED: Final = 200
TARGETS: Final = (CONSOLE, OWN_PAGES)


class Candidate(Value, frozen=True, kw_only=True):
    """An administrator with everything this person could prove right now."""

    principal: Principal
    proofs: tuple[Proof, ...]


def lock_out(reader: Reader, before: PolicySet, after: PolicySet, at: datetime) -> Reason | None:
    """Why this change of policies must not be made, or None.

    Nothing is refused while nobody could sign in anyway, nor where it was no better before.
    """
    candidates = tuple(_candidate(reader, user, at) for user in administrators(reader))
    able = tuple(candidate for candidate in candidates if candidate.proofs)
    if not able or _somebody_enters(after, able, at) or not _somebody_enters(before, able, at):
        return None
    return Reason.of("wouldLockOut")


def _candidate(reader: Reader, user: User, at: datetime) -> Candidate:
    in_groups = groups.effective_groups(reader, user.id)
    holders = holders_of(user.id, in_groups)
    held = methods.summary(reader, user.id).methods
    return Candidate(
        principal=Principal(
            id=user.id,
            kind=user.kind,
            groups=in_groups,
            roles=frozenset(each.role_id for each in assignments.role_assignments(reader) if each.holder in holders),
        ),
        proofs=tuple(Proof(method=method, at=at, user_verified=True) for method in sorted(held & _FACTORS)),
    )


# A recovery code alone is no way in that one may rely on.
_FACTORS: Final = frozenset({Method.PASSWORD, Method.SOFTWARE_OATH, Method.FIDO2})


def _somebody_enters(policy_set: PolicySet, candidates: tuple[Candidate, ...], at: datetime) -> bool:
    compiled = compile_policies(policy_set)
    addresses = tuple(_addresses(policy_set))
    return any(_enters(compiled, candidate, addresses, at) for candidate in candidates)


def _enters(compiled: CompiledPolicySet, candidate: Candidate, addresses: tuple[Address, ...], at: datetime) -> bool:
    """Whether one way of signing in, from one place on one platform, opens all that administration needs."""
    mask = compiled.subject(candidate.principal)
    return any(
        all(decide(compiled, mask, request).allowed for request in requests.values())
        for requests in _ways(candidate, addresses, at)
    )


def _ways(candidate: Candidate, addresses: tuple[Address, ...], at: datetime) -> Iterator[Mapping[str, AccessRequest]]:
    for platform in (None, *Platform):
        for address in addresses:
            yield {
                target: AccessRequest(
                    principal=candidate.principal,
                    assigned=True,
                    target=AppTarget(app_id=target),
                    client_app=ClientApp.BROWSER,
                    platform=platform,
                    address=address,
                    proofs=candidate.proofs,
                    at=at,
                )
                for target in TARGETS
            }


def _addresses(policy_set: PolicySet) -> Iterator[Address]:
    yield from OUTSIDE
    ranges = [text for location in policy_set.locations for text in location.ranges]
    for text in ranges[:RANGES_TRIED]:
        yield parse_range(text)[0]
