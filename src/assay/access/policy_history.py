"""Every version of every policy: what was stored when, by whom; what differs; and a version of before stored anew."""

from datetime import datetime

from msgspec.structs import replace

from assay.access.attempt import By, NotDone, attempt
from assay.access.listed_policies import names_in
from assay.access.premises import Premises
from assay.access.publish_policy import PolicyDetails, policy_named
from assay.access.signals import read_policy_set
from assay.access.version_effects import VersionEffect, version_effects
from assay.access.write_policies import store_policy
from assay.events.records import audits
from assay.events.records.search import content
from assay.events.types import POLICY_CHANGED, POLICY_IMPORTED, POLICY_PUBLISHED, POLICY_REMOVED
from assay.governance.records import policies
from assay.policy import ConditionalAccessPolicy, SourceFile, import_policies
from assay.policy.differences import Difference, differences
from assay.store import Reader, Transaction
from assay.values import ConflictError, InvalidInputError, NotFoundError, PolicyId, Reason, Value

_CODES = tuple(kind.code for kind in (POLICY_CHANGED, POLICY_IMPORTED, POLICY_PUBLISHED, POLICY_REMOVED))


class PolicyVersion(Value, frozen=True, kw_only=True):
    """One version; `policy` None: with it the policy was removed; `by` None where the log does not say (any more).

    `told`: what became of who is let in by the publication that made it.
    """

    number: int
    at: datetime
    policy: ConditionalAccessPolicy | None
    by: str | None = None
    told: VersionEffect = VersionEffect()


class Side(Value, frozen=True, kw_only=True):
    """One of two policies to compare: one that is stored, at a version or as it is now, or the one of a file."""

    name: str = ""
    version: int | None = None
    file: SourceFile | None = None


class Compared(Value, frozen=True, kw_only=True):
    """Two policies, and what differs."""

    before: ConditionalAccessPolicy
    after: ConditionalAccessPolicy
    differences: tuple[Difference, ...]


class PolicyHistory:
    """The flow behind `assay policy versions`, `diff` and `restore`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def versions(self, name: str) -> tuple[PolicyVersion, ...]:
        """Every version that can be read, the last first; of a policy that is gone by its id. Raises NotFoundError."""

        def look(reader: Reader) -> tuple[PolicyVersion, ...]:
            policy_id = _id_of(reader, name)
            found = _versions(reader, policy_id)
            by = _authors(reader, found)
            told = version_effects(reader, policy_id, [(each.number, each.at, each.policy) for each in found])
            return tuple(
                replace(each, by=by.get(each.number), told=effect)
                for each, effect in reversed([*zip(found, told, strict=True)])
            )

        return await self._premises.store.read(look)

    async def diff(self, before: Side, after: Side) -> Compared:
        """What differs; raises NotFoundError, InvalidInputError for a file that does not hold one policy."""

        def look(reader: Reader) -> Compared:
            one, other = _policy_of(reader, before), _policy_of(reader, after)
            name = names_in(reader, read_policy_set(reader), (one, other))
            return Compared(before=one, after=other, differences=differences(one, other, name))

        return await self._premises.store.read(look)

    async def restore(self, by: By, name: str, number: int) -> PolicyDetails | NotDone:
        """Store a version of before as a new one, by the checks that every change goes through.

        Also of a policy that is gone, by its id. Where it names what is gone meanwhile, it comes back in report-only;
        one that is on meanwhile is not switched off by that: then nothing is restored, and the reason says why.
        """
        why = replace(by, reason=Reason.of("versionRestored", version=str(number)))

        def restore(transaction: Transaction) -> PolicyDetails:
            policy_id = _id_of(transaction, name)
            wanted = _at(transaction, policy_id, number)
            return store_policy(self._premises, transaction, why, wanted, policies.get(transaction, policy_id))

        return await attempt(self._premises.store, restore)


def _id_of(reader: Reader, name: str) -> PolicyId:
    """The id of a policy that is there by id or name, or that was there by its id."""
    policy_id = PolicyId(name.strip().lower())
    if policies.was_there(reader, policy_id):
        return policy_id
    return policy_named(reader, name).id


def _versions(reader: Reader, policy_id: PolicyId) -> tuple[PolicyVersion, ...]:
    return tuple(
        PolicyVersion(number=number, at=at, policy=policy) for number, at, policy in policies.history(reader, policy_id)
    )


def _authors(reader: Reader, found: tuple[PolicyVersion, ...]) -> dict[int, str]:
    """Who made each version, by the event of its instant."""
    ids = {each.policy.id for each in found if each.policy is not None}
    by: dict[int, str] = {}
    for leaf in audits.around(reader, [each.at for each in found], _CODES):
        event = content(leaf)
        if event is None or event.entity is None or event.entity.uid not in ids:
            continue
        near = [each for each in reversed(found) if each.number not in by and audits.near(leaf.at, each.at)]
        if near and event.actor.user.name:
            by[near[0].number] = event.actor.user.name
    return by


def _at(reader: Reader, policy_id: PolicyId, number: int) -> ConditionalAccessPolicy:
    found = {each.number: each for each in _versions(reader, policy_id)}
    if number not in found:
        raise NotFoundError(
            f"there is no version {number} of this policy", remedy=f"list them with: assay policy versions {policy_id}"
        )
    policy = found[number].policy
    if policy is None:
        raise ConflictError(
            f"with version {number} the policy was removed, so there is nothing in it", remedy="name one before it"
        )
    return policy


def _policy_of(reader: Reader, side: Side) -> ConditionalAccessPolicy:
    if side.file is None:
        if side.version is None:
            return policy_named(reader, side.name)
        return _at(reader, _id_of(reader, side.name), side.version)
    found = import_policies((side.file,), known=read_policy_set(reader))
    if len(found.policies) != 1 or found.malformed:
        raise InvalidInputError(
            f"{side.file.name} does not hold one policy that can be read: {len(found.policies)} can, "
            f"{len(found.malformed)} cannot",
            remedy="look at it with: assay policy import --dry-run FILE",
        )
    return found.policies[0].policy
