"""What a policy that is being written would be: whom it is about and what speaks against it. Nothing is stored."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from assay.access.everybody import Everybody
from assay.access.import_policies import ImportOptions, PlannedPolicy, plan_import
from assay.access.listed_policies import names_in
from assay.access.premises import Premises
from assay.access.publication import judge
from assay.access.signals import Signals
from assay.identities.users import User
from assay.policy import ConditionalAccessPolicy, Malformed, PolicySet, PolicyState, SourceFile
from assay.policy.affected import affected_by
from assay.policy.sentence import sentence
from assay.policy.validity import contradiction
from assay.store import Reader
from assay.values import Reason, Value
from assay.values.asking import folded

SHOWN: Final = 8
_SOURCE: Final = "policy"


class Crowd(Value, frozen=True, kw_only=True):
    """How many people, and the first of them by their names."""

    count: int
    first: tuple[User, ...]


class Affected(Value, frozen=True, kw_only=True):
    """Enabled people: those whom the policy is about, and those who come and go with what is stored changed to it.

    `now` is None where a part of its conditions on people is not decided, `joining` and `leaving` also where the stored
    policy has such a part or there is none.
    """

    now: Crowd | None
    joining: Crowd | None
    leaving: Crowd | None


class PolicyPreview(Value, frozen=True, kw_only=True):
    """A policy as it would be read; `planned` is None where it cannot be, and `malformed` says why.

    `contradiction`: why it would not be stored as it is written. `refused`: why it may not be switched on as things
    are, whatever state it has; asked of what publishes.
    """

    planned: PlannedPolicy | None
    malformed: tuple[Malformed, ...] = ()
    sentence: str = ""
    names_emergency: bool = False
    contradiction: Reason | None = None
    refused: Reason | None = None
    affected: Affected | None = None


class PreviewPolicy:
    """The flow behind the editor's evidence."""

    def __init__(self, premises: Premises, signals: Signals) -> None:
        self._premises = premises
        self._signals = signals

    async def preview(self, policy: Mapping[str, object]) -> PolicyPreview:
        """What Graph's JSON would be as a policy of ours; one without an id is a new one, whatever it is called."""
        source = source_of(policy, self._premises.new_id())
        found = await self._premises.store.read_list(lambda reader: self._read(reader, source))
        if found.planned is None:
            return found
        everybody, planned = self._signals.everybody(), found.planned
        # Beside the event loop: of many people it takes a while.
        affected = await asyncio.to_thread(_affected, everybody, planned.before, planned.policy)
        return replace(found, affected=affected)

    def _read(self, reader: Reader, source: SourceFile) -> PolicyPreview:
        plan = plan_import(reader, (source,), ImportOptions())
        if len(plan.policies) != 1:
            nothing = Malformed(source=_SOURCE, path="", reason=Reason.of("notAPolicy"))
            return PolicyPreview(planned=None, malformed=plan.malformed or (nothing,))
        planned = plan.policies[0]
        return PolicyPreview(
            planned=planned,
            malformed=plan.malformed,
            sentence=sentence(planned.policy, names_in(reader, plan.now, (planned.policy,))),
            names_emergency=bool(plan.emergency),
            contradiction=contradiction(planned.policy),
            refused=judge(reader, plan.now, switched_on(plan.now, planned.policy), self._premises.now()).refused,
        )


def source_of(policy: Mapping[str, object], new_id: str) -> SourceFile:
    """A draft as an import reads it; one without an id is a new policy, whatever it is called."""
    given = policy if policy.get("id") else {**policy, "id": new_id}
    return SourceFile(name=_SOURCE, content=msgspec.json.encode(given))


def switched_on(now: PolicySet, policy: ConditionalAccessPolicy) -> PolicySet:
    """The set in force with this policy enforced, whatever its state is."""
    others = tuple(each for each in now.policies if each.id != policy.id)
    return replace(now, policies=(*others, replace(policy, state=PolicyState.ENABLED)))


def _affected(everybody: Everybody, before: ConditionalAccessPolicy | None, after: ConditionalAccessPolicy) -> Affected:
    enabled = tuple((user, principal) for user, principal in everybody.principals() if user.enabled)
    principals = tuple(principal for _, principal in enabled)
    crowd = _crowds({str(user.id): user for user, _ in enabled})
    now = affected_by(after, principals)
    then = None if before is None else affected_by(before, principals)
    if now is None or then is None:
        return Affected(now=None if now is None else crowd(now), joining=None, leaving=None)
    return Affected(now=crowd(now), joining=crowd(now - then), leaving=crowd(then - now))


def _crowds(users: Mapping[str, User]) -> Callable[[frozenset[str]], Crowd]:
    def crowd(ids: frozenset[str]) -> Crowd:
        named = sorted((users[each] for each in ids), key=lambda user: (folded(user.display_name), user.id))
        return Crowd(count=len(ids), first=tuple(named[:SHOWN]))

    return crowd
