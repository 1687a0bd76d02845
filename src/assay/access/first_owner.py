"""The first owner: as long as nobody can administer this installation, whoever runs it gets a one-time link."""

from datetime import timedelta
from typing import Final

from assay.access.administrators import administrators
from assay.access.attempt import By
from assay.access.enrolment_links import issue_link
from assay.access.policy_sets import keep_policy_set_in_force
from assay.access.premises import Premises
from assay.events import About, Actor, change
from assay.events.types import POLICY_PUBLISHED, ROLE_ASSIGNED, USER_CREATED
from assay.governance.assignments import Holder, RoleAssignment
from assay.governance.records import assignments, break_glass, policies
from assay.governance.roles import GLOBAL_ADMINISTRATOR
from assay.identities.records import methods, users
from assay.identities.users import User
from assay.policy import ConditionalAccessPolicy, PolicyState, UserKind
from assay.policy.condition_set import Applications, ConditionSet, Users
from assay.policy.definition import BuiltInControl, GrantControls, Operator
from assay.store import Transaction
from assay.values import PolicyId, Reason, UserId

OWNER_NAME: Final = "owner"
LINK_LIFETIME: Final = timedelta(hours=24)
BY_START: Final = Reason.of("firstStart")

# In force from the first start, an ordinary policy from then on: a stolen password alone opens nothing.
BASELINE: Final = ConditionalAccessPolicy(
    id=PolicyId("a55a0000-0000-4000-8000-00000000c001"),
    display_name="Baseline: require multifactor authentication",
    state=PolicyState.ENABLED,
    conditions=ConditionSet(
        users=Users(include_users=("All",)), applications=Applications(include_applications=("All",))
    ),
    grant_controls=GrantControls(operator=Operator.OR, built_in_controls=(BuiltInControl.MFA,)),
)


class FirstOwner:
    """Makes the owner at the first start, and a new link as long as the owner has nothing to sign in with."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def link(self) -> str | None:
        """The address of the one-time link, or None when somebody can administer already."""
        return await self._premises.store.write(self._link)

    def _link(self, transaction: Transaction) -> str | None:
        owners = administrators(transaction)
        if any(methods.summary(transaction, owner.id).complete for owner in owners):
            return None
        if not owners and users.count(transaction) > len(break_glass.user_ids(transaction)):
            # People without an administrator: somebody took the role away on purpose, or it cannot be read just now;
            # the host's owner can give it.
            return None
        owner = owners[0] if owners else self._make_owner(transaction)
        by = By(actor=Actor.system(), reason=BY_START)
        # Each node prints one, and whoever reads the first on a screen must not find it void.
        return issue_link(self._premises, transaction, owner, by, LINK_LIFETIME, beside=True).url

    def _make_owner(self, transaction: Transaction) -> User:
        at = self._premises.now()
        owner = User(
            id=UserId(self._premises.new_id()),
            user_name=OWNER_NAME,
            display_name="Owner",
            kind=UserKind.MEMBER,
            created_at=at,
        )
        role = RoleAssignment(role_id=GLOBAL_ADMINISTRATOR, holder=Holder.user(owner.id))
        users.insert(transaction, owner)
        assignments.assign_role(transaction, role, at)
        policies.put(transaction, BASELINE, at)
        keep_policy_set_in_force(transaction)
        about = About(user_id=owner.id, user_name=owner.user_name)
        for kind, after in ((USER_CREATED, owner), (ROLE_ASSIGNED, role), (POLICY_PUBLISHED, BASELINE)):
            self._premises.record(
                transaction,
                change(kind, at=at, actor=Actor.system(), about=about, before=None, after=after, reason=BY_START),
            )
        return owner
