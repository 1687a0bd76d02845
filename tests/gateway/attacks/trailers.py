"""Trailers: fields that come after everything was judged."""

from tests.gateway.attacks.attack import FORGED, Attack, Where, both, frames, only_two, request

TITLE = "Trailers"


def _trailer(name: str, field: str, cell: str | tuple[str, str]) -> Attack:
    def one(where: Where) -> bytes:
        body = f"2\r\nok\r\n0\r\n{field}: {FORGED}\r\n\r\n".encode()
        return request(where, "POST", headers=[("Transfer-Encoding", "chunked"), ("TE", "trailers")], body=body)

    return Attack(
        name=name,
        one=one,
        two=lambda client, where: frames(
            client, where, [("te", "trailers")], method="POST", body=b"ok", trailers=[(field.lower(), FORGED)]
        ),
        cells=both(cell),
    )


ATTACKS: tuple[Attack, ...] = (
    _trailer("an assertion of our name", "Assay-Assertion", "clean"),
    _trailer("`X-User`", "X-User", "clean"),
    _trailer("`X_User`", "X_User", ("clean", "reset")),
    _trailer("`Cookie`", "Cookie", "clean"),
    _trailer("`Authorization`", "Authorization", "clean"),
    _trailer("`Host`", "Host", "clean"),
    _trailer("`Content-Length`", "Content-Length", ("clean", "reset")),
    _trailer("`Transfer-Encoding`", "Transfer-Encoding", ("clean", "reset")),
    only_two(
        "a pseudo-header",
        lambda client, where: frames(client, where, method="POST", body=b"ok", trailers=[(":path", f"/{FORGED}")]),
        "reset",
        "no form: pseudo-headers are HTTP/2's",
    ),
    only_two(
        "trailers that do not end the stream",
        lambda client, where: [
            *frames(client, where, method="POST", body=b"ok", trailers=[("x-user", FORGED)])[:-1],
            *client.headers(1, [("x-user", FORGED)], end=False),
        ],
        "reset",
        "no form: the last chunk ends it",
    ),
)
