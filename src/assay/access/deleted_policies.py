"""Policies that were removed, and are there no more: what each was last, and the way back."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from assay.access.attempt import By, NotDone, attempt
from assay.access.premises import Premises
from assay.access.publication import NOUNS
from assay.access.publish_policy import PolicyDetails
from assay.access.write_policies import store_policy
from assay.events import About, Entity, change
from assay.events.types import POLICY_REMOVED
from assay.governance.records import policies
from assay.policy import ConditionalAccessPolicy
from assay.store import Reader, Transaction
from assay.values import NotFoundError, PolicyId, Reason, Value
from assay.values.asked_in_memory import page_of
from assay.values.asking import Ask, Found, Scalar, folded

# The reason of an event by which something removed is not among these any more.
FOR_GOOD: Final = "deletedForGood"


class DeletedPolicy(Value, frozen=True, kw_only=True):
    """A policy as it was when it was removed, the number of that version, and when it went."""

    policy: ConditionalAccessPolicy
    version: int
    at: datetime


FIELDS: Final[Mapping[str, Callable[[DeletedPolicy], Scalar]]] = {
    "id": lambda each: each.policy.id,
    "name": lambda each: folded(each.policy.display_name),
    "deleted_at": lambda each: each.at,
}


class DeletedPolicies:
    """The flow behind `deletedItems/policies`: nothing is kept for it beside the versions, which stay for good."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def page(self, ask: Ask) -> Found[DeletedPolicy]:
        """A page of them."""
        return await self._premises.store.read_list(
            lambda reader: page_of(_those(policies.removed(reader)), ask, FIELDS, ("id",))
        )

    async def show(self, policy_id: str) -> DeletedPolicy:
        """One of them by its id; raises NotFoundError."""
        return await self._premises.store.read(lambda reader: _one(reader, policy_id))

    async def restore(self, by: By, policy_id: str) -> PolicyDetails | NotDone:
        """Store it once more as it was, by the checks that every change goes through; raises NotFoundError.

        Where it names what is gone meanwhile, it comes back in report-only.
        """

        def restore(transaction: Transaction) -> PolicyDetails:
            found = _one(transaction, policy_id)
            why = replace(by, reason=Reason.of("versionRestored", version=str(found.version)))
            return store_policy(self._premises, transaction, why, found.policy, None)

        return await attempt(self._premises.store, restore)

    async def forget(self, by: By, policy_id: str) -> None:
        """Have it there no longer, for good; raises NotFoundError. Its versions stay: they tell who changed what."""

        def forget(transaction: Transaction) -> None:
            found, at = _one(transaction, policy_id), self._premises.now()
            policies.forget(transaction, found.policy.id, at)
            event = change(
                POLICY_REMOVED,
                at=at,
                actor=by.actor,
                about=About(
                    entity=Entity(uid=found.policy.id, name=found.policy.display_name, type=NOUNS[type(found.policy)])
                ),
                before=found.policy,
                after=None,
                reason=Reason.of(FOR_GOOD),
            )
            self._premises.record(transaction, event)

        await self._premises.store.write(forget)


def _those(found: Iterable[tuple[ConditionalAccessPolicy, int, datetime]]) -> tuple[DeletedPolicy, ...]:
    return tuple(DeletedPolicy(policy=policy, version=version, at=at) for policy, version, at in found)


def _one(reader: Reader, policy_id: str) -> DeletedPolicy:
    found = _those(policies.removed(reader, PolicyId(policy_id.strip().lower())))
    if found:
        return found[0]
    raise NotFoundError(
        f"no policy with the id {policy_id!r} was removed",
        remedy="list those that were at /identity/conditionalAccess/deletedItems/policies",
    )
