"""/v1.0/groups: groups as Graph's group, and who is in them."""

from datetime import datetime
from typing import Final

import msgspec

from assay.access.authorize import Permission
from assay.access.directory import ListedGroup
from assay.access.group_members import MEMBER_KEY
from assay.api.graph.resource import Part, Resource, route_of_part
from assay.api.odata.properties import EVERY_OPERATOR, Collection, Kind, Property, members_of
from assay.identities.groups import Group
from assay.identities.users import User
from assay.values import Wire
from assay.values.asking import Order


class GroupShape(Wire, frozen=True, kw_only=True):
    """Graph's group."""

    id: str
    display_name: str
    description: str | None
    created_date_time: datetime


class GroupExtras(Wire, frozen=True, kw_only=True):
    """How many people are in it, through groups too."""

    member_count: int


class ListedGroupShape(GroupShape, frozen=True, kw_only=True):
    """The same with what we count."""

    assay: GroupExtras


class MemberShape(Wire, frozen=True, kw_only=True):
    """A member of a group: a person or a group; `userPrincipalName` is a person's."""

    odata_type: str = msgspec.field(name="@odata.type")
    id: str
    display_name: str
    user_principal_name: str | None


def group_shape(group: Group) -> GroupShape:
    """A group as Graph shows it."""
    return GroupShape(
        id=group.id,
        display_name=group.name,
        description=group.description or None,
        created_date_time=group.created_at,
    )


def _listed(listed: ListedGroup) -> ListedGroupShape:
    group = listed.group
    return ListedGroupShape(
        id=group.id,
        display_name=group.name,
        description=group.description or None,
        created_date_time=group.created_at,
        assay=GroupExtras(member_count=listed.members),
    )


def _member(member: User | Group) -> MemberShape:
    if isinstance(member, User):
        return MemberShape(
            odata_type="#microsoft.graph.user",
            id=member.id,
            display_name=member.display_name,
            user_principal_name=member.user_name,
        )
    return MemberShape(
        odata_type="#microsoft.graph.group", id=member.id, display_name=member.name, user_principal_name=None
    )


GROUPS: Final = Resource(
    path="/groups",
    permission=Permission.GROUP_READ_ALL,
    asked=Collection(
        name="groups",
        properties=(
            Property(path="id", field="id"),
            Property(path="displayName", field="name", folded=True, text_search=True, ordered=True),
            Property(
                path="createdDateTime", field="created_at", kind=Kind.INSTANT, operators=EVERY_OPERATOR, ordered=True
            ),
        ),
        selectable=members_of(ListedGroupShape),
        order=Order(field="name"),
        key=(("id", Kind.TEXT),),
        searched=True,
    ),
    shape=ListedGroupShape,
    words="Groups, in the order of their names.",
    find=lambda graph, ask: graph.reading.directory.groups(ask),
    show=_listed,
    one=lambda graph, name: graph.reading.directory.group(name),
    one_words="One group, by id or name.",
)
MEMBERS: Final = Part(
    whole="/groups",
    part="members",
    permission=Permission.GROUP_READ_ALL,
    asked=Collection(
        name="directoryObjects",
        properties=(),
        selectable=members_of(MemberShape),
        order=Order(field=MEMBER_KEY[0]),
        key=((MEMBER_KEY[0], Kind.NUMBER), (MEMBER_KEY[1], Kind.TEXT)),
    ),
    shape=MemberShape,
    words="Who is in a group directly: groups, then people, each in the order of their names.",
    find=lambda graph, name, ask: graph.reading.directory.members(name, ask),
    show=_member,
)
ROUTES: Final = (route_of_part(MEMBERS),)
