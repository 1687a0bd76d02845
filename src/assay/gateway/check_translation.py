"""Envoy's check request into a CheckRequest, and our answer into the bytes Envoy obeys; no I/O."""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address

import msgspec

from assay.access.exchange import Allow, CheckAnswer, CheckRequest, Connection, Redirect, Refuse
from assay.gateway.canonical import (
    METHODS,
    UNCHANGING,
    host_of,
    is_reserved,
    refuse_authority,
    refuse_method,
    refuse_origin,
    refuse_path,
)
from assay.gateway.connections import OpenConnection, TcpSocket
from assay.gateway.local_replies import UNAVAILABLE_TO_ENVOY, refused_page
from assay.gateway.own_cookies import without_own_cookies
from assay.values import Reason, Value


class AppRules(Value, frozen=True, kw_only=True):
    """What one app asked for that differs from the rules for every app."""

    any_path: bool = False
    allowed_origins: tuple[str, ...] = ()


_STATUS_OF = {
    "path_not_canonical": 400,
    "method_not_allowed": 405,
    "misdirected_request": 421,
    "origin_not_own": 403,
    "method_limited": 403,
    "path_reserved": 404,
    "check_failed": 403,
    "too_many_connections": 503,
}
_UNAVAILABLE = 503
_PHRASES = {
    200: "OK",
    204: "No Content",
    302: "Found",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
}
_LONGEST_KEPT_COOKIE = 1_024
# It is kept with every connection and every decision; real ones are below 300.
_LONGEST_USER_AGENT = 512
_WORDS = {
    "path_not_canonical": "Programs could read this address in different ways. Open the app from its first page.",
    "path_reserved": "There is nothing under this address.",
    "misdirected_request": "This address was asked for on the connection of another one. Reload the page.",
    "ambiguousCookie": "Your browser sent two session cookies, and one is not ours. Clear the cookies of this site.",
    "accessDenied": "You may not open this app now. Ask whoever gave you access to it.",
    "unavailable": "Access cannot be judged in full just now. Try again in a moment.",
    "check_failed": "Access could not be judged, so nothing was let through. Try again in a moment.",
    "too_many_connections": "Too many connections are open just now. Try again in a moment.",
}
_NO_STORE = (("cache-control", "no-store"),)


def read_connection(header: str) -> OpenConnection:
    """Read the connection header as `envoy_filters` composes it; raises ValueError."""
    client, peer, local, number, protocol, sni = header.split("|", 5)
    client_ip, _ = _address(client)
    peer_ip, peer_port = _address(peer)
    local_ip, local_port = _address(local)
    return OpenConnection(
        socket=TcpSocket(peer_ip=peer_ip, peer_port=peer_port, local_ip=local_ip, local_port=local_port),
        facts=Connection(
            peer_ip=peer_ip,
            peer_port=peer_port,
            number=int(number),
            sni=sni.lower(),
            forwarded_for=client_ip if client_ip != peer_ip else "",
        ),
        protocol=protocol,
    )


def _address(text: str) -> tuple[str, int]:
    """Written as the kernel's table writes it (`socket_table.py`), so that a cut finds what was registered."""
    host, _, port = text.rpartition(":")
    return str(ip_address(host.strip("[]"))), int(port)


def read_request(method: str, target: str, headers: Mapping[str, str], connection: OpenConnection) -> CheckRequest:
    get = headers.get
    return CheckRequest(
        connection=connection.facts,
        method=method,
        host=host_of(get("host", "")),
        path=target,
        protocol=connection.protocol,
        cookie=get("cookie", ""),
        origin=get("origin", ""),
        upgrade=get("upgrade", ""),
        accept=get("accept", ""),
        authorization=get("authorization", ""),
        user_agent=get("user-agent", "")[:_LONGEST_USER_AGENT],
        fetch_mode=get("sec-fetch-mode", ""),
        fetch_dest=get("sec-fetch-dest", ""),
        fetch_site=get("sec-fetch-site", ""),
        fetch_user=get("sec-fetch-user", ""),
        requested_method=get("access-control-request-method", ""),
        requested_headers=get("access-control-request-headers", ""),
    )


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


