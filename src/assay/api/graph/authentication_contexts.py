"""/v1.0/identity/conditionalAccess/authenticationContextClassReferences: the names of what apps ask for by number."""

from collections.abc import Callable, Mapping
from typing import Final

from litestar import Response, delete, patch
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from assay.access.attempt import By
from assay.access.authorize import Permission
from assay.access.seen_version import etag_of
from assay.api.errors import done
from assay.api.graph.asking import Asking, IfMatch, answers, body_of, seen_of
from assay.api.graph.policies import BASE
from assay.api.graph.resource import Resource, Row
from assay.api.graph_flows import GraphFlows
from assay.api.odata.options import TOP_LIMIT
from assay.api.odata.properties import Collection, Kind, Property, members_of
from assay.api.writing import Writing
from assay.governance.authentication_contexts import AuthenticationContext
from assay.values import Wire
from assay.values.asked_in_memory import page_of
from assay.values.asking import Ask, Found, Order, Scalar, folded

PATH: Final = f"{BASE}/authenticationContextClassReferences"
WRITE: Final = {"permission": Permission.POLICY_READ_WRITE_CONDITIONAL_ACCESS}


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
    ),
    shape=ContextShape,
    words="Authentication contexts that have a name, by name.",
    find=_find,
    show=_row,
    one=lambda graph, name: graph.writing.contexts.show(name),
    one_words="One authentication context, c1 to c99.",
    etag=etag_of,
)


@patch(f"{PATH}/{{name:str}}", opt=WRITE, responses=answers(ContextShape))
async def name_context(
    request: Asking,
    name: FromPath[str],
    data: JSONBody[dict[str, object]],
    writing: NamedDependency[Writing],
    by: NamedDependency[By],
    if_match: IfMatch = None,
) -> Response[bytes]:
    """Name a context, or change what the body names of it."""
    named = await writing.contexts.put(by, name, await body_of(request), seen=seen_of(request))
    return CONTEXTS.answer(request, done(named))


@delete(f"{PATH}/{{name:str}}", status_code=204, opt=WRITE)
async def remove_context(
    request: Asking,
    name: FromPath[str],
    writing: NamedDependency[Writing],
    by: NamedDependency[By],
    if_match: IfMatch = None,
) -> None:
    """Take the name of a context away; refused while a policy is about it."""
    done(await writing.contexts.remove(by, name, seen=seen_of(request)))


ROUTES: Final = (name_context, remove_context)
