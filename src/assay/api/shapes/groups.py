"""Groups and who is in them."""

from datetime import datetime

from assay.api.shapes.people import HolderShape, NamedShape
from assay.values import Wire


class NewGroup(Wire, frozen=True, kw_only=True):
    """A group to make."""

    display_name: str
    description: str = ""


class GroupChange(Wire, frozen=True, kw_only=True):
    """What to change of a group; None leaves as it is."""

    display_name: str | None = None
    description: str | None = None


class GroupShape(Wire, frozen=True, kw_only=True):
    """A group, by Graph's names."""

    id: str
    display_name: str
    description: str
    created_date_time: datetime


class GroupList(Wire, frozen=True, kw_only=True):
    """Every group."""

    value: tuple[GroupShape, ...]


class GroupDetailsShape(Wire, frozen=True, kw_only=True):
    """A group with its direct members, and how many people are in it through groups too."""

    group: GroupShape
    users: tuple[NamedShape, ...]
    groups: tuple[NamedShape, ...]
    people: int


class MembershipShape(Wire, frozen=True, kw_only=True):
    """A membership that was made or taken; `changed` False: it was so before."""

    group: GroupShape
    member: HolderShape
    changed: bool
