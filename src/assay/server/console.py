"""The console and the Graph API, composed, and the socket on which the gateway reaches them."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

from uvicorn._types import ASGI3Application

from assay.access.callers import Callers
from assay.access.live_sessions import LiveSessions
from assay.access.open_sessions import Connections
from assay.access.premises import Premises
from assay.access.signals import Signals
from assay.api.first_asked import FirstAsked
from assay.api.flows import AdminFlows
from assay.api.graph_door import GraphDoor
from assay.api.graph_flows import GraphFlows
from assay.api.peer import EnvoyGate, PeerProtocol
from assay.api.reading import Reading
from assay.api.writing import Writing
from assay.console import STATIC
from assay.server.administration import GRACE_SECONDS
from assay.server.unix_socket import UnixSocket


def graph_flows(
    premises: Premises,
    admin: AdminFlows,
    *,
    signals: Signals,
    sessions: LiveSessions,
    assertion_keys: Callable[[], bytes],
    connections: Connections,
    console: Path | None = STATIC,
) -> GraphFlows:
    """Everything that the Graph API calls; `assertion_keys` is the JWK set that apps fetch.

    `connections`: how many a session has open at the gateway.
    """
    return GraphFlows(
        admin=admin,
        reading=Reading.of(premises, signals, connections=connections),
        writing=Writing.of(premises, signals),
        callers=Callers(
            signals=signals,
            sessions=sessions,
            issuer=premises.addresses.id_origin,
            keys=assertion_keys,
            now=premises.now,
        ),
        addresses=premises.addresses,
        console=console,
        now=premises.now,
        new_id=premises.new_id,
    )


def console_socket(flows: GraphFlows, path: Path, *, envoy: Callable[[], int | None]) -> UnixSocket:
    """The console and the Graph API, for the gateway's Envoy: the process whose id `envoy` gives."""
    door = GraphDoor(FirstAsked(lambda: _graph_routes(flows)), flows)
    gate = EnvoyGate(door, envoy=envoy)
    return UnixSocket(gate, path, http=PeerProtocol, grace_seconds=GRACE_SECONDS)


def _graph_routes(flows: GraphFlows) -> ASGI3Application:
    # Not above: its routes are a sixth of the service's start, and wanted once somebody who is let in asks for one.
    from assay.api.graph_api import graph_routes

    return cast("ASGI3Application", graph_routes(flows))
