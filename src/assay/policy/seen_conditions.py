"""Each condition of a policy held against one request, one by one: the value seen, and the rules that it satisfied."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from assay.policy.compile import CompiledPolicySet
from assay.policy.condition_set import ConditionSet
from assay.policy.conditions import Condition, subject
from assay.policy.conditions.base import ConditionName, Match, bits_of
from assay.policy.definition import ConditionalAccessPolicy, Undecided
from assay.policy.explanation import ConditionExplanation
from assay.policy.location_table import LocationTable
from assay.policy.request import AccessRequest
from assay.values import Value

CANNOT_BE_EVALUATED: Final = "cannotBeEvaluated"
# All that these conditions read of a policy: what is alike there is seen alike.
PARTS: Final[dict[ConditionName, Callable[[ConditionSet], object]]] = {
    ConditionName.CLIENT_TYPE: lambda conditions: conditions.client_app_types,
    ConditionName.DEVICE_PLATFORM: lambda conditions: conditions.platforms,
    ConditionName.LOCATION: lambda conditions: conditions.locations,
    ConditionName.DEVICE_STATE: lambda conditions: conditions.devices,
}


class _Seen(Value, frozen=True, kw_only=True):
    """One condition; `keys`: its parts in Graph's shape; `alike`: what policies have in common that are seen alike."""

    name: ConditionName
    keys: frozenset[tuple[str, str]]
    match: Callable[[ConditionalAccessPolicy, AccessRequest, LocationTable], Match]
    alike: Callable[[ConditionSet], object] | None


@lru_cache(maxsize=256)
def _seen(condition: Condition, *, configured: bool) -> _Seen:
    """`configured`: by any policy of the set; what none configures is seen alike by all of them."""
    return _Seen(
        name=condition.name,
        keys=_keys(condition.part, *condition.also),
        match=condition.match,
        alike=PARTS.get(condition.name) if configured else _everybody,
    )


class SeenConditions:
    """The conditions of the policies of one set, as one request meets them; the subject is the first of them."""

    def __init__(self, compiled: CompiledPolicySet, request: AccessRequest) -> None:
        self._compiled, self._request = compiled, request
        principal, kinds = request.principal, compiled.subject_kinds
        parts = (subject.PART, subject.AGENTS)
        about_whom = _Seen(
            name=subject.name_of(principal),
            keys=_keys(*(parts if principal.kind is not None else (*parts, subject.WORKLOADS))),
            match=lambda policy, request, _: subject.match(policy, request.principal, kinds),
            alike=None,
        )
        indexed = {name for name, _ in compiled.indexes}
        self._all = [about_whom, *(_seen(each, configured=each.name in indexed) for each in compiled.conditions)]
        self._known: dict[tuple[ConditionName, object], ConditionExplanation] = {}
        # Of the first policy; those conditions in it that vary are matched anew for each other one.
        self._template: list[ConditionExplanation] = []
        self._varying: list[tuple[int, _Seen]] = []

    def of(self, policy: ConditionalAccessPolicy, undecided: tuple[Undecided, ...]) -> tuple[ConditionExplanation, ...]:
        """All of one policy; `undecided`: its parts that are not decided."""
        if undecided:
            return tuple(self._one(seen, policy, undecided) for seen in self._all)
        if not self._template:
            self._template = [self._one(seen, policy, ()) for seen in self._all]
            self._varying = [(place, seen) for place, seen in enumerate(self._all) if seen.alike is not _everybody]
            return tuple(self._template)
        found = self._template.copy()
        for place, seen in self._varying:
            found[place] = self._one(seen, policy, ())
        return tuple(found)

    def of_disabled(self, policy: ConditionalAccessPolicy) -> tuple[ConditionExplanation, ...]:
        """All of a policy that the index leaves out: it may configure what no other policy does."""
        return tuple(self._explained(seen, policy, ()) for seen in self._all)

    def mask(self, place: int) -> int:
        """The policies of the set that one condition does not speak against, matched one by one."""
        return bits_of(
            bit
            for bit, found in enumerate(self._compiled.policies)
            if self._one(self._all[place], found.policy, found.undecided).satisfied
        )

    def _one(self, seen: _Seen, policy: ConditionalAccessPolicy, parts: tuple[Undecided, ...]) -> ConditionExplanation:
        if parts:
            undecided = tuple(found.where for found in parts if found.path[:2] in seen.keys)
            if undecided:
                return self._explained(seen, policy, undecided)
        if seen.alike is None:
            return self._explained(seen, policy, ())
        key = (seen.name, seen.alike(policy.conditions))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._explained(seen, policy, ())
        return known

    def _explained(
        self, seen: _Seen, policy: ConditionalAccessPolicy, undecided: tuple[str, ...]
    ) -> ConditionExplanation:
        try:
            found = seen.match(policy, self._request, self._compiled.locations)
        except Exception:  # noqa: BLE001  the account goes on, and says which condition failed
            return ConditionExplanation(condition=seen.name, configured=True, value=CANNOT_BE_EVALUATED, satisfied=True)
        return ConditionExplanation(
            condition=seen.name,
            configured=found.configured,
            value=found.value,
            satisfied=found.satisfied or bool(undecided),
            include=found.include,
            exclude=found.exclude,
            undecided=undecided,
            supplied=found.supplied,
        )


def _everybody(_: ConditionSet) -> None:
    """All policies are alike."""


@lru_cache(maxsize=256)
def _keys(*parts: str) -> frozenset[tuple[str, str]]:
    return frozenset(("conditions", part) for part in parts)
