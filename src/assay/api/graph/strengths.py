"""Authentication strengths as Graph's JSON, at both of Graph's paths."""

from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec.structs import replace

from assay.access.attempt import By
from assay.access.authorize import Permission
from assay.access.listed_policies import ListedPolicies, strength_type
from assay.access.seen_version import etag_of
from assay.access.strengths import NewCombinations
from assay.api.errors import done
from assay.api.graph.asking import JSON, Asking, IfMatch, Override, answers, body_of, link_of, seen_of
from assay.api.graph.changes import BODY_LIMIT, WRITE, changing, making, removing
from assay.api.graph.policies import BASE, POLICIES, PolicyShape
from assay.api.graph.resource import READ, Resource, Row
from assay.api.odata.options import TOP_LIMIT
from assay.api.odata.properties import Collection, Kind, Property, members_of
from assay.api.published import with_effect
from assay.api.writing import Writing
from assay.policy import AuthenticationStrengthPolicy, export_strength
from assay.values.asking import Order

# Graph has them at both.
PATHS: Final = (f"{BASE}/authenticationStrength/policies", "/policies/authenticationStrengthPolicies")


class StrengthShape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Graph's authenticationStrengthPolicy."""

    odata_type: str = msgspec.field(name="@odata.type")
    id: str
    display_name: str
    description: str
    policy_type: str
    allowed_combinations: tuple[str, ...]
    combination_configurations: tuple[dict[str, object], ...]


class CombinationsShape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Graph's updateAllowedCombinationsResult."""

    odata_context: str = msgspec.field(name="@odata.context")
    additional_information: str
    conditional_access_references: tuple[str, ...]
    current_combinations: tuple[str, ...]
    previous_combinations: tuple[str, ...]


class UsageShape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Graph's authenticationStrengthUsage: the policies that demand it, by whether it takes two factors."""

    odata_context: str = msgspec.field(name="@odata.context")
    mfa: tuple[PolicyShape, ...]
    none: tuple[PolicyShape, ...]


def _strength(strength: AuthenticationStrengthPolicy) -> Row:
    return {**export_strength(strength), "policyType": strength_type(strength)}


STRENGTHS: Final = Resource(
    path=PATHS[0],
    permission=Permission.POLICY_READ_ALL,
    asked=Collection(
        name=PATHS[0][1:],
        properties=(
            Property(path="id", field="id"),
            Property(path="displayName", field="name", folded=True, text_search=True, ordered=True),
            Property(
                path="policyType", field="type", spelled={each: each for each in ("builtIn", "custom")}, ordered=True
            ),
        ),
        selectable=members_of(StrengthShape),
        order=Order(field="type"),
        key=(("name", Kind.TEXT), ("id", Kind.TEXT)),
        top=TOP_LIMIT,
        whole=True,
    ),
    shape=StrengthShape,
    words="Authentication strengths: those that are built in, then your own.",
    find=lambda graph, ask: graph.reading.policies.strengths(ask),
    show=_strength,
    one=lambda graph, name: graph.reading.policies.strength(name),
    one_words="One strength, by id or name.",
    etag=etag_of,
)
STRENGTHS_OF_POLICIES: Final = replace(STRENGTHS, path=PATHS[1], asked=replace(STRENGTHS.asked, name=PATHS[1][1:]))


def _routes(resource: Resource[AuthenticationStrengthPolicy]) -> tuple[HTTPRouteHandler, ...]:
    """What changes strengths at one of the paths."""

    @get(f"{resource.path}/{{name:str}}/usage()", opt={READ: resource.permission}, responses=answers(UsageShape))
    async def strength_usage(
        request: Asking, name: FromPath[str], listed_policies: NamedDependency[ListedPolicies]
    ) -> Response[bytes]:
        """The policies that demand a strength."""
        found = await listed_policies.usage(name)
        rows = tuple(map(POLICIES.row, found.policies))
        shape = {
            "@odata.context": f"{link_of(request).root}/$metadata#microsoft.graph.authenticationStrengthUsage",
            "mfa": rows if found.mfa else (),
            "none": () if found.mfa else rows,
        }
        return Response(msgspec.json.encode(shape), media_type=JSON)

    @post(
        f"{resource.path}/{{name:str}}/updateAllowedCombinations",
        status_code=200,
        request_max_body_size=BODY_LIMIT,
        opt=WRITE,
        responses=answers(CombinationsShape),
    )
    async def change_combinations(
        request: Asking,
        name: FromPath[str],
        data: JSONBody[dict[str, object]],
        writing: NamedDependency[Writing],
        by: NamedDependency[By],
        if_match: IfMatch = None,
        override: Override = None,
    ) -> Response[bytes]:
        """Replace the combinations of a strength of your own; what is open under it is judged anew."""
        body, seen = await body_of(request), seen_of(request)
        changed = done(await writing.strengths.set_combinations(by, name, body, seen=seen))
        answer = Response(msgspec.json.encode(_combinations(request, changed)), media_type=JSON)
        return await with_effect(request, by, answer)

    return (
        making(
            resource,
            lambda writing: writing.strengths.create,
            lambda made: made.id,
            "Make a strength of combinations of methods.",
        ),
        changing(
            resource,
            lambda writing: writing.strengths.amend,
            "Change the name or the description of a strength of your own.",
        ),
        change_combinations,
        strength_usage,
        removing(
            resource,
            lambda writing: writing.strengths.remove,
            "Remove a strength of your own; refused while a policy demands it.",
        ),
    )


def _combinations(request: Asking, changed: NewCombinations) -> CombinationsShape:
    return CombinationsShape(
        odata_context=f"{link_of(request).root}/$metadata#microsoft.graph.updateAllowedCombinationsResult",
        additional_information="",
        conditional_access_references=tuple(policy.id for policy in changed.policies),
        current_combinations=_texts(changed.after),
        previous_combinations=_texts(changed.before),
    )


def _texts(strength: AuthenticationStrengthPolicy) -> tuple[str, ...]:
    return tuple(",".join(combination) for combination in strength.allowed_combinations)


ROUTES: Final = _routes(STRENGTHS)
ROUTES_OF_POLICIES: Final = _routes(STRENGTHS_OF_POLICIES)
