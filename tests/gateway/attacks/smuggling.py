"""Smuggling: two readers of one connection must never disagree on where a request ends."""

from collections.abc import Sequence

from hyperframe.frame import ContinuationFrame, DataFrame, Frame, HeadersFrame

from tests.gateway.attacks.attack import FORGED, Attack, Where, frames, headers, only_one, only_two, request
from tests.gateway.frames import Frames, Pairs

TITLE = "Smuggling and framing"
_SMUGGLED = f"GET /{FORGED} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
_ONE_ONLY = "no form: frames say where a body ends"


def _framed(name: str, sent: Sequence[tuple[str, str]], body: bytes, cell: str) -> Attack:
    return only_one(name, lambda where: request(where, "POST", headers=sent, body=body), cell, _ONE_ONLY)


def _chunked(name: str, body: bytes, cell: str) -> Attack:
    return _framed(name, [("Transfer-Encoding", "chunked")], body, cell)


def _raw(name: str, replace: tuple[bytes, bytes], cell: str, why: str) -> Attack:
    def one(where: Where) -> bytes:
        return request(where, headers=[("X-Plain", "a")]).replace(*replace)

    return only_one(name, one, cell, why)


def _two(
    name: str, sent: Pairs, cell: str, why: str = "above, in the form of lines", *, body: bytes | None = None
) -> Attack:
    method = "GET" if body is None else "POST"
    return only_two(name, lambda client, where: frames(client, where, sent, method=method, body=body), cell, why)


def _pseudo(name: str, cell: str, *changed: tuple[str, str | None], extra: Pairs = ()) -> Attack:
    """The four pseudo-headers with some changed (None: left out), and more behind them."""

    def two(client: Frames, where: Where) -> list[Frame]:
        known: dict[str, str | None] = {**dict(client.pseudo(authority=where.authority)), **dict(changed)}
        return frames(client, where, pseudo=[*((k, v) for k, v in known.items() if v is not None), *extra])

    return only_two(name, two, cell, "no form: pseudo-headers are HTTP/2's")


def _late_pseudo(client: Frames, where: Where) -> list[Frame]:
    first, *rest = client.pseudo(authority=where.authority)
    return frames(client, where, pseudo=[first, ("x-plain", "a"), *rest])


def _interleaved(client: Frames, where: Where) -> list[Frame]:
    """A header block must not be interrupted (RFC 9113 §6.10)."""
    head, *_ = frames(client, where)
    assert isinstance(head, HeadersFrame)
    head.flags.discard("END_HEADERS")
    return [head, DataFrame(1, FORGED.encode()), ContinuationFrame(1, b"", flags=["END_HEADERS"])]


def _even_stream(client: Frames, where: Where) -> list[Frame]:
    sent = frames(client, where)
    for frame in sent:
        frame.stream_id = 2
    return sent


