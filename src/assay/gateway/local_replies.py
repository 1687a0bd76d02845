"""What a person reads when Envoy itself has to answer: an app that does not, and a host that is nobody's."""

from assay.access.refusals_in_words import PAGE, refused_page
from assay.gateway.json_text import JsonObject

# Failures of the way to the app alone (Envoy's response flags); what the check refuses keeps its own body.
_UPSTREAM_FAILED = ["UF", "UH", "UC", "UT", "UO", "URX", "LR", "DF"]

# Envoy takes a 5xx of the check for a failure of the check, and drops its words: a refusal with 503 travels as this.
UNAVAILABLE_TO_ENVOY = 463
# With this Envoy answers where the check is slow, dead or makes no sense; nothing else in it answers so by itself.
UNJUDGED_TO_ENVOY = 500

UNKNOWN_HOST = PAGE.format(
    title="No app is called that",
    text="Nothing is protected under this address. Check its spelling, or ask whoever gave it to you.",
)
_APP_SILENT = PAGE.format(
    title="The app does not answer",
    text="You are let in, but the app behind this address is not there. Try again in a moment; if it stays so, "
    "tell whoever runs the app. For them, assay doctor says more.",
)


_UNJUDGED = PAGE.format(
    title="Nobody could say whether you may",
    text="Access could not be judged just now, so nothing was let through. Try again in a moment; if it stays so, tell "
    "whoever runs this gateway. For them, assay doctor says more.",
)
_MALFORMED = "It could be read in more than one way, or is too large. Open the app from its first page."
# Said to programs too: where the headers are too large, Envoy has not kept them and nobody knows who asks.
_TOO_LARGE = refused_page(
    "",
    "Your browser sent more cookies than fit into a request; an app beside this one may have set them. Clear the "
    "cookies of this site and of the sites beside it in the settings of your browser, then open the app again.",
).decode()
_UNJUDGED_JSON = '{"error":{"code":"check_unavailable","parameters":{}}}'


def local_reply_config() -> JsonObject:
    """Words in place of Envoy's own where the way to an app or to the check fails; our 503 becomes one again."""
    unjudged = _status_is(UNJUDGED_TO_ENVOY)
    refused: JsonObject = {"and_filter": {"filters": [_status_is(400, "GE"), _asks_for_a_page()]}}
    for_a_page: JsonObject = {"and_filter": {"filters": [unjudged, _asks_for_a_page()]}}
    return {
        "mappers": [
            {"filter": _status_is(UNAVAILABLE_TO_ENVOY), "status_code": 503},
            {"filter": for_a_page, "status_code": 403, **_words(_UNJUDGED, "text/html; charset=utf-8")},
            {"filter": unjudged, "status_code": 403, **_words(_UNJUDGED_JSON, "application/json")},
            {
                "filter": {"response_flag_filter": {"flags": _UPSTREAM_FAILED}},
                **_words(_APP_SILENT, "text/html; charset=utf-8"),
            },
            # The check and the catch-all have words of their own; the first mapper that fits is the only one.
            {"filter": {"response_flag_filter": {"flags": ["UAEX"]}}},
            {"filter": _status_is(421)},
            {"filter": _status_is(431), **_words(_TOO_LARGE, "text/html; charset=utf-8")},
            {"filter": refused, **_words(refused_page("", _MALFORMED).decode(), "text/html; charset=utf-8")},
        ]
    }


def _words(text: str, content_type: str) -> JsonObject:
    header: JsonObject = {"key": "cache-control", "value": "no-store"}
    return {
        "body_format_override": {"text_format_source": {"inline_string": text}, "content_type": content_type},
        "headers_to_add": [{"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}],
    }


def _status_is(status: int, operator: str = "EQ") -> JsonObject:
    value: JsonObject = {"default_value": status, "runtime_key": f"assay.status_{status}"}
    return {"status_code_filter": {"comparison": {"op": operator, "value": value}}}


def _asks_for_a_page() -> JsonObject:
    """As `CheckRequest.is_navigation` has it, in the language of access log filters."""
    navigates: JsonObject = {"name": "sec-fetch-mode", "string_match": {"exact": "navigate"}}
    older: JsonObject = {"name": "sec-fetch-mode", "present_match": False}
    html: JsonObject = {"name": "accept", "string_match": {"contains": "text/html"}}
    without_metadata: JsonObject = {"and_filter": {"filters": [_header(older), _header(html)]}}
    return {"or_filter": {"filters": [_header(navigates), without_metadata]}}


def _header(header: JsonObject) -> JsonObject:
    return {"header_filter": {"header": header}}
