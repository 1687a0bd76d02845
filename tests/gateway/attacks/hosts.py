"""Hosts: the name in the handshake, in the request, and in the certificate."""

from tests.gateway.attacks.attack import FORGED, Attack, Where, both, frames, only_one, only_two, request

TITLE = "Hosts: SNI, `Host`, `:authority`"


def _host(name: str, host: str, cell: str | tuple[str, str], *, sni: str = "wiki") -> Attack:
    """`{port}` stands for the port people use."""

    def named(where: Where) -> str:
        return host.replace("{port}", where.authority.rpartition(":")[2])

    return Attack(
        name=name,
        one=lambda where: request(where, host=named(where)),
        two=lambda client, where: frames(client, where, authority=named(where)),
        cells=both(cell),
        sni=sni,
        forbidden=("evil",),
    )


NO_AUTHORITY = ((":method", "GET"), (":scheme", "https"), (":path", "/"))
ATTACKS: tuple[Attack, ...] = (
    _host("SNI of one app, host of another", "wiki.assay.localhost:{port}", "421", sni="files"),
    _host("SNI of our pages, host of an app", "wiki.assay.localhost:{port}", "421", sni="id"),
    _host("SNI of an app, host of our pages", "id.assay.localhost:{port}", "421"),
    _host("SNI of the bare domain, host of an app", "wiki.assay.localhost:{port}", "421", sni=""),
    _host("SNI of nobody's host, host of an app", "wiki.assay.localhost:{port}", "421", sni="nobody"),
    _host("a host that is not ours", "evil.example", "421"),
    _host("ours below theirs", "wiki.assay.localhost.evil.example:{port}", "421"),
    _host("without the port", "wiki.assay.localhost", "421"),
    _host("another port", "wiki.assay.localhost:1", "421"),
    _host("an empty port", "wiki.assay.localhost:", "421"),
    _host("port with zeros", "wiki.assay.localhost:0{port}", "421"),
    _host("port in words", "wiki.assay.localhost:https", "421"),
    _host("a trailing dot", "wiki.assay.localhost.:{port}", "421"),
    _host("upper case is the same host", "WIKI.Assay.LOCALHOST:{port}", "clean"),
    _host("userinfo", "evil@wiki.assay.localhost:{port}", ("421", "reset")),
    _host("userinfo the other way", "wiki.assay.localhost:{port}@evil.example", ("421", "reset")),
    _host("an IPv4 literal", "127.0.0.1:{port}", "421"),
    _host("an IPv6 literal", "[::1]:{port}", "421"),
    _host("two hosts in one", "wiki.assay.localhost:{port}, evil.example", ("400", "reset")),
    _host("a path in it", "wiki.assay.localhost:{port}/evil", ("400", "reset")),
    _host("a query in it", "wiki.assay.localhost:{port}?evil", ("400", "reset")),
    _host("an underscore", "wi_ki.assay.localhost:{port}", "421"),
    _host("two labels below", "a.wiki.assay.localhost:{port}", "421"),
    _host("a name of 1,000 letters", "a" * 1_000, "421"),
    _host("not ASCII", "wikí.assay.localhost:{port}", ("400", "reset")),
    _host("a control character", "wiki.assay.localhost\x01:{port}", ("400", "reset")),
    _host("a space", "wiki.assay.localhost :{port}", ("400", "reset")),
    Attack(
        name="none",
        one=lambda where: request(where, host=""),
        two=lambda client, where: frames(client, where, pseudo=NO_AUTHORITY),
        cells=("400", "reset"),
    ),
    Attack(
        name="empty",
        one=lambda where: request(where, host="").replace(b"HTTP/1.1\r\n", b"HTTP/1.1\r\nHost: \r\n"),
        two=lambda client, where: frames(client, where, authority=""),
        cells=("421", "reset"),
    ),
    Attack(
        name="twice, the second another's",
        one=lambda where: request(where, headers=[("Host", "evil.example")]),
        two=lambda client, where: frames(
            client, where, pseudo=[*client.pseudo(authority=where.authority), (":authority", "evil.example")]
        ),
        cells=("421", "reset"),
        forbidden=("evil",),
    ),
    Attack(
        name="twice, the same",
        one=lambda where: request(where, headers=[("Host", where.authority)]),
        two=lambda client, where: frames(
            client, where, pseudo=[*client.pseudo(authority=where.authority), (":authority", where.authority)]
        ),
        cells=("421", "reset"),
    ),
    only_two(
        "`host` beside `:authority`, another's",
        lambda client, where: frames(client, where, [("host", "evil.example")]),
        "clean",
        "above: twice",
        forbidden=("evil",),
    ),
    only_two(
        "`host` without `:authority`",
        lambda client, where: frames(client, where, [("host", "evil.example")], pseudo=NO_AUTHORITY),
        "421",
        "no form: `Host` is the only one",
        forbidden=("evil",),
    ),
    only_two(
        "coalescing: a sibling's host on our connection",
        lambda client, where: frames(client, where, authority=where.authority.replace("wiki", "files")),
        "421",
        "above: SNI of one app, host of another",
    ),
    only_one(
        "absolute form wins over `Host`",
        lambda where: request(where, target=f"https://{where.authority.replace('wiki', 'files')}/"),
        "421",
        "in paths: absolute form",
    ),
    only_one(
        "a forged `Host` behind an absolute form of ours",
        lambda where: request(where, target=f"https://{where.authority}/", host=f"{FORGED}.example"),
        "clean",
        "in paths: absolute form",
    ),
)
