"""Assignments: who may use an app at all, and who holds a directory role."""

from collections.abc import Iterable
from enum import StrEnum

from assay.values import AppId, GroupId, RoleId, UserId, Value


class HolderKind(StrEnum):
    """What an assignment names."""

    USER = "user"
    GROUP = "group"


class Holder(Value, frozen=True, kw_only=True):
    """A person or a group; a group stands for everybody in it, nested groups included."""

    kind: HolderKind
    id: str

    @classmethod
    def user(cls, user_id: UserId) -> "Holder":
        return cls(kind=HolderKind.USER, id=user_id)

    @classmethod
    def group(cls, group_id: GroupId) -> "Holder":
        return cls(kind=HolderKind.GROUP, id=group_id)


class AppAssignment(Value, frozen=True, kw_only=True):
    """This person or group may use this app; Conditional Access says on which conditions."""

    app_id: AppId
    holder: Holder


class RoleAssignment(Value, frozen=True, kw_only=True):
    """This person or group holds this directory role, active and tenant-wide."""

    role_id: RoleId
    holder: Holder


def holders_of(user_id: UserId, groups: Iterable[GroupId]) -> frozenset[Holder]:
    """Everything an assignment may name to mean this person; `groups` are transitive."""
    return frozenset({Holder.user(user_id), *(Holder.group(group) for group in groups)})
