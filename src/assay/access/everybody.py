"""Who there is at one moment, with groups and roles, as decisions see them; a view that can be read in any thread."""

from collections.abc import Iterator, Mapping

from assay.governance.assignments import Holder, holders_of
from assay.identities.users import User
from assay.policy import Principal
from assay.values import GroupId, RoleId, UserId, Value


class Everybody(Value, frozen=True, kw_only=True):
    """People, their groups (transitive), roles by holder, and who has emergency access. None of it is ever changed."""

    users: tuple[User, ...]
    groups: Mapping[UserId, frozenset[GroupId]]
    roles: Mapping[Holder, set[RoleId]]
    break_glass: frozenset[UserId]

    def principals(self) -> Iterator[tuple[User, Principal]]:
        """Each of them as a policy sees them."""
        return ((user, self.principal(user)) for user in self.users)

    def principal(self, user: User) -> Principal:
        """One person as a policy sees them."""
        groups = self.groups.get(user.id, frozenset())
        return Principal(
            id=user.id,
            kind=user.kind,
            groups=groups,
            roles=frozenset(role for holder in holders_of(user.id, groups) for role in self.roles.get(holder, ())),
            break_glass=user.id in self.break_glass,
        )
