"""The account of a decision: the policies that apply in full, and of all others which condition speaks against them."""

from collections.abc import Collection, Iterator
from itertools import islice

from assay.policy.break_glass import EVERY_POLICY, compiled_for_break_glass
from assay.policy.compile import CompiledPolicy, CompiledPolicySet
from assay.policy.conditions import subject
from assay.policy.conditions.base import ConditionName
from assay.policy.decide import decide
from assay.policy.decision import Decision, PolicyResult
from assay.policy.definition import ConditionalAccessPolicy, PolicyState
from assay.policy.explanation import PolicyExplanation
from assay.policy.judgement import Judgement
from assay.policy.request import AccessRequest
from assay.policy.seen_conditions import SeenConditions
from assay.policy.seen_controls import SeenControls
from assay.values import PolicyId, Value

Place = tuple[ConditionalAccessPolicy, int | None]  # a policy and its bit; None: it is disabled


class Others:
    """The policies that do not apply; what is said of each is said when it is asked for, because there may be many.

    Which condition speaks against how many is read off the masks of the index.
    """

    def __init__(self, account: "_Account") -> None:
        self._account = account

    def __len__(self) -> int:
        return len(self._account.compiled.policy_set.policies) - self._account.applicable.bit_count()

    @property
    def disabled(self) -> int:
        """How many are switched off."""
        compiled = self._account.compiled
        return len(compiled.policy_set.policies) - len(compiled.policies)

    @property
    def by_condition(self) -> dict[ConditionName, int]:
        """How many do not apply for each condition; of several the first counts, the person before the app."""
        rest, found = self._account.every, dict[ConditionName, int]()
        for name, mask in self._account.masks:
            if cleared := (rest & ~mask).bit_count():
                found[name] = cleared
            rest &= mask
        return found

    def page(self, skip: int, most: int) -> tuple[PolicyExplanation, ...]:
        """So many of them in full, in the order of the set, after the first `skip`."""
        account = self._account
        places = (place for place in account.places() if not account.applies(place[1]))
        return tuple(account.explain(*place) for place in islice(places, skip, skip + most))


class Explanation(Value, frozen=True, kw_only=True):
    """The decision; the policies that apply or were asked about, in the order of the set; and all others."""

    decision: Decision
    policies: tuple[PolicyExplanation, ...]
    others: Others

    def every(self) -> tuple[PolicyExplanation, ...]:
        """Every policy of the set in full, in its order: as long as the set, for people and records."""
        return self.others._account.every_policy()


def explain(compiled: CompiledPolicySet, request: AccessRequest, *, about: Collection[PolicyId] = ()) -> Explanation:
    """Explain a request; `about`: ids of policies that are explained in full although they do not apply.

    Which policies apply is read off the index; what is said of a policy comes of its conditions matched one by one:
    where the two differ, one of them is wrong.
    """
    about_whom = compiled.subject(request.principal)
    decision = decide(compiled, about_whom, request)
    if request.principal.break_glass:
        compiled, about_whom = compiled_for_break_glass(), EVERY_POLICY
    account = _Account(compiled, about_whom, request)
    return Explanation(decision=decision, policies=account.told(about), others=Others(account))


class _Account:
    """All that can be said of one request."""

    def __init__(self, compiled: CompiledPolicySet, about_whom: int, request: AccessRequest) -> None:
        self.compiled = compiled
        self.every = (1 << len(compiled.policies)) - 1
        self._conditions = SeenConditions(compiled, request)
        self.masks = tuple(self._satisfied(about_whom, request))
        applicable = self.every
        for _, mask in self.masks:
            applicable &= mask
        self.applicable = applicable
        self._judgement = Judgement(compiled.table, applicable, request)
        self._controls = SeenControls(self._judgement)

    def _satisfied(self, about_whom: int, request: AccessRequest) -> Iterator[tuple[ConditionName, int]]:
        """For each condition the policies that it does not speak against."""
        name = subject.name_of(request.principal)
        yield name, self._conditions.mask(0) if about_whom < 0 else about_whom
        places = {condition.name: place for place, condition in enumerate(self.compiled.conditions, 1)}
        for name, index in self.compiled.indexes:
            try:
                yield name, index(request)
            except Exception:  # noqa: BLE001  the account goes on, policy by policy, and says which condition failed
                yield name, self._conditions.mask(places[name])

    def applies(self, bit: int | None) -> bool:
        return bit is not None and bool(self.applicable >> bit & 1)

    def places(self) -> Iterator[Place]:
        bit = 0
        for policy in self.compiled.policy_set.policies:
            if policy.state is PolicyState.DISABLED:
                yield policy, None
            else:
                yield policy, bit
                bit += 1

    def told(self, about: Collection[PolicyId]) -> tuple[PolicyExplanation, ...]:
        if about:
            return tuple(
                self.explain(policy, bit) for policy, bit in self.places() if self.applies(bit) or policy.id in about
            )
        return tuple(self._of_compiled(found, applies=True) for found in self.compiled.table.of(self.applicable))

    def every_policy(self) -> tuple[PolicyExplanation, ...]:
        return tuple(self.explain(policy, bit) for policy, bit in self.places())

    def explain(self, policy: ConditionalAccessPolicy, bit: int | None) -> PolicyExplanation:
        if bit is not None:
            return self._of_compiled(self.compiled.policies[bit], applies=self.applies(bit))
        return PolicyExplanation(
            policy=policy.id,
            display_name=policy.display_name,
            state=policy.state,
            result=PolicyResult.NOT_ENABLED,
            conditions=self._conditions.of_disabled(policy),
        )

    def _of_compiled(self, found: CompiledPolicy, *, applies: bool) -> PolicyExplanation:
        policy = found.policy
        if applies:
            result = self._judgement.result(found)
        elif policy.state is PolicyState.REPORT_ONLY:
            result = PolicyResult.REPORT_ONLY_NOT_APPLIED
        else:
            result = PolicyResult.NOT_APPLIED
        return PolicyExplanation(
            policy=policy.id,
            display_name=policy.display_name,
            state=policy.state,
            result=result,
            conditions=self._conditions.of(policy, found.undecided),
            controls=self._controls.of(found) if applies else (),
            undecided=tuple(part.where for part in found.undecided),
        )
