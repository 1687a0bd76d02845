"""The Graph API as one ASGI application, behind `console.` and `api.`: each route with the one permission it needs."""

from collections.abc import Sequence
from typing import Final, cast

from litestar import Litestar, Router
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.routes import HTTPRoute

from assay import __version__
from assay.access.attempt import By
from assay.access.authorize import Caller, Permission, authorize
from assay.access.publications import Receipt
from assay.api.errors import ChangeRefusedError
from assay.api.graph import (
    applications,
    authentication_contexts,
    decisions,
    deleted_items,
    directory_audits,
    evaluate,
    groups,
    live,
    log,
    me,
    named_locations,
    overview,
    policies,
    policy_preview,
    policy_replay,
    policy_rollouts,
    role_templates,
    search,
    sessions,
    sign_ins,
    strength_configurations,
    strengths,
    templates,
    user_parts,
    users,
)
from assay.api.graph.resource import routes_of_resource
from assay.api.graph_answers import (
    Asking,
    PermissionMissingError,
    answer_http,
    answer_ours,
    answer_permission,
    answer_refused,
    answer_too_deep,
    answer_unexpected,
    asked,
    permitted_to_override,
)
from assay.api.graph_door import BETA, PREFIX
from assay.api.graph_flows import GraphFlows
from assay.api.overriding import OVERRIDE, overriding
from assay.events import Actor
from assay.values import AssayError

BODY_LIMIT: Final = 8 * 1024 * 1024  # an export of policies, in base64
# What Graph's clients ask for below `/beta` too.
CONDITIONAL_ACCESS: Final = (
    *routes_of_resource(policies.POLICIES),
    *routes_of_resource(deleted_items.DELETED),
    *routes_of_resource(deleted_items.DELETED_LOCATIONS),
    *routes_of_resource(named_locations.LOCATIONS),
    *routes_of_resource(strengths.STRENGTHS),
    *routes_of_resource(strengths.STRENGTHS_OF_POLICIES),
    *routes_of_resource(authentication_contexts.CONTEXTS),
    *routes_of_resource(templates.TEMPLATES),
    *authentication_contexts.ROUTES,
    *policies.ROUTES,
    *deleted_items.ROUTES,
    *named_locations.ROUTES,
    *strengths.ROUTES,
    *strengths.ROUTES_OF_POLICIES,
    *strength_configurations.ROUTES,
    *evaluate.ROUTES,
)
ROUTES: Final = (
    *CONDITIONAL_ACCESS,
    *me.ROUTES,
    # Every collection: what it can be asked, who may read it and how it looks is said where it stands.
    *routes_of_resource(users.USERS),
    *routes_of_resource(groups.GROUPS),
    *routes_of_resource(applications.APPLICATIONS),
    *routes_of_resource(role_templates.ROLE_TEMPLATES),
    *routes_of_resource(sign_ins.SIGN_INS),
    *routes_of_resource(directory_audits.AUDITS),
    *routes_of_resource(decisions.DECISIONS),
    *routes_of_resource(sessions.SESSIONS),
    # What is more than reading a collection.
    *users.ROUTES,
    *user_parts.ROUTES,
    *groups.ROUTES,
    *policies.OWN_ROUTES,
    *policy_preview.ROUTES,
    *policy_replay.ROUTES,
    *policy_rollouts.ROUTES,
    *decisions.ROUTES,
    *sessions.ROUTES,
    *overview.ROUTES,
    *search.ROUTES,
    *live.ROUTES,
    *log.ROUTES,
)
PERMISSION: Final = "permission"
# Litestar wants a place for its own pages about the schema; no request gets there (the door opens the prefixes alone).
_SCHEMA: Final = "/schema"


