"""/v1.0/assay/search: anything by a few letters of it, for whoever may see it."""

from collections.abc import Mapping
from typing import Annotated, Final

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from assay.access.authorize import Caller, Permission, permissions_of
from assay.access.find import Find, Hit, Kind
from assay.values import Wire

LIMIT: Final = 20
_NEEDS: Final[Mapping[Kind, Permission]] = {
    Kind.USER: Permission.USER_READ_ALL,
    Kind.GROUP: Permission.GROUP_READ_ALL,
    Kind.APPLICATION: Permission.APPLICATION_READ_ALL,
    Kind.POLICY: Permission.POLICY_READ_ALL,
    Kind.SESSION: Permission.SESSION_READ_ALL,
    Kind.DECISION: Permission.DECISION_READ_ALL,
}
_VIEWS: Final[Mapping[Kind, str]] = {
    Kind.USER: "/people/{id}",
    Kind.GROUP: "/people?group={id}",
    Kind.APPLICATION: "/apps/{id}",
    Kind.POLICY: "/policies/{id}",
    Kind.SESSION: "/sessions?$filter=id%20eq%20'{id}'",
    Kind.DECISION: "/decisions/{id}",
}


class HitShape(Wire, frozen=True, kw_only=True):
    """One thing, and its view in the console."""

    kind: str
    id: str
    title: str
    subtitle: str
    href: str


class HitList(Wire, frozen=True, kw_only=True):
    """At most twenty."""

    value: tuple[HitShape, ...]


Text = Annotated[str, QueryParameter(name="q", description="A few letters of a name, an id, or a short code")]


@get("/assay/search", opt={"permission": Permission.USER_READ})
async def search(caller: NamedDependency[Caller], find: NamedDependency[Find], text: Text = "") -> HitList:
    """People, groups, apps, policies, sessions and decisions, as far as the caller may read them."""
    held = permissions_of(caller.roles)
    kinds = frozenset(kind for kind, needed in _NEEDS.items() if needed in held)
    return HitList(value=tuple(map(_shape, (await find.find(text, kinds))[:LIMIT])))


ROUTES: Final = (search,)


def _shape(hit: Hit) -> HitShape:
    return HitShape(
        kind=hit.kind.value,
        id=hit.id,
        title=hit.title,
        subtitle=hit.subtitle,
        href=_VIEWS[hit.kind].replace("{id}", hit.id),
    )
