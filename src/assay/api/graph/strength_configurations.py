"""combinationConfigurations of an authentication strength, as Graph's JSON, at both of Graph's paths."""

from http import HTTPStatus
from typing import Final

import msgspec
from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody

from assay.access.attempt import By
from assay.access.authorize import Permission
from assay.api.errors import done
from assay.api.graph.asking import Asking, Override, Select, answers, body_of, entity_answer, nothing
from assay.api.graph.changes import BODY_LIMIT, WRITE
from assay.api.graph.resource import READ, Part, route_of_part
from assay.api.graph.strengths import PATHS
from assay.api.odata.properties import Collection, Kind, members_of
from assay.api.published import with_effect
from assay.api.writing import Writing
from assay.policy.importers.strengths import write_configuration
from assay.values.asking import Order

PART: Final = "combinationConfigurations"


class ConfigurationShape(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Graph's fido2CombinationConfiguration (`allowedAAGUIDs`) or x509CertificateCombinationConfiguration."""

    odata_type: str = msgspec.field(name="@odata.type")
    id: str
    applies_to_combinations: tuple[str, ...]
    allowed_aaguids: tuple[str, ...] = msgspec.field(name="allowedAAGUIDs", default=())
    allowed_issuer_skis: tuple[str, ...] = ()
    allowed_policy_oids: tuple[str, ...] = msgspec.field(name="allowedPolicyOIDs", default=())


def _asked(path: str) -> Collection:
    return Collection(
        name=f"{path[1:]}/{PART}",
        properties=(),
        selectable=members_of(ConfigurationShape),
        order=Order(field="id"),
        key=(("id", Kind.TEXT),),
    )


def _routes(path: str) -> tuple[HTTPRouteHandler, ...]:
    """The collection below a strength at one of the paths."""
    asked, one = _asked(path), f"{path}/{{name:str}}/{PART}/{{configuration:str}}"

    def named(name: str) -> Collection:
        return msgspec.structs.replace(asked, name=f"{path[1:]}/{name}/{PART}")

    @get(one, opt={READ: Permission.POLICY_READ_ALL}, responses=answers(ConfigurationShape))
    async def show_configuration(
        request: Asking,
        name: FromPath[str],
        configuration: FromPath[str],
        writing: NamedDependency[Writing],
        select: Select = None,
    ) -> Response[bytes]:
        """One limit of a strength."""
        found = await writing.configurations.show(name, configuration)
        return entity_answer(request, write_configuration(found), named(name))

    @post(
        f"{path}/{{name:str}}/{PART}",
        status_code=201,
        request_max_body_size=BODY_LIMIT,
        opt=WRITE,
        responses=answers(ConfigurationShape, 201),
    )
    async def add_configuration(
        request: Asking,
        name: FromPath[str],
        data: JSONBody[dict[str, object]],
        writing: NamedDependency[Writing],
        by: NamedDependency[By],
        override: Override = None,
    ) -> Response[bytes]:
        """Limit the keys or certificates of some combinations of a strength of your own."""
        made = done(await writing.configurations.add(by, name, await body_of(request)))
        answer = entity_answer(request, write_configuration(made), named(name), created=made.id)
        return await with_effect(request, by, answer)

    @patch(one, request_max_body_size=BODY_LIMIT, opt=WRITE, responses=answers(ConfigurationShape))
    async def change_configuration(
        request: Asking,
        name: FromPath[str],
        configuration: FromPath[str],
        data: JSONBody[dict[str, object]],
        writing: NamedDependency[Writing],
        by: NamedDependency[By],
        override: Override = None,
    ) -> Response[bytes]:
        """Change what the body names of a limit."""
        changed = done(await writing.configurations.amend(by, name, configuration, await body_of(request)))
        return await with_effect(request, by, entity_answer(request, write_configuration(changed), named(name)))

    @delete(one, status_code=204, opt=WRITE, responses=nothing())
    async def remove_configuration(
        request: Asking,
        name: FromPath[str],
        configuration: FromPath[str],
        writing: NamedDependency[Writing],
        by: NamedDependency[By],
        override: Override = None,
    ) -> Response[None]:
        """Take a limit away."""
        done(await writing.configurations.remove(by, name, configuration))
        return await with_effect(request, by, Response(None, status_code=HTTPStatus.NO_CONTENT))

    listed = Part(
        whole=path,
        part=PART,
        permission=Permission.POLICY_READ_ALL,
        asked=asked,
        shape=ConfigurationShape,
        words="What limits the keys or certificates of a strength.",
        find=lambda graph, name, ask: graph.writing.configurations.page(name, ask),
        show=write_configuration,
        context=f"{path[1:]}('{{name}}')/{PART}",
    )
    return (route_of_part(listed), show_configuration, add_configuration, change_configuration, remove_configuration)


ROUTES: Final = tuple(route for path in PATHS for route in _routes(path))
