"""Proxies that are not ours and ask before each request: who they are, and which program each is."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from assay.apps.app import LABEL
from assay.values import InvalidInputError, ProxyId, Value

PROXIES_LIMIT: Final = 100


class ProxyKind(StrEnum):
    """The program; its word is read in exactly one form (`protocols/forward_auth/dialects.py`)."""

    NGINX = "nginx"
    TRAEFIK = "traefik"
    CADDY = "caddy"
    HAPROXY = "haproxy"
    ENVOY = "envoy"


class Proxy(Value, frozen=True, kw_only=True):
    """A proxy whose word is believed on the apps behind it, and on nothing else; known by its secret."""

    id: ProxyId
    name: str
    kind: ProxyKind
    created_at: datetime
    rotated_at: datetime | None = None


def proxy_name(text: str) -> str:
    """A name as typed, made lower case; raises InvalidInputError."""
    name = text.strip().lower()
    if not LABEL.fullmatch(name):
        raise InvalidInputError(
            f"{text!r} cannot be a proxy's name", remedy="use 1 to 63 letters a-z, digits and inner hyphens"
        )
    return name


def proxy_kind(text: str) -> ProxyKind:
    """The kind as typed; raises InvalidInputError."""
    try:
        return ProxyKind(text.strip().lower())
    except ValueError:
        raise InvalidInputError(
            f"{text!r} is no proxy that we know how to listen to", remedy=f"one of: {', '.join(ProxyKind)}"
        ) from None
