"""Envoy's clusters: the check, our pages, and each app's upstream."""

import ssl
from collections.abc import Sequence

from assay.apps import Upstream
from assay.gateway.envoy_filters import CHECK_CLUSTER
from assay.gateway.header_hygiene import APP_MAY_NOT_ANSWER, set_cookie_guard
from assay.gateway.json_text import Json, JsonObject
from assay.gateway.settings import GatewaySettings, ProtectedApp

PAGES_CLUSTER = "assay-pages"
_CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
_HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_BUFFER_BYTES = 262_144
# Below the five seconds after which common app servers close an idle connection under our feet.
_APP_IDLE = "4s"
_CHECK_IDLE = "60s"
# Envoy's default of 1,024 would refuse the 1,025th WebSocket; downstream connections are limited instead.
_UNLIMITED: JsonObject = {"max_connections": 1_000_000, "max_pending_requests": 1_000_000, "max_requests": 1_000_000}
# A decision takes some tens of microseconds: what does not fit in here has waited too long already, and is refused at
# once rather than after the check's time has run out.
_CHECK_WAITING = 8_192
# Strangers reach the pages: however many come, descriptors of the service are left for decisions and the cut.
_PAGES_WAITING = 768
_MOST_OF_OURS = 256


def cluster_name(app: ProtectedApp) -> str:
    return f"app-{app.app_id}"


def own_clusters(settings: GatewaySettings) -> list[JsonObject]:
    """The check (every process of ours is an endpoint) and the pages, both on unix sockets."""
    return [
        _cluster(
            CHECK_CLUSTER,
            [_pipe(str(path)) for path in settings.check_sockets],
            idle=_CHECK_IDLE,
            limits=_limits(settings, _CHECK_WAITING),
        ),
        _cluster(
            PAGES_CLUSTER,
            [_pipe(str(settings.pages_socket))],
            idle=_APP_IDLE,
            limits=_limits(settings, _PAGES_WAITING),
        ),
    ]


def _limits(settings: GatewaySettings, waiting: int) -> JsonObject:
    """Of what leads to us: fewer connections where the machine allows few descriptors (open_files.py)."""
    connections = min(_MOST_OF_OURS, settings.max_connections * 2 // 5)
    return {"max_connections": connections, "max_pending_requests": waiting, "max_requests": waiting}


def app_clusters(settings: GatewaySettings, apps: Sequence[ProtectedApp]) -> list[JsonObject]:
    return [_app_cluster(settings, app) for app in apps]


def _app_cluster(settings: GatewaySettings, app: ProtectedApp) -> JsonObject:
    guard = _answer_guard(app.host)
    limits = _limits(settings, _PAGES_WAITING) if app.built_in else _UNLIMITED
    cluster = _cluster(cluster_name(app), [_address(app.upstream)], idle=_APP_IDLE, filters=guard, limits=limits)
    if not app.upstream.path and not app.upstream.is_address:
        cluster |= {"type": "STRICT_DNS", "dns_lookup_family": "ALL"}
    if app.upstream.tls:
        cluster["transport_socket"] = _upstream_tls(app.upstream)
    return cluster


def _answer_guard(host: str) -> list[Json]:
    """Filters of the upstream side: they see what the app answers, and never what our own check sets."""
    mutation = "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation"
    refused: JsonObject = {"remove_on_match": {"key_matcher": {"safe_regex": {"regex": APP_MAY_NOT_ANSWER}}}}
    lua = "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"
    codec = "type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec"
    code: JsonObject = {"inline_string": set_cookie_guard(host)}
    return [
        {
            "name": "envoy.filters.http.header_mutation",
            "typed_config": {"@type": mutation, "mutations": {"response_mutations": [refused]}},
        },
        {"name": "envoy.filters.http.lua", "typed_config": {"@type": lua, "default_source_code": code}},
        {"name": "envoy.filters.http.upstream_codec", "typed_config": {"@type": codec}},
    ]


def _cluster(
    name: str,
    addresses: Sequence[JsonObject],
    *,
    idle: str,
    filters: Sequence[Json] = (),
    limits: JsonObject = _UNLIMITED,
) -> JsonObject:
    endpoints: list[Json] = [{"endpoint": {"address": address}} for address in addresses]
    return {
        "@type": _CLUSTER,
        "name": name,
        "type": "STATIC",
        "connect_timeout": "5s",
        "per_connection_buffer_limit_bytes": _BUFFER_BYTES,
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]},
        "circuit_breakers": {"thresholds": [limits]},
        "typed_extension_protocol_options": {
            _HTTP_OPTIONS: {
                "@type": f"type.googleapis.com/{_HTTP_OPTIONS}",
                "common_http_protocol_options": {"idle_timeout": idle},
                "explicit_http_config": {"http_protocol_options": {}},
                "http_filters": filters,
            }
        },
    }


def _address(upstream: Upstream) -> JsonObject:
    if upstream.path:
        return _pipe(upstream.path)
    return {"socket_address": {"address": upstream.host, "port_value": upstream.port}}


def _pipe(path: str) -> JsonObject:
    return {"pipe": {"path": path}}


def _upstream_tls(upstream: Upstream) -> JsonObject:
    """TLS to the app, verified against the system's authorities; an unverified app is no app."""
    paths = ssl.get_default_verify_paths()
    validation: JsonObject = {
        "trusted_ca": {"filename": paths.cafile or "/etc/ssl/certs/ca-certificates.crt"},
        "match_typed_subject_alt_names": [
            {"san_type": "IP_ADDRESS" if upstream.is_address else "DNS", "matcher": {"exact": upstream.host}}
        ],
    }
    context: JsonObject = {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        "common_tls_context": {"validation_context": validation},
    }
    if not upstream.is_address:
        context["sni"] = upstream.host
    return {"name": "envoy.transport_sockets.tls", "typed_config": context}
