"""Origins (RFC 6454) from which scripts may use an app with the person's session, as administrators type them."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from urllib.parse import urlsplit

from assay.values import InvalidInputError, NotFoundError

ORIGINS_LIMIT: Final = 32
REMEDY: Final = "write it as browsers send it: https://HOST or https://HOST:PORT"
# What a browser serialises: lower case, IDNA names as xn--, IPv6 in brackets; a label has no underscore.
_LABEL: Final = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}|\[[0-9a-f:.]+\]")
# Browsers take a host that ends so for an IPv4 address, in any of a dozen spellings, and send one (WHATWG URL §3.5).
_NUMBER: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_LOOPBACK: Final = re.compile(r"localhost|127\.0\.0\.1|\[::1\]")
_PORTS: Final = {"https": 443, "http": 80}


def parse_origin(text: str) -> str:
    """The origin as browsers serialise it (RFC 6454 §6.2), so that comparing is comparing text.

    Raises InvalidInputError for a wildcard, `null`, and anything that is not one origin. Plain http is accepted for
    this machine only: whoever is on the way to another one could write its scripts.
    """
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise InvalidInputError(f"{text!r} is no origin: {error}", remedy=REMEDY) from None
    scheme, authority = parts.scheme.lower(), parts.netloc.lower()
    host = _canonical_host(authority.removesuffix(f":{port}") if port is not None else authority)
    if scheme not in _PORTS or host is None or port == 0:
        raise InvalidInputError(f"{text!r} is no origin", remedy=REMEDY)
    if parts.path not in ("", "/") or parts.query or parts.fragment or text.strip().endswith(("?", "#")):
        raise InvalidInputError(f"{text!r} is more than an origin", remedy=REMEDY)
    if scheme == "http" and not _LOOPBACK.fullmatch(host):
        raise InvalidInputError(f"{text!r} is not encrypted: anybody on the way could write its scripts", remedy=REMEDY)
    return f"{scheme}://{host}" if port in (None, _PORTS[scheme]) else f"{scheme}://{host}:{port}"


def _canonical_host(host: str) -> str | None:
    """The one spelling that a browser sends of this host in lower case, None for what it would send otherwise."""
    if not _HOST.fullmatch(host):
        return None
    try:
        if host.startswith("["):
            address = IPv6Address(host[1:-1])
            if address.ipv4_mapped is None:
                return f"[{address.compressed}]"
            # In hexadecimal: RFC 5952 §5 leaves it open, WHATWG URL §3.5 does not.
            last = int(address.ipv4_mapped)
            return f"[::ffff:{last >> 16:x}:{last & 0xFFFF:x}]"
        return host if not _NUMBER.fullmatch(host) or str(IPv4Address(host)) == host else None
    except ValueError:
        return None


def changed_origins(now: Iterable[str], *, allow: Iterable[str], disallow: Iterable[str]) -> tuple[str, ...]:
    """The list once these are allowed and those are not, as they are typed; raises InvalidInputError, NotFoundError."""
    kept = list(now)
    # What a release before kept in another spelling is taken away by just that.
    gone = [text if text in kept else parse_origin(text) for text in disallow]
    for origin in gone:
        if origin not in kept:
            raise NotFoundError(f"{origin} is not allowed", remedy="assay apps show lists what is")
    wanted = dict.fromkeys((*(origin for origin in kept if origin not in gone), *map(parse_origin, allow)))
    if len(wanted) > ORIGINS_LIMIT:
        raise InvalidInputError(f"an app allows at most {ORIGINS_LIMIT} origins", remedy="take some away first")
    return tuple(wanted)
