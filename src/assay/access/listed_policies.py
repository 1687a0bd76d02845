"""Policies, named locations and strengths as lists show them: in words, and with whom each policy is about."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from assay.access.affected_people import AffectedPeople
from assay.access.named_locations import location_named
from assay.access.premises import Premises
from assay.access.publish_policy import PolicyDetails, details_of, policy_named
from assay.access.signals import Signals, read_policy_set
from assay.access.strengths import demanding, strength_named
from assay.access.version_effects import VersionEffect, last_effect
from assay.apps.records import apps
from assay.governance.records import policies
from assay.governance.roles import built_in_roles
from assay.identities.records import groups, users
from assay.network.records import locations
from assay.policy import AuthenticationStrengthPolicy, ConditionalAccessPolicy, NamedLocation, PolicySet
from assay.policy.references import ReferenceKind, named_ids
from assay.policy.sentence import Named, Names, sentence
from assay.policy.strengths import BUILT_IN, MFA
from assay.policy.targets import NAMED_TARGETS
from assay.store import Reader
from assay.values import AppId, GroupId, RoleId, UserId, Value
from assay.values.asked_in_memory import page_of
from assay.values.asking import Ask, Found, Scalar, folded


class ListedPolicy(Value, frozen=True, kw_only=True):
    """A policy in words by the names of today; `affected`: enabled people it is about, None where nobody can tell.

    `told`: what became of who is let in by its last version; of one policy alone, and not in lists.
    """

    details: PolicyDetails
    sentence: str
    affected: int | None = None
    told: VersionEffect = VersionEffect()


class StrengthUsage(Value, frozen=True, kw_only=True):
    """The policies that demand a strength; `mfa`: whether whoever meets it has proved two factors."""

    policies: tuple[ListedPolicy, ...]
    mfa: bool


class _Row(Value, frozen=True, kw_only=True):
    policy: ConditionalAccessPolicy
    changed_at: datetime


POLICY_FIELDS: Final[Mapping[str, Callable[[_Row], Scalar]]] = {
    "id": lambda row: row.policy.id,
    "name": lambda row: folded(row.policy.display_name),
    "state": lambda row: row.policy.state.value,
    "changed_at": lambda row: row.changed_at,
}
LOCATION_FIELDS: Final[Mapping[str, Callable[[NamedLocation], Scalar]]] = {
    "id": lambda location: location.id,
    "name": lambda location: folded(location.display_name),
    "trusted": lambda location: location.is_trusted,
}


def strength_type(strength: AuthenticationStrengthPolicy) -> str:
    """Graph's authenticationStrengthPolicyType."""
    return "builtIn" if strength.id in BUILT_IN else "custom"


STRENGTH_FIELDS: Final[Mapping[str, Callable[[AuthenticationStrengthPolicy], Scalar]]] = {
    "id": lambda strength: strength.id,
    "name": lambda strength: folded(strength.display_name),
    "type": strength_type,
}


