"""Policies written one by one as Graph's JSON: made, changed in part, removed; by the rules of an import.

What is not decided here, names what does not exist or can be met by nobody is never enabled by being written: it is
stored as report-only, and the answer says why. What is on is not switched off by that: a change that brings such a
part into it is refused, and what it had already (a waived id, a group that is gone by now) stays as it is.
"""

from msgspec.structs import replace

from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.import_policies import standing_of
from assay.access.premises import Premises
from assay.access.publication import Change, publish
from assay.access.publish_policy import PolicyDetails, details_of, policy_named
from assay.access.seen_version import WHATEVER, Seen
from assay.events.types import POLICY_CHANGED, POLICY_IMPORTED, POLICY_PUBLISHED, POLICY_REMOVED
from assay.policy import ConditionalAccessPolicy, PolicyState, export_policy
from assay.policy.amended import amended, own_part
from assay.policy.graph_json import Json, JsonObject, Node
from assay.policy.importers.policies import read_policy
from assay.policy.validity import contradiction
from assay.store import Transaction
from assay.values import RefusedInputError


class WritePolicies:
    """The flow behind POST, PATCH and DELETE of policies."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def create(self, by: By, body: Json) -> PolicyDetails | NotDone:
        """Store a policy under an id of its own; raises MalformedError, and RefusedInputError for a contradiction."""
        policy = _read({**own_part(body), "id": self._premises.new_id()})
        return await attempt(self._premises.store, lambda transaction: self._store(transaction, by, policy, None))

    async def amend(self, by: By, name: str, body: Json, *, seen: Seen = WHATEVER) -> PolicyDetails | NotDone:
        """Change what the body names, and leave the rest; raises as `create`, and NotFoundError."""
        part = own_part(body)

        def amend(transaction: Transaction) -> PolicyDetails:
            before = policy_named(transaction, name)
            seen.refuse_other(before)
            return self._store(transaction, by, _read(amended(export_policy(before), part)), before)

        return await attempt(self._premises.store, amend)

    async def remove(self, by: By, name: str, *, seen: Seen = WHATEVER) -> ConditionalAccessPolicy | NotDone:
        """Remove a policy; its versions stay."""

        def remove(transaction: Transaction) -> ConditionalAccessPolicy:
            policy = policy_named(transaction, name)
            seen.refuse_other(policy)
            publish(self._premises, transaction, by, (Change(kind=POLICY_REMOVED, before=policy),))
            return policy

        return await attempt(self._premises.store, remove)

    def _store(
        self, transaction: Transaction, by: By, wanted: ConditionalAccessPolicy, before: ConditionalAccessPolicy | None
    ) -> PolicyDetails:
        return store_policy(self._premises, transaction, by, wanted, before)


def store_policy(
    premises: Premises,
    transaction: Transaction,
    by: By,
    wanted: ConditionalAccessPolicy,
    before: ConditionalAccessPolicy | None,
) -> PolicyDetails:
    """Publish a policy as it was written, or in report-only where something keeps it back."""
    standing = standing_of(transaction, wanted)
    was_on = before is not None and before.state is PolicyState.ENABLED
    if before is not None and was_on:
        standing = standing.beyond(standing_of(transaction, before))
    wanted_on = wanted.state is PolicyState.ENABLED
    if was_on and wanted_on and standing.reason is not None:
        raise UndoneError(standing.reason)
    held_back = wanted_on and not (standing.decided and not standing.unenforced)
    after = replace(wanted, state=PolicyState.REPORT_ONLY) if held_back else wanted
    newly_on = after.state is PolicyState.ENABLED and not was_on
    kind = POLICY_IMPORTED if before is None else POLICY_PUBLISHED if newly_on else POLICY_CHANGED
    publish(premises, transaction, by, (Change(kind=kind, before=before, after=after),))
    return details_of(transaction, (after,))[0]


def _read(value: JsonObject) -> ConditionalAccessPolicy:
    policy, _ = read_policy(Node(value, (), []))
    found = contradiction(policy)
    if found is not None:
        raise RefusedInputError(found)
    return policy
