"""What the policies of a set mean for all sign-ins: to which each applies, which are let in, which are refused."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from assay.policy.compile import CompiledPolicy, CompiledPolicySet
from assay.policy.condition_set import DeviceState
from assay.policy.conditions import CONDITIONS, SUBJECT_KINDS, Condition, SubjectKind, subject
from assay.policy.conditions.devices import in_state
from assay.policy.controls import Alternative, Group, demands_strength, without_strength
from assay.policy.definition import ConditionalAccessPolicy, PolicyState
from assay.policy.enforcement import Control, EnforcementPoint, SessionControl
from assay.policy.freshness import FIRST_FACTORS, PRIMARY
from assay.policy.proof.shown import (
    FLAGS,
    TOKEN_PROTECTION,
    Evidence,
    Evidences,
    custom_factor,
    minutes,
    terms_of_use,
)
from assay.policy.request import LEGACY_CLIENT_APPS, REGISTRATION, GuestType, Method, TransferMethod
from assay.policy.satisfaction import AUTHENTICATION, NOT_FOR_DIRECT_CONNECT, NOT_FOR_GUESTS, method_allowed
from assay.policy.symbolic import (
    ACTION,
    AGENT_ACCOUNT,
    CLIENT,
    FALSE,
    PERSON,
    REGISTERED,
    SORT,
    TARGET,
    TRUE,
    Is,
    Term,
    Vocabulary,
    every,
    handed_over,
    opposite,
    some,
)

REGISTERING: Final = Is(TARGET, ACTION + REGISTRATION.action)
DIRECT: Final = Is(SORT, GuestType.B2B_DIRECT_CONNECT_USER.value)
INTERNAL: Final = Is(SORT, GuestType.INTERNAL_GUEST.value)
GUEST: Final = every(PERSON, opposite(Is(SORT, "member")), opposite(INTERNAL))
SOMEBODY: Final = every(PERSON, opposite(Is(AGENT_ACCOUNT, True)))
Bounds = Sequence[tuple[int, Term]]  # an age in minutes, and where some policy demands it


class Meaning:
    """One set under one enforcement point. `unknown`: what of it has no symbolic form, each with its policy."""

    def __init__(
        self,
        compiled: CompiledPolicySet,
        vocabulary: Vocabulary,
        evidences: Evidences,
        enforced_by: EnforcementPoint,
        *,
        conditions: Sequence[Condition] = CONDITIONS,
        subject_kinds: Sequence[SubjectKind] = SUBJECT_KINDS,
    ) -> None:
        self.compiled = compiled
        self.vocabulary = replace(vocabulary, locations=compiled.locations)
        self.enforced = tuple(each for each in compiled.policies if each.policy.state is PolicyState.ENABLED)
        self.unknown: dict[str, str] = {}
        self._evidences = evidences
        self._enforced_by = enforced_by
        self._conditions = conditions
        self._subject_kinds = subject_kinds
        self._applies: dict[str, Term] = {}

    def applies(self, found: CompiledPolicy) -> Term:
        """To which sign-ins a policy applies, whatever its state."""
        policy = found.policy
        known = self._applies.get(policy.id)
        if known is None:
            known = self._applies[policy.id] = every(
                self._about(found), *(self._satisfied(found, condition) for condition in self._conditions)
            )
        return known

    def _about(self, found: CompiledPolicy) -> Term:
        """As `CompiledPolicySet.subject`: what is not decided of the subject may mean anybody."""
        if found.undecided_in(subject.PART, subject.AGENTS):
            return TRUE
        term = subject.symbolic(found.policy, self.vocabulary, self._subject_kinds)
        about = self._free(found.policy, "users") if term is None else term
        return some(about, opposite(PERSON)) if found.undecided_in(subject.WORKLOADS) else about

    def _satisfied(self, found: CompiledPolicy, condition: Condition) -> Term:
        if found.undecided_in(condition.part, *condition.also):
            return TRUE
        term = None if condition.symbolic is None else condition.symbolic(found.policy, self.vocabulary)
        return self._free(found.policy, condition.part) if term is None else term

    def _free(self, policy: ConditionalAccessPolicy, part: str) -> Term:
        """It may hold or not: a counterexample is held against the engine, and a proof is none."""
        self.unknown[f"{policy.id} {part}"] = f"{policy.display_name}: {part}"
        return Is(f"unknown {policy.id} {part}", True)

    def allowed(self, *, switched: bool = False) -> Term:
        """Which sign-ins are let in; `switched`: by those of the policies that are on (`on`), a question for many."""
        of = self._demands(switched=switched)
        return every(opposite(of.refused), *(some(opposite(where), met) for where, met, _ in of.met))

    def blocked(self) -> Term:
        """Which sign-ins are refused and not interrupted: nothing that is asked for would help."""
        of = self._demands()
        return some(
            of.refused,
            *(every(where, opposite(met), opposite(askable)) for where, met, askable in of.met),
        )

    def _demands(self, *, switched: bool = False) -> "_Demands":
        found = [(each, self._where(each, switched=switched)) for each in self.enforced]
        primary, secondary = (self._bounds(found, which) for which in ("primary", "secondary"))
        refused = some(*(every(where, self._refuses(each)) for each, where in found))
        replaced = some(*(where for each, where in found if self._named(each) and demands_strength(each.groups)))
        met = [
            (every(where, when), self._met(group, primary, secondary), self._askable(group))
            for each, where in found
            for when, groups in self._groups(each, replaced)
            for group in groups
        ]
        if primary:
            demanded = some(*(where for _, where in primary))
            met.append((demanded, self._fresh_primary(primary), TRUE))
        return _Demands(refused, met)

    def _where(self, found: CompiledPolicy, *, switched: bool) -> Term:
        return every(on(found), self.applies(found)) if switched else self.applies(found)

    def _named(self, found: CompiledPolicy) -> bool:
        """Whether it is about the registration of sign-in methods itself."""
        index = next(bit for bit, each in enumerate(self.compiled.policies) if each is found)
        return bool(self.compiled.by_registration >> index & 1)

    def _groups(self, found: CompiledPolicy, replaced: Term) -> Iterator[tuple[Term, Sequence[Group]]]:
        """`replaced`: where a strength of the registration stands in for all others (`Judgement.groups`)."""
        left = without_strength(found.groups_registering)
        if self._named(found) or found.groups == found.groups_registering == left:
            yield TRUE, found.groups
        else:
            yield opposite(REGISTERING), found.groups
            yield every(REGISTERING, opposite(replaced)), found.groups_registering
            yield every(REGISTERING, replaced), left

    def _refuses(self, found: CompiledPolicy) -> Term:
        """Where the policy refuses whatever is proved: block, what is not decided, what is not kept, old clients."""
        if found.blocks or found.undecided:
            return TRUE
        binding = SessionControl.SECURE_SIGN_IN_SESSION
        kept = self._enforced_by.enforces
        reasons: list[Term] = [FALSE]
        if found.session_controls - kept - {binding}:
            reasons.append(TRUE)
        if binding in found.session_controls:
            reasons.append(Is(TOKEN_PROTECTION, False))
            reasons.append(FALSE if binding in kept else Is(TOKEN_PROTECTION, None))
        if found.groups or found.groups_registering:
            reasons.append(some(*(Is(CLIENT, client) for client in sorted(LEGACY_CLIENT_APPS))))
        return some(*reasons)

    def _bounds(self, policies: Iterable[tuple[CompiledPolicy, Term]], which: str) -> Bounds:
        found: dict[int, list[Term]] = {}
        for each, where in policies:
            age: timedelta | None = getattr(each.ages, which)
            if age is not None:
                found.setdefault(minutes(age), []).append(where)
        return [(age, some(*where)) for age, where in sorted(found.items())]

    def _counts(self, evidence: Evidence, bounds: Bounds) -> Term:
        """It was used, and is younger than every age that is demanded."""
        ages = self._evidences.ages
        return every(
            some(*(evidence.used(age) for age in ages)),
            *(some(opposite(where), *(evidence.used(age) for age in ages if age < bound)) for bound, where in bounds),
        )

    def _fresh_primary(self, primary: Bounds) -> Term:
        return some(*(self._counts(each, primary) for each in self._evidences.every if each.proof.method in PRIMARY))

    def _met(self, group: Group, primary: Bounds, secondary: Bounds) -> Term:
        return some(*(self._alternative(each, primary, secondary) for each in group))

    def _alternative(self, found: Alternative, primary: Bounds, secondary: Bounds) -> Term:
        if found.control not in AUTHENTICATION:
            return self._shown(found)

        def proved(method: Method, combination: tuple[Method, ...]) -> Term:
            bounds = primary if method in FIRST_FACTORS else secondary
            return some(
                *(
                    self._counts(each, bounds)
                    for each in self._evidences.of(method)
                    if method_allowed(found, combination, each.proof)
                )
            )

        return some(
            *(
                every(*(proved(method, combination) for method in combination))
                for combination in found.combinations
                if combination
            )
        )

    def _shown(self, found: Alternative) -> Term:
        """As `satisfaction.shown`."""
        control, subject_id = found.control, found.subject or ""
        if control in (Control.COMPLIANT_DEVICE, Control.DOMAIN_JOINED_DEVICE):
            compliant = control is Control.COMPLIANT_DEVICE
            state = in_state(DeviceState.COMPLIANT if compliant else DeviceState.DOMAIN_JOINED)
            return every(Is(REGISTERED, True), opposite(handed_over(TransferMethod.DEVICE_CODE_FLOW)), state)
        if control is Control.TERMS_OF_USE:
            return every(Is(terms_of_use(subject_id), True), opposite(DIRECT))
        if control is Control.CUSTOM_AUTHENTICATION_FACTOR:
            return Is(custom_factor(subject_id), True)
        met: Term = Is(FLAGS[control], True)
        return every(met, opposite(GUEST)) if control in NOT_FOR_GUESTS else met

    def _askable(self, group: Group) -> Term:
        """As `satisfaction.askable`."""
        ways = some(
            *(
                opposite(GUEST)
                if each.control in NOT_FOR_GUESTS
                else opposite(DIRECT)
                if each.control in AUTHENTICATION | NOT_FOR_DIRECT_CONNECT
                else TRUE
                for each in group
                if each.control in self._enforced_by.asks
            )
        )
        return every(SOMEBODY, ways)


def on(found: CompiledPolicy) -> Term:
    """The policy is one of those that are asked about."""
    return Is(f"on {found.policy.id}", True)


class _Demands:
    """`refused`: whatever is proved. `met`: where something is demanded, where it is met, where it is asked for."""

    def __init__(self, refused: Term, met: list[tuple[Term, Term, Term]]) -> None:
        self.refused = refused
        self.met = met