class ListedPolicies:
    """The flow behind the lists of what policies are made of."""

    def __init__(self, premises: Premises, signals: Signals) -> None:
        self._premises = premises
        self._affected = AffectedPeople(signals)

    async def page(self, ask: Ask) -> Found[ListedPolicy]:
        """A page of policies."""

        def look(reader: Reader) -> Found[ListedPolicy]:
            changed = policies.changes(reader)
            every = [_Row(policy=policy, changed_at=changed[policy.id][1]) for policy in policies.every(reader)]
            found = page_of(every, ask, POLICY_FIELDS, ("id",))
            shown = _shown(reader, [row.policy for row in found.rows])
            return Found(rows=shown, next=found.next, count=found.count)

        found = await self._premises.store.read_list(look)
        return Found(rows=await self._counted(found.rows), next=found.next, count=found.count)

    async def show(self, name: str) -> ListedPolicy:
        """One policy by id or name; raises NotFoundError."""

        def look(reader: Reader) -> ListedPolicy:
            policy = policy_named(reader, name)
            return replace(_shown(reader, (policy,))[0], told=last_effect(reader, policy.id))

        found = await self._premises.store.read(look)
        return (await self._counted((found,)))[0]

    async def locations(self, ask: Ask) -> Found[NamedLocation]:
        """A page of named locations."""
        return await self._premises.store.read(
            lambda reader: page_of(locations.every(reader), ask, LOCATION_FIELDS, ("id",))
        )

    async def location(self, name: str) -> NamedLocation:
        """One location by id or name; raises NotFoundError."""
        return await self._premises.store.read(lambda reader: location_named(reader, name))

    async def strength(self, name: str) -> AuthenticationStrengthPolicy:
        """One strength by id or name, those built in among them; raises NotFoundError."""
        return await self._premises.store.read(lambda reader: strength_named(reader, name))

    async def usage(self, name: str) -> StrengthUsage:
        """Who demands a strength, those built in among them; raises NotFoundError."""

        def look(reader: Reader) -> StrengthUsage:
            strength = strength_named(reader, name)
            mfa = set(strength.allowed_combinations) <= set(BUILT_IN[MFA].allowed_combinations)
            return StrengthUsage(policies=_shown(reader, demanding(reader, strength)), mfa=mfa)

        found = await self._premises.store.read_list(look)
        return replace(found, policies=await self._counted(found.policies))

    async def strengths(self, ask: Ask) -> Found[AuthenticationStrengthPolicy]:
        """A page of authentication strengths, those that are built in among them."""

        def look(reader: Reader) -> Found[AuthenticationStrengthPolicy]:
            every = {strength.id: strength for strength in policies.strengths(reader)} | BUILT_IN
            return page_of(every.values(), ask, STRENGTH_FIELDS, ("name", "id"))

        return await self._premises.store.read_list(look)

    async def _counted(self, rows: Sequence[ListedPolicy]) -> tuple[ListedPolicy, ...]:
        """With whom each is about, by what decisions know."""
        counts = await self._affected.count([row.details.policy for row in rows])
        return tuple(replace(row, affected=count) for row, count in zip(rows, counts, strict=True))


def _shown(reader: Reader, found: Sequence[ConditionalAccessPolicy]) -> tuple[ListedPolicy, ...]:
    name = names_in(reader, read_policy_set(reader), found)
    return tuple(
        ListedPolicy(details=details, sentence=sentence(details.policy, name)) for details in details_of(reader, found)
    )


def names_in(reader: Reader, in_force: PolicySet, of: Sequence[ConditionalAccessPolicy]) -> Names:
    """What ids in these policies are called today."""
    people = users.several(reader, [UserId(each) for each in named_ids(of, ReferenceKind.USER)])
    together = groups.several(reader, [GroupId(each) for each in named_ids(of, ReferenceKind.GROUP)])
    protected = {app.id: app for app in apps.every(reader)}
    places: dict[str, str] = {location.id: location.display_name for location in in_force.locations}
    strengths = {strength.id: strength.display_name for strength in in_force.strengths}
    strengths |= {strength.id: strength.display_name for strength in BUILT_IN.values()}

    def name(kind: Named, wanted: str) -> str:
        match kind:
            case Named.USER:
                user = people.get(UserId(wanted))
                return wanted if user is None else user.display_name
            case Named.GROUP:
                group = together.get(GroupId(wanted))
                return wanted if group is None else group.name
            case Named.ROLE:
                role = built_in_roles().get(RoleId(wanted))
                return wanted if role is None else role.display_name
            case Named.APP:
                app = protected.get(AppId(wanted))
                return NAMED_TARGETS.get(AppId(wanted), wanted) if app is None else app.display_name
            case Named.LOCATION:
                return places.get(wanted, wanted)
            case Named.STRENGTH:
                return strengths.get(wanted, wanted)

    return name
