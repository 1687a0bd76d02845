"""The admin API as one ASGI application; who may talk to it is settled before, by the socket it is served on."""

from typing import Final, cast

from litestar import Litestar, Request, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from uvicorn._types import ASGI3Application, Scope

from assay import __version__
from assay.access.attempt import By
from assay.access.publications import Receipt
from assay.api.errors import (
    ChangeRefusedError,
    answer_http,
    answer_ours,
    answer_refusal,
    answer_too_deep,
    answer_unexpected,
)
from assay.api.flows import AdminFlows
from assay.api.names_in_paths import keeping_names, names_as_typed
from assay.api.peer import peer_in
from assay.api.routes import (
    api_tokens,
    app_access,
    apps,
    backup,
    break_glass,
    damage,
    decisions,
    events,
    groups,
    installation,
    keys,
    locations,
    messages,
    nodes,
    people,
    policies,
    policy_history,
    proxies,
    replays,
    resets,
    roles,
    rollouts,
    sessions,
)
from assay.events import Actor
from assay.values import AssayError, InvalidInputError

PREFIX: Final = "/v1"
BODY_LIMIT: Final = 1024 * 1024
ROUTES: Final = (
    *people.ROUTES,
    *resets.ROUTES,
    *roles.ROUTES,
    *groups.ROUTES,
    *apps.ROUTES,
    *app_access.ROUTES,
    *proxies.ROUTES,
    *api_tokens.ROUTES,
    *sessions.ROUTES,
    *policies.ROUTES,
    *policy_history.ROUTES,
    *rollouts.ROUTES,
    *locations.ROUTES,
    *replays.ROUTES,
    *decisions.ROUTES,
    *events.ROUTES,
    *nodes.ROUTES,
    *damage.ROUTES,
    *installation.ROUTES,
    *messages.ROUTES,
    *break_glass.ROUTES,
    *keys.ROUTES,
    *backup.ROUTES,
)


def create_admin_api(flows: AdminFlows) -> ASGI3Application:
    """The application; the peer of the connection is the actor of everything it changes."""
    return keeping_names(cast("ASGI3Application", admin_routes(flows)))


def admin_routes(flows: AdminFlows) -> Litestar:
    """The routes alone, in whose paths a name with a slash would be two segments."""

    def provided(value: object) -> Provide:
        return Provide(lambda: value, sync_to_thread=False, use_cache=True)

    return Litestar(
        route_handlers=[Router(path=PREFIX, route_handlers=list(ROUTES))],
        dependencies={
            "flows": provided(flows),
            "people": provided(flows.people),
            "break_glass": provided(flows.break_glass),
            "messages": provided(flows.messages),
            "methods": provided(flows.methods),
            "resets": provided(flows.resets),
            "roles": provided(flows.roles),
            "groups": provided(flows.groups),
            "apps": provided(flows.apps),
            "public_paths": provided(flows.public_paths),
            "proxies": provided(flows.proxies),
            "app_credentials": provided(flows.app_credentials),
            "api_tokens": provided(flows.api_tokens),
            "sessions": provided(flows.sessions),
            "policies": provided(flows.policies),
            "policy_history": provided(flows.policy_history),
            "roll_outs": provided(flows.roll_outs),
            "locations": provided(flows.locations),
            "replays": provided(flows.replays),
            "decisions": provided(flows.decisions),
            "log": provided(flows.log),
            "keys": provided(flows.keys),
            "mend": provided(flows.mend),
            "by": Provide(who_acts, sync_to_thread=False),
        },
        exception_handlers={
            ChangeRefusedError: answer_refusal,
            AssayError: answer_ours,
            HTTPException: answer_http,
            RecursionError: answer_too_deep,
            Exception: answer_unexpected,
        },
        request_max_body_size=BODY_LIMIT,
        middleware=[names_as_typed],
        openapi_config=OpenAPIConfig(
            title="Assay admin API",
            version=__version__,
            path=f"{PREFIX}/openapi",
            render_plugins=[JsonRenderPlugin()],
        ),
        logging_config=None,
    )


def who_acts(request: Request[None, None, State]) -> By:
    """The host's user at the other end of the socket; raises InvalidInputError where the kernel did not say."""
    peer = peer_in(cast("Scope", request.scope))
    if peer is None:
        raise InvalidInputError("nobody knows who asks", remedy="use the admin socket")
    return By(actor=Actor.host(peer.uid, peer.name), receipt=Receipt())
