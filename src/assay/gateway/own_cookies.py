"""Our own cookies do not reach an app: who owns an app must not own its visitors' sessions (RFC 6265bis §5.8)."""

OWN_PREFIX = "__host-assay"


def without_own_cookies(cookie: str) -> str | None:
    """The Cookie header without ours; None where nothing is left."""
    if OWN_PREFIX not in cookie.lower():
        return cookie or None
    kept = [pair for pair in cookie.split(";") if not _is_own(pair)]
    return ";".join(kept).strip(" ;") or None


def _is_own(pair: str) -> bool:
    # A nameless cookie (`=__Host-assay-x=…`) is sent back without its first equals sign; several Cookie headers
    # of HTTP/1.1 reach us joined by commas.
    return any(part.strip(" \t=").lower().startswith(OWN_PREFIX) for part in pair.split(","))