ATTACKS: tuple[Attack, ...] = (
    _framed(
        "`Content-Length` and `Transfer-Encoding`",
        [("Content-Length", "4"), ("Transfer-Encoding", "chunked")],
        b"0\r\n\r\n" + _SMUGGLED,
        "400",
    ),
    _framed(
        "the other way round",
        [("Transfer-Encoding", "chunked"), ("Content-Length", str(5 + len(_SMUGGLED)))],
        b"0\r\n\r\n" + _SMUGGLED,
        "400",
    ),
    *(
        _framed(f"`Transfer-Encoding: {shown}`", [("Transfer-Encoding", value)], b"0\r\n\r\n", cell)
        for shown, value, cell in (
            ("xchunked", "xchunked", "501"),
            ("identity", "identity", "501"),
            ("gzip, chunked", "gzip, chunked", "501"),
            ("chunked, chunked", "chunked, chunked", "501"),
            ("chunked, identity", "chunked, identity", "501"),
            ("(vertical tab)chunked", "\x0bchunked", "400"),
            ('"chunked"', '"chunked"', "501"),
            ("chunked;q=1", "chunked;q=1", "501"),
        )
    ),
    _framed("`Transfer-Encoding: CHUNKED`", [("Transfer-Encoding", "CHUNKED")], b"0\r\n\r\n", "clean"),
    _framed("a space before its colon", [("Transfer-Encoding ", "chunked")], b"0\r\n\r\n", "400"),
    _framed("`Transfer_Encoding`", [("Transfer_Encoding", "chunked")], b"", "400"),
    _framed(
        "two `Transfer-Encoding`, the second nonsense",
        [("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "cow")],
        b"0\r\n\r\n",
        "501",
    ),
    _framed("two `Content-Length`, different", [("Content-Length", "0"), ("Content-Length", "5")], b"hello", "400"),
    _framed("two `Content-Length`, the same", [("Content-Length", "5"), ("Content-Length", "5")], b"hello", "400"),
    *(
        _framed(f"`Content-Length: {shown}`", [("Content-Length", value)], b"hello", "400")
        for shown, value in (
            ("+5", "+5"),
            ("-5", "-5"),
            ("0x5", "0x5"),
            ("5 5", "5 5"),
            ("5, 5", "5, 5"),
            ("5;", "5;"),
            ("(empty)", ""),
            ("2⁶⁴", "18446744073709551616"),
            ("2⁶⁴ + 5", "18446744073709551621"),
            ("five", "five"),
        )
    ),
    _framed("`Content-Length: 005`", [("Content-Length", "005")], b"hello", "clean"),
    _framed("`Content_Length`", [("Content_Length", "5")], b"", "400"),
    _chunked("a chunk's extension", b"2;a=b\r\nok\r\n0\r\n\r\n", "clean"),
    _chunked("a chunk's extension with a line break", b'2;a="\n"\r\nok\r\n0\r\n\r\n', "400"),
    _chunked("a chunk's size that overflows", b"10000000000000002\r\nok\r\n0\r\n\r\n", "400"),
    _chunked("a chunk's size with a sign", b"+2\r\nok\r\n0\r\n\r\n", "400"),
    _chunked("a chunk's size with `0x`", b"0x2\r\nok\r\n0\r\n\r\n", "400"),
    _chunked("a chunk's size with a space before", b" 2\r\nok\r\n0\r\n\r\n", "400"),
    _chunked("a chunk's size in no hexadecimal", b"z\r\nok\r\n0\r\n\r\n", "400"),
    _chunked("a chunk that ends in bare LF", b"2\r\nok\n0\r\n\r\n", "400"),
    _chunked("a chunk longer than it says", b"2\r\nokay\r\n0\r\n\r\n", "400"),
    _chunked("a chunk's line that ends in bare LF", b"2\nok\r\n0\r\n\r\n", "400"),
    _raw(
        "bare LF for every line (RFC 9112 §2.2 allows it)", (b"\r\n", b"\n"), "clean", "no form: lines are HTTP/1.1's"
    ),
    _raw("bare LF after one field", (b"X-Plain: a\r\n", b"X-Plain: a\n"), "clean", "no form: lines are HTTP/1.1's"),
    _raw("bare CR within one field", (b"X-Plain: a", b"X-Plain: a\rb"), "clean", "no form: lines are HTTP/1.1's"),
    _raw(
        "a folded field: one value (RFC 9112 §5.2)",
        (b"X-Plain: a", b"X-Plain: a\r\n\tb"),
        "clean",
        "no form: a field is one string",
    ),
    _raw("a field without a colon", (b"X-Plain: a", b"X-Plain a"), "400", "no form: name and value are two strings"),
    _raw("a space before the first field", (b"HTTP/1.1\r\n", b"HTTP/1.1\r\n "), "400", "no form: lines are HTTP/1.1's"),
    _raw("two spaces in the request line", (b"GET /", b"GET  /"), "clean", "no form: lines are HTTP/1.1's"),
    _raw("four words in the request line", (b"GET / ", b"GET / x "), "400", "no form: lines are HTTP/1.1's"),
    headers("NUL in a value", [("X-Plain", f"a\0{FORGED}")], ("400", "reset")),
    headers("DEL in a value", [("X-Plain", f"a\x7f{FORGED}")], ("400", "reset")),
    only_one(
        "a second request behind the first is judged too",
        lambda where: request(where) + b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        "clean",
        "streams are requests of their own",
    ),
    only_one(
        "a body on `GET` holds a request",
        lambda where: request(where, headers=[("Content-Length", str(len(_SMUGGLED)))], body=_SMUGGLED).replace(
            FORGED.encode(), b"inside"
        ),
        "clean",
        "below: a body on `GET`",
    ),
    _two("CR in a value", [("x-plain", f"a\r{FORGED}")], "reset", "above: bare CR"),
    _two("LF in a value", [("x-plain", f"a\n{FORGED}: b")], "reset", "above: bare LF"),
    _two("CR LF and a request in a value", [("x-plain", f"a\r\n\r\nGET /{FORGED} HTTP/1.1")], "reset"),
    _two("CR LF in a name", [(f"x-plain\r\n{FORGED}", "a")], "reset"),
    _two("a colon in a name", [(f"x-plain:{FORGED}", "a")], "reset"),
    _two("a space before a value", [("x-plain", " a")], "clean"),
    _two("`content-length` too small", [("content-length", "1")], "reset", body=b"hello"),
    _two("`content-length` too large", [("content-length", "9")], "reset", body=b"hello"),
    _two("`content-length` twice", [("content-length", "5"), ("content-length", "5")], "reset", body=b"hello"),
    _two("`content-length` with a sign", [("content-length", "+5")], "reset", body=b"hello"),
    _two("`content-length` without a body", [("content-length", "5")], "reset"),
    _two("a body on `GET`", [], "clean"),
    _two("`transfer-encoding: chunked`", [("transfer-encoding", "chunked")], "reset", body=b"0\r\n\r\n"),
    _two("`connection: keep-alive`", [("connection", "keep-alive")], "reset"),
    _two("`keep-alive`", [("keep-alive", "timeout=5")], "reset"),
    _two("`proxy-connection`", [("proxy-connection", "keep-alive")], "reset"),
    _two("`upgrade`", [("upgrade", "websocket")], "reset"),
    _two("`te: gzip`", [("te", "gzip")], "reset"),
    only_two("a pseudo-header behind an ordinary one", _late_pseudo, "reset", "no form: pseudo-headers are HTTP/2's"),
    _pseudo("`:path` twice", "reset", extra=[(":path", f"/{FORGED}")]),
    _pseudo("`:method` twice", "reset", extra=[(":method", "POST")]),
    _pseudo("`:scheme` twice", "reset", extra=[(":scheme", "http")]),
    _pseudo("an unknown pseudo-header", "reset", extra=[(":evil", FORGED)]),
    _pseudo("`:status` in a request", "reset", extra=[(":status", "200")]),
    _pseudo("`:path` empty", "reset", (":path", "")),
    _pseudo("`:path` left out", "reset", (":path", None)),
    _pseudo("`:method` left out", "reset", (":method", None)),
    _pseudo("`:method` empty", "reset", (":method", "")),
    _pseudo("`:scheme` left out", "reset", (":scheme", None)),
    _pseudo("`:scheme: http`", "clean", (":scheme", "http")),
    _pseudo("`:scheme: evil`", "clean", (":scheme", "evil")),
    _pseudo("`:scheme` with a request in it", "reset", (":scheme", f"https://{FORGED}/ HTTP/1.1\r\nx: ")),
    _pseudo("CR LF in `:path`", "reset", (":path", f"/ HTTP/1.1\r\nX: {FORGED}")),
    _pseudo("CR LF in `:method`", "reset", (":method", f"GET / HTTP/1.1\r\nX: {FORGED}\r\n")),
    _pseudo("a space in `:method`", "reset", (":method", f"GET /{FORGED}")),
    _pseudo("a space in `:path`", "reset", (":path", f"/ {FORGED}")),
    only_two("DATA amid the header block", _interleaved, "reset", "no form: frames are HTTP/2's"),
    only_two("a stream of even number", _even_stream, "reset", "no form: streams are HTTP/2's"),
)
