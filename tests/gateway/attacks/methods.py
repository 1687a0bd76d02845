"""Methods: tunnels, echoes, upgrades, and names that an app might read otherwise."""

from collections.abc import Sequence

from tests.gateway.attacks.attack import FORGED, Attack, Where, frames, headers, only_one, only_two, request

TITLE = "Methods and upgrades"


def _method(method: str, cell: str | tuple[str, str], label: str = "") -> Attack:
    return headers(f"`{label or method}`", [], cell, method=method, forbidden=())


def _upgrade(name: str, protocol: str, cell: str, extra: Sequence[tuple[str, str]] = ()) -> Attack:
    sent = [("Connection", "Upgrade"), ("Upgrade", protocol), *extra]
    return headers(name, sent, (cell, "reset"), forbidden=["h2c", "http2-settings"])


def _declined(
    name: str, answer: str, cell: str, extra: Sequence[tuple[str, str]] = (), *, method: str = "GET"
) -> Attack:
    """A WebSocket with a request right behind it: an app that declines would read that as a second one, unjudged."""
    sent = [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13")]
    return Attack(
        name=name,
        one=lambda where: request(where, method, headers=[*sent, *extra], body=_SMUGGLED),
        two=None,
        cells=(cell, "no form: `Upgrade` is HTTP/1.1's"),
        answer=f"HTTP/1.1 {answer}\r\n\r\n".encode(),
    )


def _connect_one(where: Where, authority: str) -> bytes:
    return request(where, "CONNECT", authority)


def _connect_two(authority: str) -> list[tuple[str, str]]:
    return [(":method", "CONNECT"), (":authority", authority)]


_SMUGGLED = f"GET /{FORGED} HTTP/1.1\r\nHost: x\r\nAssay-Assertion: {FORGED}\r\n\r\n".encode()
_EMPTY = "\r\nContent-Length: 0"
_OVERRIDES = (
    "X-Http-Method-Override",
    "X-Method-Override",
    "X-Http-Method",
    "X.Http.Method.Override",
    "Method-Override",
)
ATTACKS: tuple[Attack, ...] = (
    _method("TRACE", "405"),
    _method("TRACK", ("400", "405")),
    _method("DEBUG", ("400", "405")),
    _method("get", ("400", "405")),
    _method("Get", ("400", "405")),
    _method("GETX", ("400", "405")),
    _method("FOO", ("400", "405")),
    _method("PURGE", "405"),
    _method("LINK", "405"),
    _method("M-SEARCH", ("400", "405")),
    _method("PRI", ("400", "405")),
    _method("G\tET", ("400", "reset"), "G(tab)ET"),
    _method("A" * 9_000, ("400", "405"), "9,000 letters"),
    Attack(
        name="`CONNECT` to our host",
        one=lambda where: _connect_one(where, where.authority),
        two=lambda client, where: frames(client, where, pseudo=_connect_two(where.authority)),
        cells=("404", "404"),
    ),
    Attack(
        name="`CONNECT` elsewhere",
        one=lambda where: _connect_one(where, "127.0.0.1:22"),
        two=lambda client, where: frames(client, where, pseudo=_connect_two("127.0.0.1:22")),
        cells=("404", "404"),
    ),
    only_two(
        "`CONNECT` with `:path`",
        lambda client, where: frames(client, where, method="CONNECT"),
        "reset",
        "no form: one target only",
    ),
    only_two(
        "extended `CONNECT` (WebSocket)",
        lambda client, where: frames(
            client, where, pseudo=[*client.pseudo("CONNECT", authority=where.authority), (":protocol", "websocket")]
        ),
        "reset",
        "no form: RFC 8441 is HTTP/2's",
    ),
    only_two(
        "`:protocol` on `GET`",
        lambda client, where: frames(
            client, where, pseudo=[*client.pseudo(authority=where.authority), (":protocol", "websocket")]
        ),
        "reset",
        "no form: RFC 8441 is HTTP/2's",
    ),
    _upgrade("`Upgrade: h2c`", "h2c", "clean", [("HTTP2-Settings", FORGED)]),
    _upgrade("`Upgrade: h2c` nominated as curl does", "h2c", "clean"),
    _upgrade("`Upgrade: TLS/1.0`", "TLS/1.0", "403"),
    _upgrade("`Upgrade: foo`", "foo", "403"),
    _upgrade("`Upgrade: websocket, h2c`", "websocket, h2c", "403"),
    _declined("a request behind a WebSocket that the app declines (200)", f"200 OK{_EMPTY}", "clean"),
    _declined("a request behind a WebSocket that the app declines (404)", f"404 Not Found{_EMPTY}", "404, clean"),
    _declined(
        "a request behind a WebSocket of a version the app does not know", f"426 Upgrade Required{_EMPTY}", "426, clean"
    ),
    _declined("a request behind a `POST` for a WebSocket", f"200 OK{_EMPTY}", "clean", method="POST"),
    only_one(
        "the preface of HTTP/2 in HTTP/1.1",
        lambda _where: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "400",
        "the preface is how HTTP/2 begins",
    ),
    only_one(
        "HTTP/0.9",
        lambda _where: b"GET /\r\n\r\n",
        "426",
        "no form: HTTP/1.1's past",
    ),
    only_one(
        "HTTP/1.0 without a host",
        lambda where: request(where, version="HTTP/1.0", host=""),
        "426",
        "no form: HTTP/1.1's past",
    ),
    only_one(
        "`HTTP/1.2`",
        lambda where: request(where, version="HTTP/1.2"),
        "426",
        "no form: the version is negotiated",
    ),
    only_one(
        "`HTTP/2.0` in words",
        lambda where: request(where, version="HTTP/2.0"),
        "426",
        "no form: the version is negotiated",
    ),
    *(
        headers(f"`{name}: DELETE` on `POST`", [(name, f"DELETE-{FORGED}")], "clean", method="POST")
        for name in _OVERRIDES
    ),
)
