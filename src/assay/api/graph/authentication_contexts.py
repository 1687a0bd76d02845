"""/v1.0/identity/conditionalAccess/authenticationContextClassReferences: the names of what apps ask for by number."""

from collections.abc import Callable, Mapping
from typing import Final

from assay.access.authorize import Permission
from assay.access.seen_version import etag_of
from assay.api.graph.changes import changing, removing
from assay.api.graph.policies import BASE
from assay.api.graph.resource import Resource, Row
from assay.api.graph_flows import GraphFlows
from assay.api.odata.options import TOP_LIMIT
from assay.api.odata.properties import Collection, Kind, Property, members_of
from assay.governance.authentication_contexts import AuthenticationContext
from assay.values import Wire
from assay.values.asked_in_memory import page_of
from assay.values.asking import Ask, Found, Order, Scalar, folded

PATH: Final = f"{BASE}/authenticationContextClassReferences"


class ContextShape(Wire, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """Graph's authenticationContextClassReference."""

    id: str
    display_name: str
    description: str
    is_available: bool


FIELDS: Final[Mapping[str, Callable[[AuthenticationContext], Scalar]]] = {
    "id": lambda context: context.id,
    "name": lambda context: folded(context.display_name),
    "available": lambda context: context.is_available,
}


async def _find(graph: GraphFlows, ask: Ask) -> Found[AuthenticationContext]:
    return page_of(await graph.writing.contexts.every(), ask, FIELDS, ("id",))


def _row(context: AuthenticationContext) -> Row:
    return {
        "id": context.id,
        "displayName": context.display_name,
        "description": context.description,
        "isAvailable": context.is_available,
    }


CONTEXTS: Final = Resource(
    path=PATH,
    permission=Permission.POLICY_READ_ALL,
    asked=Collection(
        name=PATH[1:],
        properties=(
            Property(path="id", field="id"),
            Property(path="displayName", field="name", folded=True, text_search=True, ordered=True),
            Property(path="isAvailable", field="available", kind=Kind.FLAG),
        ),
        selectable=members_of(ContextShape),
        order=Order(field="name"),
        key=(("id", Kind.TEXT),),
        top=TOP_LIMIT,
        whole=True,
    ),
    shape=ContextShape,
    words="Authentication contexts that have a name, by name.",
    find=_find,
    show=_row,
    one=lambda graph, name: graph.writing.contexts.show(name),
    one_words="One authentication context, c1 to c99.",
    etag=etag_of,
)


ROUTES: Final = (
    changing(CONTEXTS, lambda writing: writing.contexts.put, "Name a context, or change what the body names of it."),
    removing(
        CONTEXTS,
        lambda writing: writing.contexts.remove,
        "Take the name of a context away; refused while a policy is about it.",
    ),
)
