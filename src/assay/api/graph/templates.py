"""/v1.0/identity/conditionalAccess/templates: policies to begin with."""

from collections.abc import Callable, Mapping
from typing import Final

from assay.access.authorize import Permission
from assay.api.graph.policies import BASE
from assay.api.graph.resource import Resource
from assay.api.graph_flows import GraphFlows
from assay.api.odata.options import TOP_LIMIT
from assay.api.odata.properties import Collection, Kind, Property, members_of
from assay.policy.templates import Template, templates
from assay.values import NotFoundError, Wire
from assay.values.asked_in_memory import page_of
from assay.values.asking import Ask, Found, Order, Scalar, folded


class DetailsShape(Wire, frozen=True, kw_only=True):
    """Graph's conditionalAccessPolicyDetail: what a policy of the template says, but for its name and state."""

    conditions: dict[str, object]
    grant_controls: dict[str, object] | None
    session_controls: dict[str, object] | None


class TemplateShape(Wire, frozen=True, kw_only=True):
    """Graph's conditionalAccessTemplate."""

    id: str
    name: str
    description: str
    scenarios: str
    details: DetailsShape


FIELDS: Final[Mapping[str, Callable[[Template], Scalar]]] = {
    "id": lambda template: template.id,
    "name": lambda template: folded(template.name),
}


async def _find(_: GraphFlows, ask: Ask) -> Found[Template]:
    return page_of(templates(), ask, FIELDS, ("id",))


async def _one(_: GraphFlows, name: str) -> Template:
    wanted = name.strip().casefold()
    for template in templates():
        if wanted in (template.id, template.name.casefold()):
            return template
    raise NotFoundError(f"there is no template {name!r}", remedy=f"list them: {BASE}/templates")


def _shape(template: Template) -> TemplateShape:
    details = template.details
    return TemplateShape(
        id=template.id,
        name=template.name,
        description=template.description,
        scenarios=template.scenarios,
        details=DetailsShape(
            conditions=details.conditions,
            grant_controls=details.grant_controls,
            session_controls=details.session_controls,
        ),
    )


TEMPLATES: Final = Resource(
    path=f"{BASE}/templates",
    permission=Permission.POLICY_READ_ALL,
    asked=Collection(
        name=f"{BASE[1:]}/templates",
        properties=(
            Property(path="id", field="id"),
            Property(path="name", field="name", folded=True, text_search=True, ordered=True),
        ),
        selectable=members_of(TemplateShape),
        order=Order(field="name"),
        key=(("id", Kind.TEXT),),
        top=TOP_LIMIT,
        whole=True,
    ),
    shape=TemplateShape,
    words="Policies to begin with, by name.",
    find=_find,
    show=_shape,
    one=_one,
    one_words="One template, by id or name.",
)
