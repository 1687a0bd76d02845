"""What no decision could allow: a request that is not canonical, for another host, or changes from elsewhere."""

from assay.access.canonical import (
    METHODS,
    UNCHANGING,
    is_reserved,
    refuse_authority,
    refuse_method,
    refuse_origin,
    refuse_path,
)
from assay.access.exchange import Allow, CheckRequest
from assay.values import Reason, Value


class AppRules(Value, frozen=True, kw_only=True):
    """What one app asked for that differs from the rules for every app."""

    any_path: bool = False
    allowed_origins: tuple[str, ...] = ()


def refuse_request(request: CheckRequest, *, authority: str, rules: AppRules) -> Reason | None:
    """What no decision could allow, judged before one is asked for."""
    if request.method not in METHODS:
        return refuse_method(request.method)
    refused = refuse_authority(request.host, request.connection.sni)
    if refused is None and not rules.any_path:
        refused = refuse_path(request.path)
    if refused is None and (request.upgrade or request.method not in UNCHANGING):
        refused = refuse_origin(
            request.origin,
            # A WebSocket always names its origin (RFC 6455 §10.2).
            fetch_site="" if request.upgrade else request.fetch_site,
            from_browser=bool(request.fetch_mode or request.fetch_site or request.fetch_dest),
            own=(f"https://{authority.lower().removesuffix(':443')}", *rules.allowed_origins),
        )
    return refused


def refuse_allowed(request: CheckRequest, answer: Allow) -> Reason | None:
    """What a decision may not let through even so: our own paths, and methods beyond its limit."""
    if is_reserved(request.path):
        return Reason.of("path_reserved")
    if answer.methods is not None and request.method not in answer.methods:
        return Reason.of("method_limited", method=request.method)
    return None
