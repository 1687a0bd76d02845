"""What an app answers: nothing in it reaches beyond its own host, and nothing of ours is undone by it."""

from tests.gateway.attacks.attack import Attack, answer, request

TITLE = "What an app answers"
ATTACKS: tuple[Attack, ...] = (
    answer(
        "sets our session cookie", ["Set-Cookie: __Host-assay-app=x; Path=/; Secure"], "clean", forbidden=["assay-app"]
    ),
    answer("clears it", ["Set-Cookie: __Host-assay-app=; Max-Age=0; Path=/; Secure"], "clean", forbidden=["assay-app"]),
    answer("in another case", ["Set-Cookie: __HOST-ASSAY-APP=x; Path=/; Secure"], "clean", forbidden=["assay-app"]),
    answer("without a name", ["Set-Cookie: =__Host-assay-app=x; Path=/; Secure"], "clean", forbidden=["assay-app"]),
    answer("with a tab before", ["Set-Cookie: \t__Host-assay-app=x; Secure"], "clean", forbidden=["assay-app"]),
    answer(
        "as the second of two", ["Set-Cookie: a=1", "Set-Cookie: __Host-assay-app=x"], "clean", forbidden=["assay-app"]
    ),
    answer("behind a comma", ["Set-Cookie: a=1, __Host-assay-app=x; Path=/"], "clean", forbidden=["assay-app="]),
    answer(
        "our state cookie", ["Set-Cookie: __Host-assay-state=x; Path=/; Secure"], "clean", forbidden=["assay-state"]
    ),
    answer("a cookie for the base domain", ["Set-Cookie: evil=1; Domain=assay.localhost"], "clean", forbidden=["evil"]),
    answer("with a dot before it", ["Set-Cookie: evil=1; domain=.assay.localhost"], "clean", forbidden=["evil"]),
    answer("in upper case", ["Set-Cookie: evil=1; DOMAIN=ASSAY.LOCALHOST"], "clean", forbidden=["evil"]),
    answer("for a sibling", ["Set-Cookie: evil=1; Domain=files.assay.localhost"], "clean", forbidden=["evil"]),
    answer(
        "two domains, ours last",
        ["Set-Cookie: evil=1; Domain=wiki.assay.localhost; Domain=assay.localhost"],
        "clean",
        forbidden=["evil"],
    ),
    answer("a domain in quotes", ['Set-Cookie: evil=1; Domain="assay.localhost"'], "clean", forbidden=["evil"]),
    answer("`Set-Cookie2`", ["Set-Cookie2: __Host-assay-app=x"], "clean", forbidden=["assay-app"]),
    answer("`Clear-Site-Data`", ['Clear-Site-Data: "cookies", "storage"'], "clean", forbidden=["clear-site-data"]),
    answer(
        "`Clear-Site-Data` twice",
        ['Clear-Site-Data: "*"', 'clear-site-data: "cache"'],
        "clean",
        forbidden=["clear-site-data"],
    ),
    answer("HSTS 0", ["Strict-Transport-Security: max-age=0"], "clean", forbidden=["max-age=0"]),
    answer(
        "HSTS with subdomains",
        ["Strict-Transport-Security: max-age=9; includeSubDomains"],
        "clean",
        forbidden=["includesub"],
    ),
    answer("`Alt-Svc`", ['Alt-Svc: h3=":1"'], "clean", forbidden=["alt-svc"]),
    answer("`Public-Key-Pins`", ["Public-Key-Pins: x"], "clean", forbidden=["public-key-pins"]),
    answer(
        "`Assay-Assertion` in the answer", ["Assay-Assertion: x", "Assay-Connection: y"], "clean", forbidden=["assay-"]
    ),
    answer(
        "`X-Envoy-…` in the answer",
        ["X-Envoy-Upstream-Service-Time: 1", "X-Envoy-Decorator-Operation: x"],
        "clean",
        forbidden=["x-envoy"],
    ),
    answer("`X-Accel-Redirect`", ["X-Accel-Redirect: /etc/passwd"], "clean", forbidden=["x-accel"]),
    answer("`Proxy-Authenticate`", ["Proxy-Authenticate: Basic", "Proxy-Connection: x"], "clean", forbidden=["proxy-"]),
    answer(
        "`Connection` that nominates ours",
        ["Connection: Strict-Transport-Security"],
        "clean",
        forbidden=["connection:"],
    ),
    Attack(
        name="an interim answer with a cookie of ours",
        one=answer("", [], "", forbidden=[]).one,
        two=answer("", [], "", forbidden=[]).two,
        cells=("clean", "clean"),
        forbidden=("assay-app",),
        answer=b"HTTP/1.1 103 Early Hints\r\nSet-Cookie: __Host-assay-app=x\r\n\r\n"
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
    ),
    Attack(
        name="the answer to a WebSocket with a cookie of ours",
        one=lambda where: request(where, headers=[("Connection", "Upgrade"), ("Upgrade", "websocket")]),
        two=None,
        cells=("clean", "no form: `Upgrade` is HTTP/1.1's"),
        forbidden=("assay-app", "evil", "clear-site-data"),
        answer=b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
        b'Set-Cookie: __Host-assay-app=x\r\nSet-Cookie: evil=1; Domain=assay.localhost\r\nClear-Site-Data: "*"\r\n\r\n',
    ),
    Attack(
        name="trailers with a cookie of ours",
        one=answer("", [], "", forbidden=[]).one,
        two=answer("", [], "", forbidden=[]).two,
        cells=("clean", "clean"),
        forbidden=("assay-app", "clear-site-data"),
        answer=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Set-Cookie\r\n\r\n2\r\nok\r\n0\r\n"
        b'Set-Cookie: __Host-assay-app=x\r\nClear-Site-Data: "*"\r\n\r\n',
    ),
    Attack(
        name="a header of 200 KiB",
        one=answer("", [], "", forbidden=[]).one,
        two=answer("", [], "", forbidden=[]).two,
        cells=("502, clean", "502, clean"),
        answer=b"HTTP/1.1 200 OK\r\nX-Big: " + b"x" * 204_800 + b"\r\ncontent-length: 2\r\n\r\nok",
    ),
    Attack(
        name="two lengths",
        one=answer("", [], "", forbidden=[]).one,
        two=answer("", [], "", forbidden=[]).two,
        cells=("502, clean", "502, clean"),
        answer=b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nok",
    ),
    Attack(
        name="an answer that is no HTTP",
        one=answer("", [], "", forbidden=[]).one,
        two=answer("", [], "", forbidden=[]).two,
        cells=("502, clean", "502, clean"),
        answer=b"SSH-2.0-OpenSSH_9.2\r\n",
    ),
    Attack(
        name="101 that nobody asked for: no tunnel opens",
        one=answer("", [], "", forbidden=[]).one,
        two=answer("", [], "", forbidden=[]).two,
        cells=("clean", "clean"),
        answer=b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ),
)
