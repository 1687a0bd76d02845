"""CORS (Fetch Standard §3.3) of an app's host: preflights are answered here, and only for the app's allowed origins."""

import re
from typing import Final

from msgspec.structs import replace

from assay.access.exchange import Allow, CheckAnswer, CheckRequest, Refuse
from assay.access.refusals import refuse
from assay.apps import App

# How long a browser may act on an answer: an origin that is taken away is refused again after this at the latest.
PREFLIGHT_SECONDS: Final = 600
HEADERS_LIMIT: Final = 1_024
_NAMES: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:[ \t]*,[ \t]*[!#$%&'*+\-.^_`|~0-9A-Za-z]+)*", re.ASCII)
_METHOD: Final = re.compile(r"[A-Z]{1,16}", re.ASCII)
_VARY: Final = ("vary", "Origin")


def is_preflight(request: CheckRequest) -> bool:
    """Whether a browser asks before it sends; such a request has no cookie by specification."""
    return request.method == "OPTIONS" and bool(request.origin and request.requested_method)


def answer_preflight(request: CheckRequest, app: App) -> Refuse:
    """204 with exact headers for an allowed origin; 403 for any other. Neither reaches the app."""
    headers, method = request.requested_headers, request.requested_method
    readable = len(headers) <= HEADERS_LIMIT and (not headers or _NAMES.fullmatch(headers))
    if request.origin not in app.allowed_origins or not readable or not _METHOD.fullmatch(method):
        return refuse(403, "originNotAllowed", headers=(_VARY,))
    allowed = [
        *_allowed(request.origin),
        ("access-control-allow-methods", method),
        ("access-control-max-age", str(PREFLIGHT_SECONDS)),
        ("vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
    ]
    if headers:
        allowed.append(("access-control-allow-headers", headers))
    return Refuse(status=204, headers=tuple(allowed))


def readable_by_allowed(answer: CheckAnswer, request: CheckRequest, app: App) -> CheckAnswer:
    """The answer as an allowed origin may read it; the app's own word on that is taken off by the gateway."""
    headers = (*_allowed(request.origin), _VARY) if request.origin in app.allowed_origins else (_VARY,)
    if isinstance(answer, Allow):
        return replace(answer, response_headers=headers)
    if isinstance(answer, Refuse):
        return replace(answer, headers=(*answer.headers, *headers))
    return answer


def _allowed(origin: str) -> tuple[tuple[str, str], ...]:
    return (("access-control-allow-origin", origin), ("access-control-allow-credentials", "true"))
