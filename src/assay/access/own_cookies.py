"""Our own cookies do not reach an app: who owns an app must not own its visitors' sessions (RFC 6265bis §5.8)."""

import re

# A nameless cookie (`=__Host-assay-x=…`) is sent back without its first equals sign; several Cookie headers of
# HTTP/1.1 reach us joined by commas.
_OWN = re.compile(r"(?:^|[;,])[ \t=]*__host-assay", re.IGNORECASE | re.ASCII)


def without_own_cookies(cookie: str) -> str | None:
    """The Cookie header without ours; None where nothing is left."""
    if _OWN.search(cookie) is None:
        return cookie or None
    kept = [pair for pair in cookie.split(";") if _OWN.search(pair) is None]
    return ";".join(kept).strip(" ;") or None
