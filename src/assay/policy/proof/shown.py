"""What can be proved, done and shown in a sign-in, as dimensions; methods by how old they are."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain, combinations
from typing import Final

from assay.policy.compile import CompiledPolicy
from assay.policy.controls import Alternative
from assay.policy.definition import AuthenticationStrengthPolicy
from assay.policy.enforcement import Control
from assay.policy.freshness import NEVER
from assay.policy.request import Method, Proof
from assay.policy.symbolic import Dimension, Is, Term
from assay.values import Value

MOST_OIDS: Final = 4  # of certificates that a set names: each set of them is a certificate of its own
ANOTHER: Final = "another"
FLAGS: Final = {
    Control.APPROVED_APPLICATION: "shown approvedApplication",
    Control.COMPLIANT_APPLICATION: "shown compliantApplication",
    Control.PASSWORD_CHANGE: "shown passwordChange",
    Control.RISK_REMEDIATION: "shown riskRemediation",
}
TOKEN_PROTECTION: Final = "shown tokenProtection"  # noqa: S105  the name of a control, no secret


class Evidence(Value, frozen=True, kw_only=True):
    """One sort of proof that a set tells from others: the method, and the key or certificate where that counts."""

    proof: Proof

    @property
    def dimension(self) -> str:
        """Its dimension: None where it was not used, else how many minutes ago."""
        found = self.proof
        parts = (found.method.value, found.aaguid, found.issuer_ski, " ".join(found.policy_oids))
        return "proof " + " ".join(part for part in parts if part)

    def used(self, minutes: int) -> Term:
        """It was used that long ago."""
        return Is(self.dimension, minutes)


class Evidences(Value, frozen=True, kw_only=True):
    """All sorts of proof. `ages`: each age at which one of them may stop to count, in minutes, 0 the first."""

    every: tuple[Evidence, ...]
    ages: tuple[int, ...]

    def of(self, method: Method) -> Iterator[Evidence]:
        """Those by one method."""
        return (found for found in self.every if found.proof.method is method)


def alternatives_of(policies: Iterable[CompiledPolicy]) -> Iterator[Alternative]:
    """Every control of the policies."""
    for policy in policies:
        for group in chain(policy.groups, policy.groups_registering):
            yield from group


def evidences_of(
    policies: Iterable[CompiledPolicy], strengths: Iterable[AuthenticationStrengthPolicy] = ()
) -> Evidences | None:
    """What the policies, and strengths that a question names, tell apart.

    None: more sorts of certificates than can be looked through.
    """
    found = tuple(policies)
    limits = [limit for each in alternatives_of(found) for limit in each.configurations]
    limits += [limit for each in strengths for limit in each.combination_configurations]
    keys = dict.fromkeys(key for limit in limits for key in limit.allowed_aaguids)
    issuers = dict.fromkeys(ski for limit in limits for ski in limit.allowed_issuer_skis)
    oids = tuple(dict.fromkeys(oid for limit in limits for oid in limit.allowed_policy_oids))
    if len(oids) > MOST_OIDS:
        return None
    sets = tuple(chain.from_iterable(combinations(oids, size) for size in range(len(oids) + 1)))
    every: list[Proof] = []
    for method in Method:
        blank = Proof(method=method, at=NEVER, user_verified=True)
        if method is Method.FIDO2:
            every += [_with(blank, aaguid=key) for key in ("", *keys)]
        elif method in (Method.X509_CERTIFICATE_SINGLE_FACTOR, Method.X509_CERTIFICATE_MULTI_FACTOR):
            every += [_with(blank, ski=ski, oids=named) for ski in ("", *issuers) for named in sets]
        else:
            every.append(blank)
    return Evidences(every=tuple(Evidence(proof=proof) for proof in every), ages=_ages(found))


def _with(proof: Proof, *, aaguid: str = "", ski: str = "", oids: tuple[str, ...] = ()) -> Proof:
    return Proof(method=proof.method, at=proof.at, user_verified=True, aaguid=aaguid, issuer_ski=ski, policy_oids=oids)


def minutes(age: timedelta) -> int:
    """Ages in policies are whole minutes."""
    return int(age.total_seconds()) // 60


def _ages(policies: Iterable[CompiledPolicy]) -> tuple[int, ...]:
    ages = {age for each in policies for age in (each.ages.primary, each.ages.secondary) if age is not None}
    return (0, *sorted(map(minutes, ages)))


def terms_of_use(name: str) -> str:
    """The dimension of an agreement."""
    return f"shown termsOfUse {name}"


def custom_factor(name: str) -> str:
    """The dimension of a custom authentication factor."""
    return f"shown customAuthenticationFactor {name}"


def shown_dimensions(policies: Iterable[CompiledPolicy], evidences: Evidences) -> Iterator[Dimension]:
    """Every dimension of what is proved, done and shown."""
    for found in evidences.every:
        yield Dimension(name=found.dimension, values=(None, *evidences.ages))
    for name in FLAGS.values():
        yield Dimension(name=name, values=(False, True))
    yield Dimension(name=TOKEN_PROTECTION, values=(None, True, False))
    named = {(each.control, each.subject) for each in alternatives_of(policies) if each.subject is not None}
    for control, subject in sorted(named):
        name = terms_of_use(str(subject)) if control is Control.TERMS_OF_USE else custom_factor(str(subject))
        yield Dimension(name=name, values=(False, True))
