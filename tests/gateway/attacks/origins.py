"""Other origins: sibling apps are same-site, so cookies come along; what changes something is refused all the same."""

from collections.abc import Sequence

from tests.gateway.attacks.attack import Attack, Where, both, frames, request

TITLE = "Other sites and sibling apps"
SIBLING, EVIL, OWN = "https://files.assay.localhost:{port}", "https://evil.example", "https://{authority}"
_WEBSOCKET = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "x" * 22 + "=="),
)


def _from(
    name: str, method: str, sent: Sequence[tuple[str, str]], cell: str | tuple[str, str], *, websocket: bool = False
) -> Attack:
    def named(where: Where) -> list[tuple[str, str]]:
        port = where.authority.rpartition(":")[2]
        extra = _WEBSOCKET if websocket else ()
        return [*extra, *((key, value.format(port=port, authority=where.authority)) for key, value in sent)]

    return Attack(
        name=name,
        one=lambda where: request(where, method, headers=named(where)),
        two=lambda client, where: frames(
            client, where, [(key.lower(), value) for key, value in named(where)], method=method
        ),
        cells=both(cell),
        forbidden=(),
    )


def _websocket(name: str, sent: Sequence[tuple[str, str]], cell: str) -> Attack:
    return _from(name, "GET", sent, (cell, "reset"), websocket=True)


SITE = "Sec-Fetch-Site"
ATTACKS: tuple[Attack, ...] = (
    _from("`POST` from the app's own page", "POST", [("Origin", OWN), (SITE, "same-origin")], "clean"),
    _from("`POST` from its own page under `no-referrer`", "POST", [("Origin", "null"), (SITE, "same-origin")], "clean"),
    _from("`POST` of a program", "POST", [], "clean"),
    _from("`POST` from a sibling app", "POST", [("Origin", SIBLING), (SITE, "same-site")], "403"),
    _from("`POST` from a sibling app, an older browser", "POST", [("Origin", SIBLING)], "403"),
    _from("`POST` from another site", "POST", [("Origin", EVIL), (SITE, "cross-site")], "403"),
    _from("`POST` from a sandboxed frame", "POST", [("Origin", "null"), (SITE, "cross-site")], "403"),
    _from("`POST` with `Origin: null` alone", "POST", [("Origin", "null")], "403"),
    _from("`POST` with the site only, a sibling's", "POST", [(SITE, "same-site")], "403"),
    _from("`POST` with a mode only", "POST", [("Sec-Fetch-Mode", "no-cors")], "403"),
    _from("`POST` from our pages", "POST", [("Origin", "https://id.assay.localhost:{port}")], "403"),
    _from("`POST` from the bare domain", "POST", [("Origin", "https://assay.localhost:{port}")], "403"),
    _from("`POST` from the host without TLS", "POST", [("Origin", "http://{authority}")], "403"),
    _from("`POST` with two origins", "POST", [("Origin", OWN), ("Origin", EVIL)], "403"),
    _from("`PUT` from a sibling app", "PUT", [("Origin", SIBLING), (SITE, "same-site")], "403"),
    _from("`DELETE` from a sibling app", "DELETE", [("Origin", SIBLING), (SITE, "same-site")], "403"),
    _from("`PROPFIND` from a sibling app", "PROPFIND", [("Origin", SIBLING), (SITE, "same-site")], "403"),
    _from("`GET` from a sibling app changes nothing", "GET", [(SITE, "same-site")], "clean"),
    _websocket("WebSocket of the app's own page", [("Origin", OWN)], "clean"),
    _websocket("WebSocket of a program", [], "clean"),
    _websocket("WebSocket from a sibling app", [("Origin", SIBLING)], "403"),
    _websocket("WebSocket from another site", [("Origin", EVIL)], "403"),
    _websocket("WebSocket with `Origin: null`", [("Origin", "null")], "403"),
    _websocket("WebSocket of a browser that names no origin", [(SITE, "same-site")], "403"),
    _websocket("WebSocket with the own origin as a prefix", [("Origin", "https://{authority}.evil.example")], "403"),
    _websocket("WebSocket with two origins", [("Origin", OWN), ("Origin", EVIL)], "403"),
)
