"""Envoy's route configuration: a virtual host for each app, our own pages, the redirect, and 421 for the rest."""

import re
from collections.abc import Sequence

from assay.access.canonical import METHODS
from assay.gateway.envoy_clusters import PAGES_CLUSTER, cluster_name
from assay.gateway.envoy_filters import whole_requests, without_check
from assay.gateway.header_hygiene import CONNECTION_HEADER, CORS_ANSWER
from assay.gateway.json_text import JsonObject
from assay.gateway.local_replies import UNKNOWN_HOST
from assay.gateway.settings import GatewaySettings, ProtectedApp

ROUTES = "assay-routes"
# Nothing limits how long an app's stream lasts (what must end is cut); this ends streams on which nothing moves.
_APP_STREAM_IDLE = "3600s"
_PAGES_TIMEOUT = "30s"
_HSTS_SECONDS = 31_536_000


def route_configuration(settings: GatewaySettings, apps: Sequence[ProtectedApp]) -> JsonObject:
    hosts: list[JsonObject] = [_app_host(settings, app) for app in apps]
    hosts += [_pages_host(settings, label) for label in settings.pages_labels]
    hosts += [_bare_host(settings), _catch_all()]
    return {
        "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
        "name": ROUTES,
        "virtual_hosts": hosts,
        "validate_clusters": False,
        # More than one of a header that only we set is never right: the last writer is the virtual host.
        "most_specific_header_mutations_wins": True,
    }


def _domains(settings: GatewaySettings, host: str) -> list[str]:
    """Exactly the authorities under which people reach this host; any other port is misdirected."""
    port = settings.authority_port
    return [f"{host}{port}"] if port else [host, f"{host}:443"]


def _app_host(settings: GatewaySettings, app: ProtectedApp) -> JsonObject:
    action: JsonObject = {
        "cluster": cluster_name(app),
        "timeout": "0s",
        "idle_timeout": _APP_STREAM_IDLE,
    }
    if app.upstream_host:
        action["host_rewrite_literal"] = app.upstream_host
    return {
        "name": f"app-{app.app_id}",
        "domains": _domains(settings, app.host),
        "routes": [
            *_before_all(app.host),
            # Ours on every app's host: tickets, sign-out and keys; never forwarded to the app.
            {
                "match": {"prefix": "/.assay/"},
                "route": _to_pages(),
                "typed_per_filter_config": without_check() | whole_requests(),
            },
            {
                "match": {"prefix": "/"},
                "route": action,
                "request_headers_to_remove": [CONNECTION_HEADER, "x-envoy-external-address"],
            },
        ],
        "request_headers_to_add": [_set("x-forwarded-host", f"{app.host}{settings.authority_port}")],
        **_response_hygiene(settings, *((CORS_ANSWER,) if app.allowed_origins else ())),
    }


def _pages_host(settings: GatewaySettings, label: str) -> JsonObject:
    host = f"{label}.{settings.base_domain}"
    return {
        "name": f"pages-{label}",
        "domains": _domains(settings, host),
        "routes": [
            *_before_all(host),
            {
                "match": {"prefix": "/"},
                "route": _to_pages(),
                "typed_per_filter_config": without_check() | whole_requests(),
            },
        ],
        "request_headers_to_add": [_set("x-forwarded-host", f"{host}{settings.authority_port}")],
        "typed_per_filter_config": without_check(),
        **_response_hygiene(settings),
    }


def _to_pages() -> JsonObject:
    """`timeout` counts from the end of the request; only the stream's own limit ends one that never ends."""
    return {
        "cluster": PAGES_CLUSTER,
        "timeout": _PAGES_TIMEOUT,
        "idle_timeout": _PAGES_TIMEOUT,
        "max_stream_duration": {"max_stream_duration": _PAGES_TIMEOUT},
    }


def _bare_host(settings: GatewaySettings) -> JsonObject:
    return {
        "name": "bare",
        "domains": _domains(settings, settings.base_domain),
        "routes": [
            *_before_all(settings.base_domain),
            {
                "match": {"prefix": "/"},
                "redirect": {
                    "host_redirect": f"id.{settings.base_domain}",
                    "port_redirect": settings.public_port or settings.port,
                    "path_redirect": "/",
                    "strip_query": True,
                    "response_code": "FOUND",
                },
            },
        ],
        "typed_per_filter_config": without_check(),
        **_response_hygiene(settings),
    }


def _catch_all() -> JsonObject:
    """A host we do not serve (RFC 9110 §15.5.20); it never reaches the check."""
    return {
        "name": "catch-all",
        "domains": ["*"],
        "routes": [
            {
                "match": {"prefix": "/"},
                "direct_response": {"status": 421, "body": {"inline_string": UNKNOWN_HOST}},
                "response_headers_to_add": [_set("content-type", "text/html; charset=utf-8")],
            }
        ],
        "typed_per_filter_config": without_check(),
    }


def _before_all(host: str) -> list[JsonObject]:
    """What no app and no page of ours should see, whoever asks: another handshake's host, methods of no use."""
    return [*_misdirected(host), _unknown_method()]


def _unknown_method() -> JsonObject:
    """405 without asking the check: its parser would give up on a name it does not know, and end the connection."""
    known: JsonObject = {
        "name": ":method",
        "string_match": {"safe_regex": {"regex": "|".join(sorted(METHODS))}},
        "invert_match": True,
    }
    return {
        "match": {"prefix": "/", "headers": [known]},
        "direct_response": {"status": 405},
        "response_headers_to_add": [_set("allow", ", ".join(sorted(METHODS)))],
        "typed_per_filter_config": without_check(),
    }


def _misdirected(host: str) -> list[JsonObject]:
    """421 where the TLS handshake named another host; for apps the check says the same."""
    pattern = rf".*\|{re.escape(host)}"
    return [
        {
            "match": {
                "prefix": "/",
                "headers": [
                    {
                        "name": CONNECTION_HEADER,
                        "string_match": {"safe_regex": {"regex": f"(?i){pattern}"}},
                        "invert_match": True,
                    }
                ],
            },
            "direct_response": {"status": 421},
        }
    ]


def _response_hygiene(settings: GatewaySettings, *also: str) -> JsonObject:
    """HSTS is ours to say, and never under localhost; what else an app may not say is held back in its cluster."""
    if settings.is_localhost:
        return {"response_headers_to_remove": [*also, "strict-transport-security"]}
    return {
        "response_headers_to_remove": [*also],
        "response_headers_to_add": [_set("strict-transport-security", f"max-age={_HSTS_SECONDS}")],
    }


def _set(name: str, value: str) -> JsonObject:
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
