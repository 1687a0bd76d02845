"""What an import would do: each object read, its references resolved, what is not decided named, nothing stored yet."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from msgspec.structs import replace

from assay.access.known_ids import known_ids, resolve_mapping
from assay.access.signals import read_policy_set
from assay.governance.records import break_glass, rollouts
from assay.governance.roles import role_ids_by_name, role_name
from assay.policy import (
    AuthenticationStrengthPolicy,
    ConditionalAccessPolicy,
    DanglingReference,
    ImportResult,
    KnownIds,
    Malformed,
    NamedLocation,
    PolicySet,
    PolicyState,
    SourceFile,
    dangling_references,
    import_policies,
    map_references,
)
from assay.policy.importers import Repeated
from assay.policy.location_table import location_table
from assay.policy.references import ReferenceKind, map_roles, named_ids
from assay.policy.strengths import BUILT_IN
from assay.policy.undecided import undecided_parts
from assay.policy.unenforced import unenforced_paths
from assay.store import Reader
from assay.values import PolicyId, Reason, RoleId, Value


class ImportOptions(Value, frozen=True, kw_only=True):
    """`mapping`: ids of elsewhere to ids or names of here; `waived`: ids that may mean nobody; `state` for all.

    `roles_by_name`: a role may stand under its display name, as in files that people wrote.
    """

    mapping: tuple[tuple[str, str], ...] = ()
    waived: tuple[str, ...] = ()
    state: PolicyState | None = None
    dry_run: bool = False
    roles_by_name: bool = False


class Effect(StrEnum):
    """What an import makes of one object."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class PlannedPolicy(Value, frozen=True, kw_only=True):
    """A policy as it was read, in the state that it may have; `wanted` is the one that was asked for.

    While `undecided` or `dangling` is not empty, or with `unenforced` demands, which nobody can meet here, an import
    does not enable it. What somebody switched on all the same stays on when the same is imported again. `refused`: it
    is on, and what was to be stored in its place would bring such a part into it, so that it stays as it is.
    `rolling_out`: it is being rolled out, so that an import leaves it as it is. `roles`: those that it named by their
    display names.
    """

    source: str
    policy: ConditionalAccessPolicy
    before: ConditionalAccessPolicy | None
    wanted: PolicyState
    undecided: tuple[str, ...]
    dangling: tuple[DanglingReference, ...]
    unenforced: tuple[str, ...] = ()
    rolling_out: bool = False
    refused: Reason | None = None
    roles: tuple[str, ...] = ()

    @property
    def stored(self) -> ConditionalAccessPolicy:
        """What is to be stored."""
        stays = self.rolling_out or self.refused is not None
        return self.before if self.before is not None and stays else self.policy

    @property
    def effect(self) -> Effect:
        if self.before is None:
            return Effect.ADDED
        return Effect.UNCHANGED if self.before == self.stored else Effect.CHANGED


class PlannedLocation(Value, frozen=True, kw_only=True):
    """A named location as it is to be stored."""

    location: NamedLocation
    before: NamedLocation | None

    @property
    def effect(self) -> Effect:
        if self.before is None:
            return Effect.ADDED
        return Effect.UNCHANGED if self.before == self.location else Effect.CHANGED


class PlannedStrength(Value, frozen=True, kw_only=True):
    """A custom authentication strength as it is to be stored."""

    strength: AuthenticationStrengthPolicy
    before: AuthenticationStrengthPolicy | None

    @property
    def effect(self) -> Effect:
        if self.before is None:
            return Effect.ADDED
        return Effect.UNCHANGED if self.before == self.strength else Effect.CHANGED


class ImportPlan(Value, frozen=True, kw_only=True):
    """Everything that was read, and what would become of it; `now` is the set in force before."""

    now: PolicySet
    policies: tuple[PlannedPolicy, ...]
    locations: tuple[PlannedLocation, ...]
    strengths: tuple[PlannedStrength, ...]
    malformed: tuple[Malformed, ...]
    ignored: tuple[str, ...]
    # Policies that name an emergency access account: it changes nothing for that account.
    emergency: tuple[str, ...] = ()
    repeated: tuple[Repeated, ...] = ()


class Standing(Value, frozen=True, kw_only=True):
    """What keeps a policy from being switched on; and the demands of it that nobody can meet here."""

    undecided: tuple[str, ...]
    dangling: tuple[DanglingReference, ...]
    unenforced: tuple[str, ...] = ()

    @property
    def decided(self) -> bool:
        return not (self.undecided or self.dangling)

    def beyond(self, before: "Standing") -> "Standing":
        """What of it was not there before: somebody switched the policy on with the rest."""
        return Standing(
            undecided=tuple(each for each in self.undecided if each not in before.undecided),
            dangling=tuple(each for each in self.dangling if each not in before.dangling),
            unenforced=tuple(each for each in self.unenforced if each not in before.unenforced),
        )

    @property
    def undecided_reason(self) -> Reason | None:
        """Why a policy of this standing may not be on."""
        if self.undecided:
            return Reason.of("policyUndecided", paths=", ".join(self.undecided))
        if self.dangling:
            named = ", ".join(f"{each.path}: {each.id}" for each in self.dangling)
            return Reason.of("policyDangling", references=named)
        return None

    @property
    def reason(self) -> Reason | None:
        """Why a change would bring into what is on what is not decided, or what nobody can meet here."""
        if self.undecided_reason is not None or not self.unenforced:
            return self.undecided_reason
        return Reason.of("policyUnenforced", paths=", ".join(self.unenforced))


