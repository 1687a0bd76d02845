"""What a person reads when Envoy itself has to answer: an app that does not, and a host that is nobody's."""

from assay.gateway.json_text import JsonObject

# Failures of the way to the app alone (Envoy's response flags); what the check refuses keeps its own body.
_UPSTREAM_FAILED = ["UF", "UH", "UC", "UT", "UO", "URX", "LR", "DF"]

# Envoy takes a 5xx of the check for a failure of the check, and drops its words: a refusal with 503 travels as this.
UNAVAILABLE_TO_ENVOY = 463

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title>
<body><main><h1>{title}</h1><p>{text}</p></main></body></html>
"""

UNKNOWN_HOST = _PAGE.format(
    title="No app is called that",
    text="Nothing is protected under this address. Check its spelling, or ask whoever gave it to you.",
)
_APP_SILENT = _PAGE.format(
    title="The app does not answer",
    text="You are let in, but the app behind this address is not there. Try again in a moment; if it stays so, "
    "tell whoever runs the app. For them, assay doctor says more.",
)


def local_reply_config() -> JsonObject:
    """One page in place of Envoy's own words for every failure of the way to an app; our 503 becomes one again."""
    return {
        "mappers": [
            {
                "filter": {
                    "status_code_filter": {
                        "comparison": {
                            "op": "EQ",
                            "value": {"default_value": UNAVAILABLE_TO_ENVOY, "runtime_key": "assay.unavailable"},
                        }
                    }
                },
                "status_code": 503,
            },
            {
                "filter": {"response_flag_filter": {"flags": _UPSTREAM_FAILED}},
                "body_format_override": {
                    "text_format_source": {"inline_string": _APP_SILENT},
                    "content_type": "text/html; charset=utf-8",
                },
                "headers_to_add": [
                    {
                        "header": {"key": "cache-control", "value": "no-store"},
                        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
                    },
                ],
            },
        ]
    }