def refusal(reason: Reason) -> Refuse:
    """The answer to a program: its code says all, because no page can help."""
    error = {"code": reason.code, "parameters": dict(reason.parameters)}
    allow = (("allow", ", ".join(sorted(METHODS))),) if reason.code == "method_not_allowed" else ()
    return Refuse(status=_STATUS_OF[reason.code], body=msgspec.json.encode({"error": error}), headers=allow)


def in_words(request: CheckRequest, answer: Refuse) -> Refuse:
    """The same refusal as a page where a person waits for one: JSON would leave them with braces."""
    if not request.is_navigation or answer.content_type != "application/json":
        return answer
    code = _code_of(answer.body)
    page = refused_page(code, _WORDS.get(code, "This address cannot be opened now. Try again in a moment."))
    return msgspec.structs.replace(answer, body=page, content_type="text/html; charset=utf-8")


class _Code(msgspec.Struct):
    code: str = ""


class _Error(msgspec.Struct):
    error: str | _Code = ""


def _code_of(body: bytes) -> str:
    """The code in a refusal's JSON; "" where it has none, or one that is not of our letters."""
    try:
        error = msgspec.json.decode(body, type=_Error).error
    except msgspec.MsgspecError:
        return ""
    code = error if isinstance(error, str) else error.code
    return code if code.isascii() and code.replace("_", "").isalnum() else ""


def encode_answer(answer: CheckAnswer, *, last: bool = False) -> bytes:
    """The HTTP/1.1 response for Envoy; raises ValueError where a value would break out of its line.

    `last`: no other follows on this connection.
    """
    if isinstance(answer, Allow):
        return _encode_allow(answer)
    if isinstance(answer, Redirect):
        cookies = tuple(("set-cookie", value) for value in answer.set_cookies)
        return _encode(302, (("location", answer.location), *_NO_STORE, *cookies), b"")
    headers = (("content-type", answer.content_type), *answer.headers)
    if not any(name.lower() == "cache-control" for name, _ in answer.headers):
        headers += _NO_STORE
    if last:
        headers += (("connection", "close"),)
    return _encode(answer.status, headers, answer.body)


def _encode_allow(answer: Allow) -> bytes:
    # A session's requests are mostly answered alike; long cookies are left out, so that the memory stays small.
    encode = _kept_allowance if len(answer.cookie or "") <= _LONGEST_KEPT_COOKIE else _allowance
    # Names that the app gets and names that the client gets are told apart by Envoy's lists (envoy_filters.py).
    headers = answer.headers + answer.response_headers if answer.response_headers else answer.headers
    return encode(headers, answer.cookie, answer.set_cookies, answer.without_authorization)


def _allowance(
    headers: tuple[tuple[str, str], ...],
    sent_cookie: str | None,
    set_cookies: tuple[str, ...],
    without_authorization: bool,
) -> bytes:
    cookie = without_own_cookies(sent_cookie) if sent_cookie else None
    lines = ["HTTP/1.1 200 OK\r\ncontent-length: 0"]
    lines += [f"{name}: {value}" for name, value in headers]
    removed = (["cookie"] if cookie is None else []) + (["authorization"] if without_authorization else [])
    if removed:
        # Envoy's own name for "take these off before the app sees the request".
        lines.append(f"x-envoy-auth-headers-to-remove: {','.join(removed)}")
    if cookie is not None:
        lines.append(f"cookie: {cookie}")
    lines += [f"set-cookie: {value}" for value in set_cookies]
    return _joined(lines)


_kept_allowance = lru_cache(maxsize=1_024)(_allowance)


def _encode(status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> bytes:
    status = UNAVAILABLE_TO_ENVOY if status == _UNAVAILABLE else status
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, '-')}", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return _joined(lines) + body


def _joined(lines: list[str]) -> bytes:
    text = "\r\n".join(lines)
    if text.count("\n") != text.count("\r\n") or text.count("\r\n") != _breaks(lines):
        raise ValueError("a line break in a header value")
    return f"{text}\r\n\r\n".encode("latin-1")


def _breaks(lines: list[str]) -> int:
    # The first line of an allowance holds two lines of the head.
    return len(lines) - 1 + lines[0].count("\r\n")
