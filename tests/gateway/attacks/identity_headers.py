"""Headers that speak of identity, origin or routing: sent, spelt otherwise, doubled, nominated away."""

from collections.abc import Sequence

from tests.gateway.attacks.attack import FORGED, Attack, frames, headers, only_one, only_two, request

TITLE = "Identity and forwarding headers"

_NAMES = (
    *("Assay-Assertion", "Assay-Connection", "Assay-User", "X-Assay-User"),
    *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Prefix"),
    *("X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-User", "X-Forwarded-Client-Cert", "Forwarded", "Via"),
    *("X-Real-Ip", "True-Client-Ip", "Client-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "X-Remote-Addr"),
    *("Remote-User", "X-Remote-User", "X-User", "X-Email", "X-Groups", "X-Roles", "X-Auth-Request-User"),
    *("X-Auth-User", "X-Authenticated-User", "X-Webauth-User", "X-Consumer-Username", "X-Credential-Identifier"),
    *("X-Original-Url", "X-Original-Uri", "X-Rewrite-Url", "X-Host", "X-Middleware-Subrequest"),
    *("Client-Cert", "X-Ssl-Client-Cert", "Ssl-Client-Verify", "X-Client-Dn", "X-Spiffe-Id"),
    *("X-Goog-Iap-Jwt-Assertion", "Cf-Access-Jwt-Assertion", "Cf-Connecting-Ip", "X-Pomerium-Jwt-Assertion"),
    *("X-Ms-Client-Principal", "X-Ms-Client-Principal-Name", "X-Amzn-Oidc-Identity", "X-Amzn-Oidc-Data"),
    *("Tailscale-User-Login", "X-Jwt-Payload", "Impersonate-User", "Proxy", "Proxy-Authorization", "Http2-Settings"),
    *("X-Envoy-External-Address", "X-Envoy-Original-Path", "X-Envoy-Internal", "X-Envoy-Expected-Rq-Timeout-Ms"),
    *(
        "X-Authentik-Username",
        "X-Authelia-User",
        "X-Vouch-User",
        "X-Sso-User",
        "X-Shib-User",
        "Shib-Session-Id",
        "Eppn",
    ),
    *("X-Oidc-User", "Oidc-Claim-Email", "Sm-User", "Iv-User", "X-Iv-User", "Gap-Auth", "Teleport-Jwt-Assertion"),
    *("Kbn-User", "Es-Security-Runas-User", "X-Kubernetes-User", "X-Impersonate-User", "X-Proxy-User"),
    *("X-Azure-ClientIP", "X-Originating-Ip", "X-Custom-Ip-Authorization", "X-Nf-Client-Connection-Ip"),
    *("X-Vercel-Forwarded-For", "Do-Connecting-Ip", "X-Cloudflare-Access", "X-Amzn-Mtls-Clientcert"),
    *(
        "Akamai-Origin-Hop",
        "X-Http-Host-Override",
        "X-Http-DestinationUrl",
        "X-Override-Url",
        "Base-Url",
        "Request-Uri",
    ),
    *("X-Script-Name", "Script-Name", "X-Scheme", "X-Url-Scheme", "Front-End-Https", "X-Server-Name", "X-Server-Port"),
    *("X-Envoy-Auth-Headers-To-Remove", "X-Accel-Redirect", "X-Sendfile", "Early-Data"),
)


def _spelt(name: str, cell: str | tuple[str, str], label: str = "") -> Attack:
    return headers(f"`{label or name}`", [(name, FORGED)], cell)


def _nominated(name: str, connection: str, sent: Sequence[tuple[str, str]], cell: str) -> Attack:
    """HTTP/2 has no Connection header; a request with one is malformed (RFC 9113 §8.2.2)."""
    return headers(name, [("Connection", connection), *sent], (cell, "reset"))


_WEBSOCKET = (("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "x" * 22 + "=="))
ATTACKS: tuple[Attack, ...] = (
    *(_spelt(name, "clean") for name in _NAMES),
    _spelt("ASSAY-ASSERTION", "clean"),
    _spelt("Assay_Assertion", ("400", "reset")),
    _spelt("X_User", ("400", "reset")),
    _spelt("Assay.Assertion", "clean"),
    _spelt("Assay~Assertion", "clean"),
    _spelt("X.Forwarded.For", "clean"),
    _spelt("X-Forwarded.For", "clean"),
    _spelt("X!User", "clean"),
    _spelt("X'User", "clean"),
    _spelt("X|User", "clean", "X\\|User"),
    _spelt("X`User", "clean", "X(backtick)User"),
    headers("a space before the colon", [("Assay-Assertion ", FORGED)], ("400", "reset")),
    headers("a space in the name", [("Assay Assertion", FORGED)], ("400", "reset")),
    headers("an empty name", [("", FORGED)], ("400", "reset")),
    headers("a name in UTF-8", [("Assay-Ässertion", FORGED)], ("400", "reset")),
    headers("twice", [("Assay-Assertion", FORGED), ("Assay-Assertion", FORGED)], "clean"),
    headers("empty, then forged", [("X-User", ""), ("X-User", FORGED)], "clean"),
    headers("200 times", [("X-User", FORGED)] * 200, "clean"),
    headers("300 times", [("X-User", FORGED)] * 300, ("431", "reset")),
    only_one(
        "folded into another: stays one value (RFC 9112 §5.2)",
        lambda where: request(where, headers=[("X-Plain", f"a\r\n Assay-Assertion: {FORGED}")]),
        "clean",
        "no form: a field is one string",
        forbidden=[f"\nassay-assertion: {FORGED}"],
    ),
    only_one(
        "behind a bare CR: stays one value",
        lambda where: request(where, headers=[("X-Plain", f"a\rAssay-Assertion: {FORGED}")]),
        "clean",
        "below: CR in a value",
        forbidden=[f"\nassay-assertion: {FORGED}", f"\rassay-assertion: {FORGED}"],
    ),
    only_two(
        "upper case",
        lambda client, where: frames(client, where, [("Assay-Assertion", FORGED)]),
        "reset",
        "above: names have no case",
    ),
    _nominated("`Connection: Assay-Assertion`", "keep-alive, Assay-Assertion", [], "clean"),
    _nominated("`Connection: X-User` beside it", "X-User", [("X-User", FORGED)], "clean"),
    _nominated("`Connection: Cookie`", "Cookie", [], "401"),
    _nominated("`Connection: Host`", "Host", [], "400"),
    _nominated("`Connection: close, X-Forwarded-For`", "close, X-Forwarded-For", [("X-Forwarded-For", FORGED)], "400"),
    _nominated("`Connection: Upgrade, Assay-Assertion`", "Upgrade, Assay-Assertion", _WEBSOCKET, "403"),
    _nominated("`Connection: Upgrade, Cookie`", "Upgrade, Cookie", _WEBSOCKET, "403"),
)
