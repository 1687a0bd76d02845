"""Whether what is demanded is met; told from how the proofs look, once for all requests whose proofs look alike."""

from bisect import bisect_right
from datetime import datetime
from typing import Final

from assay.policy.controls import Group
from assay.policy.decision import Outcome
from assay.policy.demands import Demands, Plan, Way
from assay.policy.freshness import FIRST_FACTORS, NEVER, PRIMARY, Freshness, counts
from assay.policy.request import LEGACY_CLIENT_APPS, NOTHING_ELSE, AccessRequest
from assay.policy.satisfaction import AUTHENTICATION, askable, satisfied_until, shown, unenforced
from assay.values import Value

REMEMBERED: Final = 256  # looks of proofs, for one set of demands


class Verdict(Value, frozen=True, gc=False):
    """What the enforced policies say, and from when the same proofs may no longer satisfy them (NEVER: always).

    `unchanged_until`: until then nothing that can be said of the request changes (it may be longer than that).
    """

    outcome: Outcome
    valid_until: datetime
    unchanged_until: datetime


def verdict(demands: Demands, request: AccessRequest) -> Verdict:
    """What the enforced policies say; what each of them says is told by `Judgement`."""
    at, ages, worth, principal, unchanged = request.at, demands.turning, demands.worth, request.principal, NEVER
    # All that the outcome depends on beside what is demanded.
    look: list[object] = [
        request.client_app in LEGACY_CLIENT_APPS,
        request.device,
        request.flows,
        request.enforced_by,
        principal.kind,
        principal.guest_type,
        principal.agent,
    ]
    for proof in request.proofs:
        proved = proof.at
        passed = bisect_right(ages, at - proved)
        if passed < len(ages):
            end = proved + ages[passed]
            if end < unchanged:
                unchanged = end
        look += (proof.method, proof.user_verified, worth[passed])
    satisfied = request.satisfied
    if demands.by_look and (satisfied is NOTHING_ELSE or satisfied == NOTHING_ELSE):
        key = tuple(look)
        plan = demands.plans.get(key)
        if plan is None:
            plan = _plan(demands, request)
            if len(demands.plans) >= REMEMBERED:
                demands.plans.clear()
            demands.plans[key] = plan
        if plan.by_look:
            return Verdict(plan.outcome, plan.valid_until(request.proofs), unchanged)
    return _one_by_one(demands, request, unchanged)


def _one_by_one(demands: Demands, request: AccessRequest, unchanged: datetime) -> Verdict:
    """Where more than the look of the proofs counts: which key, which certificate, what else was done."""
    for done in (request.satisfied.password_change, request.satisfied.risk_remediation):
        if done is not None and request.at < done:
            unchanged = min(unchanged, done)
    fresh = Freshness(request.proofs, request.at, demands.ages)
    outcome = _outcome(demands, request, fresh)
    ends = [satisfied_until(group, fresh, request) or request.at for group in demands.groups]
    if demands.ages.primary is not None:
        ends.append(fresh.primary_until or request.at)
    return Verdict(outcome, min(ends, default=NEVER), unchanged)


def _outcome(demands: Demands, request: AccessRequest, fresh: Freshness) -> Outcome:
    if demands.refused or (demands.groups and request.client_app in LEGACY_CLIENT_APPS):  # D COND
        return Outcome.BLOCK
    if unenforced(demands.session_controls, request):
        return Outcome.BLOCK
    missing = [group for group in demands.groups if satisfied_until(group, fresh, request) is None]
    if not all(any(askable(alternative, request) for alternative in group) for group in missing):
        return Outcome.BLOCK
    if missing or (demands.ages.primary is not None and fresh.primary_until is None):
        return Outcome.STEP_UP
    return Outcome.ALLOW


def _plan(demands: Demands, request: AccessRequest) -> Plan:
    fresh = Freshness(request.proofs, request.at, demands.ages)
    outcome = _outcome(demands, request, fresh)
    # Of two proofs by one method the newer counts, which their look does not tell.
    by_look = len({proof.method for proof in request.proofs}) == len(request.proofs)
    ends = _ends(demands, request, fresh) if by_look and outcome is Outcome.ALLOW else []
    return Plan(outcome, ends, by_look=by_look)


def _ends(demands: Demands, request: AccessRequest, fresh: Freshness) -> list[tuple[Way, ...]]:
    """What each demand's being met depends on; what is met for good does not appear."""
    primary, secondary = demands.ages.primary, demands.ages.secondary
    counting = [(place, proof) for place, proof in enumerate(request.proofs) if proof.method in fresh.until]
    several = [_ways(group, request, fresh) for group in demands.groups]
    found: list[tuple[Way, ...]] = []
    for ways in several:
        if ways is None:
            continue
        found.append(
            tuple(
                tuple(
                    (place, age)
                    for place, proof in counting
                    if proof.method in way
                    and (age := primary if proof.method in FIRST_FACTORS else secondary) is not None
                )
                for way in ways
            )
        )
    if primary is not None:
        found.append(
            tuple(
                ((place, primary),)
                for place, proof in enumerate(request.proofs)
                if proof.method in PRIMARY and counts(proof) and request.at < proof.at + primary
            )
        )
    # A way without an end lasts for ever, and so does the demand that it meets.
    return [ways for ways in found if all(ways)]


def _ways(group: Group, request: AccessRequest, fresh: Freshness) -> list[frozenset[str]] | None:
    """The combinations that meet it; None: it is met by something that has no age."""
    if any(found.control not in AUTHENTICATION and shown(found, request) for found in group):
        return None
    proved = frozenset(fresh.until).issuperset
    return [frozenset(way) for found in group for way in found.combinations if way and proved(way)]
