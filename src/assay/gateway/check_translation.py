"""Envoy's check request into a CheckRequest, and our answer into the bytes Envoy obeys; no I/O."""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address

from assay.access.canonical import host_of
from assay.access.exchange import Allow, CheckAnswer, CheckRequest, Connection, Redirect
from assay.access.kept_allowance import LONGEST_KEPT_COOKIE
from assay.access.own_cookies import without_own_cookies
from assay.gateway.connections import OpenConnection, TcpSocket
from assay.gateway.local_replies import UNAVAILABLE_TO_ENVOY

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
# It is kept with every connection and every decision; real ones are below 300.
_LONGEST_USER_AGENT = 512
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


def read_request(
    method: str, target: str, authority: str, fields: Mapping[str, str], connection: OpenConnection
) -> CheckRequest:
    """`fields`: the headers that were sent, by the fields of a CheckRequest; a request has a few."""
    user_agent = fields.get("user_agent", "")
    if len(user_agent) > _LONGEST_USER_AGENT:
        fields = {**fields, "user_agent": user_agent[:_LONGEST_USER_AGENT]}
    return CheckRequest(
        connection=connection.facts,
        method=method,
        host=host_of(authority),
        path=target,
        protocol=connection.protocol,
        **fields,
    )


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
    encode = _kept_allowance if len(answer.cookie or "") <= LONGEST_KEPT_COOKIE else _allowance
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
