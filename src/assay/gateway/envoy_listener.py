"""Envoy's listener: addresses, TLS, and how it reads HTTP before any filter sees it."""

from collections.abc import Sequence
from ipaddress import ip_network

from assay.gateway.envoy_filters import early_header_mutation, http_filters
from assay.gateway.envoy_routes import ROUTES
from assay.gateway.json_text import Json, JsonObject
from assay.gateway.local_replies import local_reply_config
from assay.gateway.settings import GatewaySettings

STAT_PREFIX = "assay"
_TYPE = "type.googleapis.com/envoy.extensions."
_BUFFER_BYTES = 262_144
# TCP_NOTSENT_LOWAT (tcp(7)): what waits unsent in the kernel is out of the cut's reach once Envoy closed the socket.
_UNSENT: JsonObject = {"level": 6, "name": 25, "int_value": 65_536, "state": "STATE_PREBIND"}


def listener(settings: GatewaySettings) -> JsonObject:
    """One listener on every address; only handshakes that name a host of ours find a filter chain."""
    first, *rest = settings.addresses
    return {
        "name": "assay",
        "address": _address(first, settings.port),
        "additional_addresses": [{"address": _address(other, settings.port)} for other in rest],
        # With SO_REUSEPORT a second Envoy of the same user would silently share our port.
        "enable_reuse_port": False,
        "per_connection_buffer_limit_bytes": _BUFFER_BYTES,
        "socket_options": [_UNSENT],
        "listener_filters_timeout": "5s",
        "listener_filters": _listener_filters(settings),
        "filter_chains": _filter_chains(settings),
    }


def _listener_filters(settings: GatewaySettings) -> list[Json]:
    inspector: JsonObject = {
        "name": "envoy.filters.listener.tls_inspector",
        "typed_config": {"@type": _TYPE + "filters.listener.tls_inspector.v3.TlsInspector"},
    }
    if not settings.proxy_protocol:
        return [inspector]
    # Read from everybody, because it comes before the filter chain is chosen; only the proxies' chain looks at it.
    reader: JsonObject = {
        "name": "envoy.filters.listener.proxy_protocol",
        "typed_config": {
            "@type": _TYPE + "filters.listener.proxy_protocol.v3.ProxyProtocol",
            "allow_requests_without_proxy_protocol": True,
        },
    }
    return [reader, inspector]


def _filter_chains(settings: GatewaySettings) -> list[Json]:
    """One for everybody; another for the proxies that are trusted, told apart by the socket's own peer."""
    anybody = _filter_chain(settings, "anybody", {}, from_proxy=False)
    if not settings.trusted_proxies:
        return [anybody]
    proxies: JsonObject = {"direct_source_prefix_ranges": _ranges(settings.trusted_proxies)}
    return [_filter_chain(settings, "proxies", proxies, from_proxy=True), anybody]


def _filter_chain(settings: GatewaySettings, name: str, match: JsonObject, *, from_proxy: bool) -> JsonObject:
    return {
        "name": name,
        "filter_chain_match": {
            "server_names": [settings.base_domain, f"*.{settings.base_domain}"],
            "transport_protocol": "tls",
            **match,
        },
        "transport_socket_connect_timeout": "5s",
        "transport_socket": _tls(settings),
        "filters": [_connection_manager(settings, from_proxy=from_proxy)],
    }


def _ranges(networks: Sequence[str]) -> list[Json]:
    parsed = [ip_network(text) for text in networks]
    return [{"address_prefix": str(each.network_address), "prefix_len": each.prefixlen} for each in parsed]


def _address(address: str, port: int) -> JsonObject:
    return {"socket_address": {"address": address, "port_value": port}}


def _tls(settings: GatewaySettings) -> JsonObject:
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": _TYPE + "transport_sockets.tls.v3.DownstreamTlsContext",
            "common_tls_context": {
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_certificate_sds_secret_configs": [
                    {
                        "name": "certificate",
                        "sds_config": {
                            "path_config_source": {"path": str(settings.directory / "sds.json")},
                            "resource_api_version": "V3",
                        },
                    }
                ],
            },
        },
    }


def _connection_manager(settings: GatewaySettings, *, from_proxy: bool) -> JsonObject:
    return {
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": {
            "@type": _TYPE + "filters.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": STAT_PREFIX,
            "codec_type": "AUTO",
            # A route discovery service of its own: a changed listener would drain what is open.
            "rds": {
                "route_config_name": ROUTES,
                "config_source": {
                    "path_config_source": {"path": str(settings.directory / "rds.json")},
                    "resource_api_version": "V3",
                },
            },
            "early_header_mutation_extensions": [early_header_mutation(from_proxy=from_proxy)],
            "http_filters": http_filters(settings, from_proxy=from_proxy),
            "local_reply_config": local_reply_config(),
            "upgrade_configs": [{"upgrade_type": "websocket"}],
            **_client_address(settings, from_proxy=from_proxy),
            **_canonical_requests(),
            **_patience(),
        },
    }


def _client_address(settings: GatewaySettings, *, from_proxy: bool) -> JsonObject:
    """The peer's address and nothing a header says; loopback is as foreign as any other network.

    From a trusted proxy, X-Forwarded-For is read from the right: the first address there that is no proxy's of ours.
    """
    common: JsonObject = {
        "internal_address_config": {"unix_sockets": False},
        "server_header_transformation": "PASS_THROUGH",
        "generate_request_id": False,
    }
    if not from_proxy:
        return common | {"use_remote_address": True, "skip_xff_append": True}
    reader: JsonObject = {
        "@type": _TYPE + "http.original_ip_detection.xff.v3.XffConfig",
        "xff_trusted_cidrs": {"cidrs": _ranges(settings.trusted_proxies)},
        "skip_xff_append": True,
    }
    name = "envoy.http.original_ip_detection.xff"
    return common | {"original_ip_detection_extensions": [{"name": name, "typed_config": reader}]}


def _canonical_requests() -> JsonObject:
    return {
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "common_http_protocol_options": {
            "headers_with_underscores_action": "REJECT_REQUEST",
            # On HTTP/2 browsers send each cookie as a header (RFC 9113 §8.2.3), and Chromium keeps 180 for a site.
            "max_headers_count": 250,
            "idle_timeout": "600s",
        },
        # Without extended CONNECT (RFC 8441): its WebSockets would reach an app that speaks HTTP/1.1 without their
        # Sec-WebSocket-Key. Browsers open a connection of their own instead.
        "http2_protocol_options": {
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 1_048_576,
            "initial_connection_window_size": 4_194_304,
        },
    }


def _patience() -> JsonObject:
    """How long a client may take; routes to apps lengthen the idle time of their streams, nothing limits duration."""
    return {
        "request_headers_timeout": "10s",
        "stream_idle_timeout": "60s",
        "request_timeout": "0s",
        "drain_timeout": "5s",
    }
