"""An attack in both protocols: what is written to the wire, and what has to come of it."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from hyperframe.frame import DataFrame, Frame

from assay.values import Value
from tests.gateway.frames import Frames, Pairs

FORGED = "forged"


class Where(Value, frozen=True, kw_only=True):
    """What an attacker who has a session knows: the host with its port, and the session's cookie."""

    authority: str
    cookie: str


One: TypeAlias = Callable[[Where], bytes]
Two: TypeAlias = Callable[[Frames, Where], list[Frame]]


class Attack(Value, frozen=True, kw_only=True):
    """`one` and `two` make the bytes of HTTP/1.1 and the frames of HTTP/2; None: no form there, and the cell says why.

    A cell says what happens: a status with which it ends before the app; `closed` (HTTP/1.1) or `reset` (HTTP/2)
    without an answer; `as /b` where the app gets another, canonical target; `clean` where the app or the client gets it
    without what is forbidden; `our pages` where it is answered by them.
    """

    name: str
    one: One | None
    two: Two | None
    cells: tuple[str, str]
    # The name in the TLS handshake, below the base domain.
    sni: str = "wiki"
    # None of these, in any case, in what the app gets and in what comes back from it.
    forbidden: tuple[str, ...] = (FORGED,)
    # The target that was sent, where another one is what matters.
    target: bytes = b""
    # The app's whole answer, "" for an ordinary one.
    answer: bytes = b""


def request(
    where: Where,
    method: str = "GET",
    target: str | bytes = "/",
    headers: Sequence[tuple[str, str]] = (),
    *,
    host: str | None = None,
    cookie: bool = True,
    body: bytes = b"",
    version: str = "HTTP/1.1",
) -> bytes:
    """An HTTP/1.1 request; `host` None is the right one, "" leaves the header out."""
    named = where.authority if host is None else host
    lines = [] if host == "" else [f"Host: {named}"]
    lines += [f"Cookie: {where.cookie}"] if cookie else []
    lines += [f"{name}: {value}" for name, value in headers]
    path = target.encode("latin-1") if isinstance(target, str) else target
    first = method.encode() + b" " + path + b" " + version.encode()
    return first + b"\r\n" + "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n" + body


def frames(
    client: Frames,
    where: Where,
    pairs: Pairs = (),
    *,
    pseudo: Pairs | None = None,
    method: str = "GET",
    target: str | bytes = "/",
    authority: str | None = None,
    cookie: bool = True,
    body: bytes | None = None,
    trailers: Pairs = (),
) -> list[Frame]:
    """The frames of one HTTP/2 request; `pseudo` replaces all four pseudo-headers."""
    if pseudo is None:
        named = where.authority if authority is None else authority
        pseudo = [(":method", method), (":scheme", "https"), (":authority", named), (":path", target)]
    known: Pairs = [("cookie", where.cookie)] if cookie else []
    stream = client.stream()
    sent = client.headers(stream, [*pseudo, *known, *pairs], end=body is None and not trailers)
    if body is not None:
        sent.append(DataFrame(stream, body, flags=[] if trailers else ["END_STREAM"]))
    if trailers:
        sent += client.headers(stream, trailers)
    return sent


def both(cell: str | tuple[str, str]) -> tuple[str, str]:
    return cell if isinstance(cell, tuple) else (cell, cell)


def target(name: str, path: str | bytes, cell: str | tuple[str, str]) -> Attack:
    """The same target in both protocols, with a session."""
    return Attack(
        name=name,
        one=lambda where: request(where, target=path),
        two=lambda client, where: frames(client, where, target=path),
        cells=both(cell),
        forbidden=(),
        target=path.encode("latin-1") if isinstance(path, str) else path,
    )


def headers(
    name: str,
    sent: Sequence[tuple[str, str]],
    cell: str | tuple[str, str],
    *,
    method: str = "GET",
    path: str = "/",
    forbidden: Sequence[str] = (FORGED,),
    cookie: bool = True,
    sni: str = "wiki",
    host: str | None = None,
) -> Attack:
    """The same headers in both protocols; HTTP/2 has them in lower case."""
    lower = [(each.lower(), value) for each, value in sent]
    return Attack(
        name=name,
        one=lambda where: request(where, method, path, sent, cookie=cookie, host=host),
        two=lambda client, where: frames(
            client, where, lower, method=method, target=path, cookie=cookie, authority=host
        ),
        cells=both(cell),
        forbidden=tuple(forbidden),
        sni=sni,
    )


def only_one(name: str, one: One, cell: str, why: str, *, forbidden: Sequence[str] = (FORGED,)) -> Attack:
    """An attack that HTTP/2 has no form of; `why` says so."""
    return Attack(name=name, one=one, two=None, cells=(cell, why), forbidden=tuple(forbidden))


def only_two(name: str, two: Two, cell: str, why: str, *, forbidden: Sequence[str] = (FORGED,)) -> Attack:
    """An attack that HTTP/1.1 has no form of; `why` says so."""
    return Attack(name=name, one=None, two=two, cells=(why, cell), forbidden=tuple(forbidden))


def answer(name: str, head: Sequence[str], cell: str | tuple[str, str], *, forbidden: Sequence[str]) -> Attack:
    """An app that answers with these header lines."""
    lines = "".join(f"{line}\r\n" for line in head)
    return Attack(
        name=name,
        one=request,
        two=frames,
        cells=both(cell),
        forbidden=tuple(forbidden),
        answer=f"HTTP/1.1 200 OK\r\n{lines}content-length: 2\r\n\r\nok".encode("latin-1"),
    )
