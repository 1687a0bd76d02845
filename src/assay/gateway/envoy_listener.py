"""Envoy's listener: addresses, TLS, and how it reads HTTP before any filter sees it."""

from assay.gateway.envoy_filters import early_header_mutation, http_filters
from assay.gateway.envoy_routes import ROUTES
from assay.gateway.json_text import JsonObject
from assay.gateway.local_replies import local_reply_config
from assay.gateway.settings import GatewaySettings

STAT_PREFIX = "assay"
_TYPE = "type.googleapis.com/envoy.extensions."
_BUFFER_BYTES = 262_144


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
        "listener_filters_timeout": "5s",
        "listener_filters": [
            {
                "name": "envoy.filters.listener.tls_inspector",
                "typed_config": {
                    "@type": _TYPE + "filters.listener.tls_inspector.v3.TlsInspector",
                },
            }
        ],
        "filter_chains": [
            {
                "filter_chain_match": {
                    "server_names": [settings.base_domain, f"*.{settings.base_domain}"],
                    "transport_protocol": "tls",
                },
                "transport_socket_connect_timeout": "5s",
                "transport_socket": _tls(settings),
                "filters": [_connection_manager(settings)],
            }
        ],
    }


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


def _connection_manager(settings: GatewaySettings) -> JsonObject:
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
            "early_header_mutation_extensions": [early_header_mutation()],
            "http_filters": http_filters(settings),
            "local_reply_config": local_reply_config(),
            "upgrade_configs": [{"upgrade_type": "websocket"}],
            **_client_address(),
            **_canonical_requests(),
            **_patience(),
        },
    }


def _client_address() -> JsonObject:
    """The peer's address and nothing a header says; loopback is as foreign as any other network."""
    return {
        "use_remote_address": True,
        "skip_xff_append": True,
        "internal_address_config": {"unix_sockets": False},
        "server_header_transformation": "PASS_THROUGH",
        "generate_request_id": False,
    }


def _canonical_requests() -> JsonObject:
    return {
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "common_http_protocol_options": {
            "headers_with_underscores_action": "REJECT_REQUEST",
            "max_headers_count": 100,
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
