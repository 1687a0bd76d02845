"""Envoy's HTTP filters, in the order a request meets them, and the header mutation that runs before all of them."""

from assay.gateway.header_hygiene import CHECK_READS, CONNECTION_HEADER, FORWARDED_FOR, client_may_not_send
from assay.gateway.json_text import Json, JsonObject
from assay.gateway.settings import GatewaySettings

CHECK_CLUSTER = "assay-check"
EXT_AUTHZ = "envoy.filters.http.ext_authz"
BUFFER = "envoy.filters.http.buffer"
_TYPE = "type.googleapis.com/envoy.extensions."
# The same as our pages' own limit.
_FORM: JsonObject = {"max_request_bytes": 65_536}

# What the check and the pages learn: who is judged, then the connection as the kernel has it (that is what is cut);
# SNI last, because the client chose its characters.
_CONNECTION = (
    "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%|%DOWNSTREAM_DIRECT_LOCAL_ADDRESS%|%CONNECTION_ID%|%PROTOCOL%|"
    "%REQUESTED_SERVER_NAME%"
)
_PEER = "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%"
# The peer's address, or what a trusted proxy says: known after the headers were read, hence in a filter of its own.
_CLIENT = "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"


def early_header_mutation(*, from_proxy: bool) -> JsonObject:
    """Runs before Envoy itself reads a header: drops what a client may not say, then states the connection."""
    forbidden = client_may_not_send(but_forwarded_for=from_proxy)
    mutations: list[Json] = [{"remove_on_match": {"key_matcher": {"safe_regex": {"regex": forbidden}}}}]
    mutations += _who(_PEER) if not from_proxy else [_overwrite(CONNECTION_HEADER, _facts(_PEER))]
    return {
        "name": "envoy.http.early_header_mutation.header_mutation",
        "typed_config": {
            "@type": _TYPE + "http.early_header_mutation.header_mutation.v3.HeaderMutation",
            "mutations": mutations,
        },
    }


def http_filters(settings: GatewaySettings, *, from_proxy: bool) -> list[Json]:
    filters = [_framing_rbac(), _ext_authz(settings), _buffer(), _router()]
    return [_client_of_proxy(), *filters] if from_proxy else [*filters]


def _facts(client: str) -> str:
    return f"[{client}]:%DOWNSTREAM_DIRECT_REMOTE_PORT%|{_CONNECTION}"


def _who(client: str) -> list[Json]:
    return [_overwrite(CONNECTION_HEADER, _facts(client)), _overwrite(FORWARDED_FOR, client)]


def _client_of_proxy() -> JsonObject:
    """States the client anew, now that Envoy has read what the trusted proxy says."""
    return {
        "name": "envoy.filters.http.header_mutation",
        "typed_config": {
            "@type": _TYPE + "filters.http.header_mutation.v3.HeaderMutation",
            "mutations": {"request_mutations": _who(_CLIENT)},
        },
    }


def _overwrite(name: str, value: str) -> JsonObject:
    return {
        "append": {
            "header": {"key": name, "value": value},
            "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
        }
    }


def _framing_rbac() -> JsonObject:
    """Refuse what changes how the message itself is read on its way.

    An upgrade's Connection header that nominates more (it would be stripped), and an Expect that apps read in their own
    ways (RFC 9110 §10.1.1 knows one value, which Envoy answers itself).
    """
    word = "(?i:upgrade|keep-alive)"
    policies: JsonObject = {
        "connection-nominates-more": _other_value("connection", rf"\s*{word}(\s*,\s*{word})*\s*"),
        "unknown-expectation": _other_value("expect", "(?i:100-continue)"),
    }
    return {
        "name": "envoy.filters.http.rbac",
        "typed_config": {
            "@type": _TYPE + "filters.http.rbac.v3.RBAC",
            "rules": {"action": "DENY", "policies": policies},
        },
    }


def _other_value(name: str, pattern: str) -> JsonObject:
    """A policy for requests that carry this header with any other value."""
    header: JsonObject = {
        "name": name,
        "string_match": {"safe_regex": {"regex": pattern}},
        "invert_match": True,
        "treat_missing_header_as_empty": False,
    }
    return {"permissions": [{"header": header}], "principals": [{"any": True}]}


def _ext_authz(settings: GatewaySettings) -> JsonObject:
    """Ask the check; whatever goes wrong on the way ends the request, in words (`local_replies.py`)."""
    return {
        "name": EXT_AUTHZ,
        "typed_config": {
            "@type": _TYPE + "filters.http.ext_authz.v3.ExtAuthz",
            "transport_api_version": "V3",
            "failure_mode_allow": False,
            "status_on_error": {"code": "InternalServerError"},
            "validate_mutations": True,
            "allowed_headers": {"patterns": [{"exact": name} for name in CHECK_READS]},
            "http_service": {
                "server_uri": {
                    "uri": "http://check.assay.internal",
                    "cluster": CHECK_CLUSTER,
                    "timeout": f"{settings.check_timeout_ms / 1000:.3f}s",
                },
                "authorization_response": {
                    "allowed_upstream_headers": {"patterns": [{"prefix": "assay-"}, {"exact": "cookie"}]},
                    # All that the check says, without what Envoy's own client adds to it (x-envoy-…).
                    "allowed_client_headers": {"patterns": [{"safe_regex": {"regex": "[^x].*|x[^-].*|x-[^e].*"}}]},
                    "allowed_client_headers_on_success": {
                        "patterns": [{"exact": "set-cookie"}, {"exact": "vary"}, {"prefix": "access-control-allow-"}]
                    },
                },
            },
        },
    }


def _buffer() -> JsonObject:
    """Off unless a route asks for it: what goes to an app passes as it comes."""
    return {
        "name": BUFFER,
        "disabled": True,
        "typed_config": {"@type": _TYPE + "filters.http.buffer.v3.Buffer", **_FORM},
    }


def _router() -> JsonObject:
    return {
        "name": "envoy.filters.http.router",
        "typed_config": {
            "@type": _TYPE + "filters.http.router.v3.Router",
            "suppress_envoy_headers": True,
        },
    }


def without_check() -> JsonObject:
    """Per-route settings of what never asks the check: our own pages, the redirect, the catch-all."""
    return {
        EXT_AUTHZ: {"@type": _TYPE + "filters.http.ext_authz.v3.ExtAuthzPerRoute", "disabled": True},
    }


def whole_requests() -> JsonObject:
    """Per-route settings of our own pages: a request goes on once it is complete, so half of one holds nothing."""
    return {BUFFER: {"@type": _TYPE + "filters.http.buffer.v3.BufferPerRoute", "buffer": _FORM}}
