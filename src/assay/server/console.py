"""The console and the Graph API, composed, and the socket on which the gateway reaches them."""

from collections.abc import Callable
from pathlib import Path

from assay.access.callers import Callers
from assay.access.live_sessions import LiveSessions
from assay.access.open_sessions import Connections
from assay.access.premises import Premises
from assay.access.signals import Signals
from assay.api.flows import AdminFlows
from assay.api.graph_api import create_graph_api
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
    gate = EnvoyGate(create_graph_api(flows), envoy=envoy)
    return UnixSocket(gate, path, http=PeerProtocol, grace_seconds=GRACE_SECONDS)
