"""Invariants of reach: is whoever reaches an app, outside of those who may, always one who meets what is required?"""

from collections.abc import Iterable, Iterator
from typing import Final

from assay.policy.compile import CompiledPolicySet
from assay.policy.condition_set import DeviceState
from assay.policy.conditions.devices import in_state
from assay.policy.controls import Alternative
from assay.policy.decision import Outcome
from assay.policy.definition import AuthenticationStrengthPolicy
from assay.policy.enforcement import Control, EnforcementPoint
from assay.policy.proof.answer import Answer, Finding
from assay.policy.proof.ground import NOT_CONFIRMED, Ground, QuestionNames, asked
from assay.policy.proof.invariants import Device, Invariant, Who
from assay.policy.proof.regions import regions
from assay.policy.proof.wording import region_words
from assay.policy.request import Method, TransferMethod
from assay.policy.satisfaction import method_allowed
from assay.policy.strengths import BUILT_IN
from assay.policy.symbolic import (
    APP,
    FALSE,
    PERSON,
    PRINCIPAL,
    REGISTERED,
    SORT,
    TARGET,
    Is,
    Term,
    every,
    handed_over,
    in_group,
    in_role,
    opposite,
    some,
)
from assay.policy.symbolic import TRUE as ANYWHERE

QUESTION: Final = "reach"
UNDECIDED: Final = "a strength with parts that are not decided here"


def reach(invariant: Invariant, compiled: CompiledPolicySet, enforced_by: EnforcementPoint) -> Answer:
    """Refuted: the smallest regions in which somebody gets there without what is required, each with a sign-in."""
    statement = invariant.sentence

    def ask() -> Answer:
        strengths = tuple(_strengths(invariant, compiled))
        names = QuestionNames(
            users=invariant.who.users,
            groups=invariant.who.groups,
            roles=invariant.who.roles,
            apps=invariant.apps,
            strengths=strengths,
        )
        ground = Ground(compiled, enforced_by=enforced_by, names=names)
        about = every(PERSON, _who(invariant.who), _there(ground, invariant))
        broken = every(about, ground.meaning.allowed(), opposite(_required(ground, invariant, strengths)))
        # Of a strength that is not decided whole nobody can say who meets it.
        findings, unsure = [], [f"{each.display_name}: {UNDECIDED}" for each in strengths if each.undecided]
        for region, found in regions(ground, broken, within=about):
            decision = ground.decision(found)
            if decision is None or not decision.allowed:
                unsure.append(NOT_CONFIRMED)
                continue
            shown = ground.shown(found, Outcome.ALLOW)
            findings.append(Finding(words=region_words(region, ground.vocabulary), shown=(shown,)))
        return ground.answer(QUESTION, statement, findings, unsure)

    return asked(QUESTION, statement, ask)


def _who(who: Who) -> Term:
    """Those who are named, or all others."""
    if who.everyone:
        return PERSON
    named = some(
        *map(in_group, who.groups),
        *map(in_role, who.roles),
        *(Is(PRINCIPAL, user) for user in who.users),
        opposite(Is(SORT, "member")) if who.guests else FALSE,
    )
    return opposite(named) if who.outside else named


def _there(ground: Ground, invariant: Invariant) -> Term:
    """The apps by id; any app where none is named."""
    targets = [str(target) for target in ground.vocabulary.values(TARGET) if str(target).startswith(APP)]
    wanted = [APP + app for app in invariant.apps] or targets
    return some(*(Is(TARGET, target) for target in wanted))


def _strengths(invariant: Invariant, compiled: CompiledPolicySet) -> Iterator[AuthenticationStrengthPolicy]:
    """Those that are required, as the set has them."""
    own = {each.id: each for each in compiled.policy_set.strengths}
    return ({**own, **BUILT_IN}[name] for name in invariant.strengths)


def _required(ground: Ground, invariant: Invariant, strengths: Iterable[AuthenticationStrengthPolicy]) -> Term:
    """What every such sign-in must have shown; nothing is enough where it must never be."""
    if invariant.never:
        return FALSE
    return every(
        *(_strength(ground, each) for each in strengths),
        _device(invariant.device) if invariant.device is not None else ANYWHERE,
    )


def _strength(ground: Ground, found: AuthenticationStrengthPolicy) -> Term:
    """One of its combinations, within its limits on keys and certificates."""
    demanded = Alternative(
        control=Control.AUTHENTICATION_STRENGTH,
        combinations=found.allowed_combinations,
        configurations=found.combination_configurations,
    )
    return some(*(_combination(ground, demanded, each) for each in demanded.combinations if each))


def _combination(ground: Ground, demanded: Alternative, combination: tuple[Method, ...]) -> Term:
    """Used at any time: how old a proof may be is for the policies to say."""
    return every(
        *(
            some(
                *(
                    opposite(Is(each.dimension, None))
                    for each in ground.evidences.of(method)
                    if method_allowed(demanded, combination, each.proof)
                )
            )
            for method in combination
        )
    )


def _device(device: Device) -> Term:
    states = {
        Device.COMPLIANT: (DeviceState.COMPLIANT,),
        Device.HYBRID_JOINED: (DeviceState.DOMAIN_JOINED,),
        Device.EITHER: tuple(DeviceState),
    }
    return every(
        Is(REGISTERED, True),
        opposite(handed_over(TransferMethod.DEVICE_CODE_FLOW)),
        some(*map(in_state, states[device])),
    )
