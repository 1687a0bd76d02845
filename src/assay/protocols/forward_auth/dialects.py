"""What a proxy says of the request it asks about, read in the one form of its kind; no I/O.

Everything here is what the proxy itself wrote over whatever its client sent. A question in two forms, or with two
values of one thing, has a part that somebody else wrote: it is refused (oauth2-proxy GHSA-7x63-xv5r-3p2x).
"""

import re
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Final

from assay.access.canonical import host_of
from assay.access.exchange import CheckRequest, Connection
from assay.apps.proxies import ProxyKind
from assay.values import Reason, Value

Headers = Mapping[str, Sequence[str]]

PROXY_HEADER: Final = "assay-proxy"
# `websocket` or `none`: proxies take `Upgrade` itself off before they ask, because it is between two neighbours only.
UPGRADE_HEADER: Final = "assay-upgrade"
ENVOY_PREFIX: Final = "/envoy"
_TLS: Final = ("https", "wss")
_METHOD: Final = re.compile(r"[A-Z]{1,16}", re.ASCII)
_URL: Final = re.compile(r"(https?)://([^/]*)(/.*)", re.ASCII | re.DOTALL)
_LONGEST_USER_AGENT: Final = 512
# Of several lines of one name, cookies are put together as HTTP/2 splits them (RFC 9113 §8.2.3), the rest as a list.
_JOINED_BY: Final = {"cookie": "; "}


class Form(Value, frozen=True, kw_only=True):
    """Which headers carry the question; "" where the request line or Host of the question itself does."""

    method: str = ""
    url: str = ""
    scheme: str = "x-forwarded-proto"
    host: str = ""
    target: str = ""
    client: str = "x-forwarded-for"

    @property
    def names(self) -> frozenset[str]:
        """All of them."""
        return frozenset({self.method, self.url, self.scheme, self.host, self.target, self.client}) - {""}


FORWARDED: Final = Form(method="x-forwarded-method", host="x-forwarded-host", target="x-forwarded-uri")
ORIGINAL: Final = Form(method="x-original-method", url="x-original-url", client="x-real-ip")
PATH: Final = Form()
FORMS: Final[Mapping[ProxyKind, Form]] = {
    ProxyKind.NGINX: ORIGINAL,
    ProxyKind.TRAEFIK: FORWARDED,
    ProxyKind.CADDY: FORWARDED,
    ProxyKind.HAPROXY: FORWARDED,
    ProxyKind.ENVOY: PATH,
}
# What a question is told by in one form or another, and no honest client sends.
_TELLING: Final = frozenset(
    {"x-forwarded-method", "x-forwarded-host", "x-forwarded-uri", "x-forwarded-url"}
    | {"x-original-method", "x-original-url", "x-original-uri", "x-original-host", "x-rewrite-url"}
)


class _UnclearError(Exception):
    """Why this is no question; never leaves this module."""


def read_question(kind: ProxyKind, method: str, target: str, headers: Headers) -> CheckRequest | Reason:
    """The request that a proxy of this kind asks about; a reason where nobody can tell which one that is."""
    try:
        return _read(kind, method, target, headers)
    except _UnclearError as error:
        return Reason.of("proxy_question_unclear", because=str(error))


def read_client(kind: ProxyKind, headers: Headers) -> str | Reason:
    """The client of a request that a proxy of this kind passes on as it is; a reason where that is not clear."""
    form = FORMS[kind]
    try:
        _one_form(form, headers)
        if _one(headers, "x-forwarded-proto") not in _TLS:
            return Reason.of("not_over_tls")
        return _client(form, headers)
    except _UnclearError as error:
        return Reason.of("proxy_question_unclear", because=str(error))


def _read(kind: ProxyKind, method: str, target: str, headers: Headers) -> CheckRequest | Reason:
    form = FORMS[kind]
    _one_form(form, headers)
    if form.url:
        found = _URL.fullmatch(_one(headers, form.url))
        if found is None:
            raise _UnclearError(form.url)
        scheme, authority, target = found[1], found[2], found[3]
    else:
        scheme = _one(headers, form.scheme)
        authority = _one(headers, form.host or "host")
        target = _one(headers, form.target) if form.target else _below_prefix(target)
    method = _one(headers, form.method) if form.method else method
    if not _METHOD.fullmatch(method):
        raise _UnclearError("method")
    if scheme not in _TLS:
        return Reason.of("not_over_tls")
    client, host = _client(form, headers), host_of(authority)
    # Which name the TLS handshake was for, the proxy alone knows: its configuration holds host and name together.
    facts = Connection(peer_ip=client, peer_port=0, number=0, sni=host)
    upgrade = _upgrade(kind, headers)
    return _with_headers(headers, connection=facts, method=method, host=host, path=target, upgrade=upgrade)


def _with_headers(
    headers: Headers, *, connection: Connection, method: str, host: str, path: str, upgrade: str
) -> CheckRequest:
    """The client's own headers, which every proxy passes along with its question."""

    def of(name: str) -> str:
        return _JOINED_BY.get(name, ", ").join(headers.get(name, ()))

    return CheckRequest(
        connection=connection,
        method=method,
        host=host,
        path=path,
        upgrade=upgrade,
        cookie=of("cookie"),
        origin=of("origin"),
        accept=of("accept"),
        authorization=of("authorization"),
        user_agent=of("user-agent")[:_LONGEST_USER_AGENT],
        fetch_mode=of("sec-fetch-mode"),
        fetch_dest=of("sec-fetch-dest"),
        fetch_site=of("sec-fetch-site"),
        fetch_user=of("sec-fetch-user"),
        requested_method=of("access-control-request-method"),
        requested_headers=of("access-control-request-headers"),
    )


def _one_form(form: Form, headers: Headers) -> None:
    for name in _TELLING - form.names:
        if name in headers:
            raise _UnclearError(name)


def _one(headers: Headers, name: str) -> str:
    values = headers.get(name, ())
    if len(values) != 1 or not values[0]:
        raise _UnclearError(name)
    return values[0]


def _below_prefix(target: str) -> str:
    if not target.startswith(f"{ENVOY_PREFIX}/"):
        raise _UnclearError("path")
    return target.removeprefix(ENVOY_PREFIX)


def _client(form: Form, headers: Headers) -> str:
    """The last hop: the address that the proxy itself saw; what stands before it was said by others."""
    text = _one(headers, form.client).rpartition(",")[2].strip()
    try:
        return str(ip_address(text))
    except ValueError:
        raise _UnclearError(form.client) from None


def _upgrade(kind: ProxyKind, headers: Headers) -> str:
    if kind is ProxyKind.ENVOY:
        asked = ", ".join(headers.get("upgrade", ()))
    else:
        asked = _one(headers, UPGRADE_HEADER)
        if asked not in ("websocket", "none"):
            raise _UnclearError(UPGRADE_HEADER)
        asked = asked.removeprefix("none")
    # No script can send this one by itself (Fetch §2.2.2): whoever sends it opens a WebSocket.
    return asked or ("websocket" if "sec-websocket-key" in headers else "")
