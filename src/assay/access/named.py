"""What an administrator names: by id, or by the name that people know."""

from collections.abc import Iterable

from assay.apps import App
from assay.apps.records import apps
from assay.events import About, Entity
from assay.governance.assignments import Holder, HolderKind
from assay.identities.groups import Group
from assay.identities.records import groups, users
from assay.identities.users import User
from assay.store import Reader
from assay.values import AppId, GroupId, InvalidInputError, NotFoundError, UserId


def person(reader: Reader, name: str) -> User:
    """The person with this id or user name; raises NotFoundError."""
    found = users.get(reader, UserId(name.lower())) or users.by_name(reader, name)
    if found is None:
        raise NotFoundError(f"there is no person {name!r}", remedy="list people with: assay users list")
    return found


def group(reader: Reader, name: str) -> Group:
    """The group with this id or name; raises NotFoundError."""
    found = groups.get(reader, GroupId(name.lower())) or groups.by_name(reader, name)
    if found is None:
        raise NotFoundError(f"there is no group {name!r}", remedy="list groups with: assay groups list")
    return found


def app(reader: Reader, name: str) -> App:
    """The app with this id or name; raises NotFoundError."""
    found = apps.get(reader, AppId(name.lower())) or apps.by_name(reader, name.lower())
    if found is None:
        raise NotFoundError(f"there is no app {name!r}", remedy="list apps with: assay apps list")
    return found


class Named(Holder, frozen=True, kw_only=True):
    """A person or group to whom something is given, with its name."""

    name: str


def holder(reader: Reader, *, user: str | None, group_name: str | None) -> Named:
    """The person or the group, of which exactly one is named; raises InvalidInputError or NotFoundError."""
    if (user is None) == (group_name is None):
        raise InvalidInputError("name either a person or a group", remedy="use --user NAME or --group NAME")
    if user is not None:
        found = person(reader, user)
        holding = Holder.user(found.id)
        return Named(kind=holding.kind, id=holding.id, name=found.user_name)
    found_group = group(reader, group_name or "")
    holding = Holder.group(found_group.id)
    return Named(kind=holding.kind, id=holding.id, name=found_group.name)


def about_holder(holder: Named, entity: Entity | None) -> About:
    """An event about a person or a group, and the thing that was given or taken."""
    if holder.kind is HolderKind.USER:
        return About(user_id=UserId(holder.id), user_name=holder.name, entity=entity)
    return About(group_id=GroupId(holder.id), group_name=holder.name, entity=entity)


def names_of(reader: Reader, holders: Iterable[Holder]) -> dict[Holder, Named]:
    """Holders with their names, in a query for each thousand; a holder that is gone is named by its id."""
    wanted = tuple(dict.fromkeys(holders))
    people = users.several(reader, [UserId(each.id) for each in wanted if each.kind is HolderKind.USER])
    together = groups.several(reader, [GroupId(each.id) for each in wanted if each.kind is HolderKind.GROUP])
    called = {Holder.user(user.id): user.user_name for user in people.values()}
    called |= {Holder.group(group.id): group.name for group in together.values()}
    return {each: Named(kind=each.kind, id=each.id, name=called.get(each, each.id)) for each in wanted}