def graph_routes(flows: GraphFlows, handlers: Sequence[HTTPRouteHandler] = ROUTES) -> Litestar:
    """The routes behind the door; raises AssayError where one does not say which permission it needs."""

    def provided(value: object) -> Provide:
        return Provide(lambda: value, sync_to_thread=False, use_cache=True)

    def permitted(request: Asking) -> Caller:
        """Who asks, with the roles of this moment, if they may what the route declared."""
        caller = flows.callers.again(asked(request).caller)
        if caller is None:
            raise NotAuthorizedException("sign in again: the session ended while the request was on its way")
        refused = authorize(caller, permission_of(request.route_handler))
        if refused is not None:
            raise PermissionMissingError(refused)
        return caller

    def guard(connection: ASGIConnection[BaseRouteHandler, None, None, State], _: BaseRouteHandler) -> None:
        permitted(cast("Asking", connection))

    admin = flows.admin
    app = Litestar(
        route_handlers=[
            Router(path=PREFIX, route_handlers=list(handlers)),
            # Described once: they are the same.
            Router(path=BETA, route_handlers=list(CONDITIONAL_ACCESS), include_in_schema=False),
        ],
        guards=[guard],
        dependencies={
            "graph": provided(flows),
            "flows": provided(admin),
            "people": provided(admin.people),
            "methods": provided(admin.methods),
            "roles": provided(admin.roles),
            "groups": provided(admin.groups),
            "apps": provided(admin.apps),
            "sessions": provided(admin.sessions),
            "policies": provided(admin.policies),
            "roll_outs": provided(admin.roll_outs),
            "decisions": provided(admin.decisions),
            "log": provided(admin.log),
            "directory": provided(flows.reading.directory),
            "open_sessions": provided(flows.reading.open_sessions),
            "listed_policies": provided(flows.reading.policies),
            "preview": provided(flows.reading.preview),
            "proving": provided(flows.reading.proving),
            "replaying": provided(flows.reading.replaying),
            "glance": provided(flows.reading.glance),
            "find": provided(flows.reading.find),
            "writing": provided(flows.writing),
            "live": provided(flows.reading.live),
            # Asked again once the body is there: whoever sends it slowly may have lost the role meanwhile.
            "caller": Provide(permitted, sync_to_thread=False),
            "by": Provide(_by, sync_to_thread=False),
        },
        exception_handlers={
            PermissionMissingError: answer_permission,
            ChangeRefusedError: answer_refused,
            AssayError: answer_ours,
            HTTPException: answer_http,
            RecursionError: answer_too_deep,
            Exception: answer_unexpected,
        },
        request_max_body_size=BODY_LIMIT,
        openapi_config=OpenAPIConfig(
            title="Assay API",
            version=__version__,
            openapi_router=Router(
                path=_SCHEMA, route_handlers=[], include_in_schema=False, opt={PERMISSION: Permission.USER_READ}
            ),
            render_plugins=[JsonRenderPlugin()],
        ),
        logging_config=None,
    )
    for method, path, handler in routes_of(app):
        _refuse_without_permission(method, path, handler)
    return app


def routes_of(app: Litestar) -> tuple[tuple[str, str, HTTPRouteHandler], ...]:
    """Method, path and handler of every route; the answers to OPTIONS are the framework's and need nobody."""
    return tuple(
        (method, route.path, handler)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in sorted(handler.http_methods)
        if method != "OPTIONS"
    )


def permission_of(handler: BaseRouteHandler) -> Permission:
    """The one permission that a route declared; raises ValueError where it did not, or one that there is not."""
    return Permission(handler.opt.get(PERMISSION, ""))


def _refuse_without_permission(method: str, path: str, handler: HTTPRouteHandler) -> None:
    try:
        permission_of(handler)
    except ValueError as error:
        raise AssayError(
            f"the route {method} {path} declares no permission that there is",
            remedy='write opt={"permission": Permission.…} at the handler',
        ) from error


def _by(request: Asking, caller: NamedDependency[Caller]) -> By:
    """Who asks, as the actor of what the request changes; raises PermissionMissingError.

    With a reason to break an invariant of the owner, where they give one and may.
    """
    by = By(actor=_actor(caller), receipt=Receipt())
    if permission_of(request.route_handler) is not Permission.POLICY_READ_WRITE_CONDITIONAL_ACCESS:
        return by
    reason = request.query_params.get(OVERRIDE, "")
    return permitted_to_override(caller, overriding(by, reason))


def _actor(caller: Caller) -> Actor:
    if caller.user_id is not None:
        return Actor.person(caller.user_id, caller.name, caller.session_id)
    assert caller.token_id is not None
    return Actor.program(caller.token_id, caller.name)