def plan_import(reader: Reader, files: tuple[SourceFile, ...], options: ImportOptions) -> ImportPlan:
    """Read the files against what is stored; raises InvalidInputError for a mapping to what does not exist."""
    now = read_policy_set(reader)
    found = import_policies(files, known=now)
    known = known_ids(reader, found)
    mapping = resolve_mapping(reader, options.mapping, known, found)
    names = _Context(now, found, known)
    accounts, rolling = break_glass.user_ids(reader), rollouts.by_policy(reader)
    stored = {policy.id: policy for policy in now.policies}
    stored_locations = {location.id: location for location in now.locations}
    stored_strengths = {strength.id: strength for strength in now.strengths}
    return ImportPlan(
        now=now,
        policies=tuple(
            replace(
                _planned(each.source, each.policy, stored, names, mapping, options),
                rolling_out=each.policy.id in rolling,
            )
            for each in found.policies
        ),
        locations=tuple(
            PlannedLocation(location=each, before=stored_locations.get(each.id)) for each in found.locations
        ),
        strengths=tuple(
            PlannedStrength(strength=each, before=stored_strengths.get(each.id)) for each in found.strengths
        ),
        malformed=found.malformed,
        ignored=found.ignored,
        repeated=found.repeated,
        emergency=tuple(each.policy.display_name for each in found.policies if _named(each.policy) & accounts),
    )


def _named(policy: ConditionalAccessPolicy) -> frozenset[str]:
    """The people whom a policy includes or excludes by id."""
    subjects = policy.conditions.users
    return frozenset({*subjects.include_users, *subjects.exclude_users})


def standing_of(reader: Reader, policy: ConditionalAccessPolicy, waived: tuple[str, ...] = ()) -> Standing:
    """What keeps this policy from being switched on, as things are now."""
    return standings_of(reader, (policy,), waived)[0]


def standings_of(
    reader: Reader, wanted: Sequence[ConditionalAccessPolicy], waived: tuple[str, ...] = ()
) -> tuple[Standing, ...]:
    """The same of several, for which what they may name is read once."""
    nothing = ImportResult()
    context = _Context(read_policy_set(reader), nothing, known_ids(reader, nothing, of=wanted))
    return tuple(context.standing(policy, waived) for policy in wanted)


class _Context:
    """What policies may name: what is stored, and what is imported beside them."""

    def __init__(self, now: PolicySet, found: ImportResult, known: KnownIds) -> None:
        locations = {location.id: location for location in (*now.locations, *found.locations)}
        table = location_table(tuple(locations.values()))
        self._undecided, self._sourceless = table.undecided, table.sourceless
        self._strengths = {each.id: each for each in (*now.strengths, *found.strengths)} | BUILT_IN
        self._known = known

    def standing(self, policy: ConditionalAccessPolicy, waived: tuple[str, ...]) -> Standing:
        parts = undecided_parts(policy, self._undecided, self._strengths)
        return Standing(
            undecided=tuple(dict.fromkeys(part.where for part in parts)),
            dangling=dangling_references(policy, self._known, waived),
            unenforced=unenforced_paths(policy, self._sourceless, self._strengths),
        )


def _planned(
    source: str,
    imported: ConditionalAccessPolicy,
    stored: Mapping[PolicyId, ConditionalAccessPolicy],
    context: _Context,
    mapping: Mapping[str, str],
    options: ImportOptions,
) -> PlannedPolicy:
    policy = map_references(imported, mapping)
    roles = _roles_by_name(policy) if options.roles_by_name else {}
    if roles:
        policy = map_roles(policy, roles)
    standing = context.standing(policy, options.waived)
    wanted = options.state or policy.state
    before = stored.get(policy.id)
    refused = None
    if before is not None and PolicyState.ENABLED is before.state is wanted:
        refused = standing.beyond(context.standing(before, options.waived)).reason
    free = standing.decided and not standing.unenforced
    held_back = wanted is PolicyState.ENABLED and not free and not _switched_on(before, policy)
    kept = PolicyState.REPORT_ONLY if held_back else wanted
    return PlannedPolicy(
        source=source,
        policy=replace(policy, state=kept),
        before=before,
        wanted=wanted,
        undecided=standing.undecided,
        dangling=standing.dangling,
        unenforced=standing.unenforced,
        refused=refused,
        roles=tuple(sorted(role_name(each) for each in roles.values())),
    )


def _roles_by_name(policy: ConditionalAccessPolicy) -> Mapping[str, RoleId]:
    """The ids of the roles that the policy names by their display names."""
    known = role_ids_by_name()
    named = {each.lower() for each in named_ids((policy,), ReferenceKind.ROLE)}
    return {each: known[each] for each in named if each in known}


def _switched_on(before: ConditionalAccessPolicy | None, policy: ConditionalAccessPolicy) -> bool:
    """Whether somebody switched this very policy on here: importing it again does not take that back."""
    return before is not None and before == replace(policy, state=PolicyState.ENABLED)
