"""What holds between the values of a configuration; pure, and every rule says its fix."""

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from assay.configuration.problem import Problem
from assay.configuration.sections import (
    AcmeSection,
    Configuration,
    DatabaseSection,
    ForwardAuthSection,
    ResetsSection,
    ServerSection,
    TlsSection,
)
from assay.messages.settings import MailSettings, Transport
from assay.values import InvalidInputError
from assay.values.listen_address import parse_listen_address

# Host labels with dots between (RFC 1123 §2.1); browsers take no cookie for a domain of one label.
BASE = re.compile(r"(?=.{1,240}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+")
_NODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def problems_of(configuration: Configuration) -> list[Problem]:
    """Everything that is wrong with values that are each well formed; without a look at any file."""
    return [
        *_server(configuration.server),
        *_tls(configuration.tls),
        *_database(configuration.database),
        *_places(configuration),
        *_resets(configuration.resets),
        *_mail(configuration.mail),
        *_forward_auth(configuration.forward_auth),
    ]


def is_base_domain(name: str) -> bool:
    """Whether apps can live one label below this name."""
    if BASE.fullmatch(name.lower()) is None:
        return False
    # The last label of a name is never all digits (RFC 3696 §2): that is an address.
    return not name.rpartition(".")[2].isdigit()


def _server(server: ServerSection) -> Iterator[Problem]:
    if not is_base_domain(server.base_domain):
        yield _wrong(
            "server", "base_domain", f"{server.base_domain!r} is no domain", "use one such as example.com, with a dot"
        )
    yield from _listen(server.listen)
    for each in server.trusted_proxies:
        try:
            if ip_network(each).prefixlen == 0:
                yield _wrong(
                    "server",
                    "trusted_proxies",
                    f"{each!r} lets everybody choose their address",
                    "name your proxies only",
                )
        except ValueError as error:
            yield _wrong(
                "server", "trusted_proxies", f"{each!r} is no network: {error}", 'write such as "10.0.0.0/8" or "::1"'
            )
    if server.proxy_protocol and not server.trusted_proxies:
        yield _wrong(
            "server",
            "proxy_protocol",
            "anybody could name any address, because no proxy is trusted",
            "name your load balancers in trusted_proxies",
        )


def _listen(listen: tuple[str, ...]) -> Iterator[Problem]:
    if not listen:
        yield _wrong("server", "listen", "it is empty", 'use ["0.0.0.0", "::"] for every network')
    seen = set()
    for each in listen:
        try:
            address = ip_address(each)
        except ValueError:
            yield _wrong("server", "listen", f"{each!r} is no IP address", 'use such as "127.0.0.1" or "::"')
            continue
        if address.is_multicast or address in seen:
            yield _wrong("server", "listen", f"{each} cannot be listened on (twice, or multicast)", "remove it")
        seen.add(address)


def _tls(tls: TlsSection) -> Iterator[Problem]:
    if (tls.certificate is None) != (tls.private_key is None):
        missing = "private_key" if tls.private_key is None else "certificate"
        yield _wrong("tls", "", f"{missing} is missing", "name both files, or neither")
    if tls.acme is None:
        return
    if tls.certificate is not None or tls.private_key is not None:
        yield _wrong(
            "tls", "", "there are certificate files and ACME", "keep one: remove the files' keys or [tls.acme]"
        )
    yield from _acme(tls.acme)


def _acme(acme: AcmeSection) -> Iterator[Problem]:
    parts = urlsplit(acme.directory_url)
    if parts.scheme != "https" or not parts.hostname:
        yield _wrong(
            "tls.acme",
            "directory_url",
            f"{acme.directory_url!r} is no https address",
            "such as https://acme-v02.api.letsencrypt.org/directory",
        )
    if not acme.agree_to_terms:
        yield _wrong(
            "tls.acme", "agree_to_terms", "the authority's terms are not agreed to", "read them; agree_to_terms = true"
        )
    if not acme.hook or not acme.hook[0].startswith("/"):
        yield _wrong(
            "tls.acme",
            "hook",
            "it names no program by its whole path",
            'such as hook = ["/etc/assay/dns-hook"]; a wildcard certificate needs DNS (docs/production.md)',
        )
    if bool(acme.eab_key_id) != (acme.eab_hmac_key is not None):
        yield _wrong("tls.acme", "eab_key_id", "external account binding needs both", "add eab_hmac_key too")


def _database(database: DatabaseSection) -> Iterator[Problem]:
    if not database.url:
        if database.password is not None:
            yield _wrong("database", "password", "SQLite has no password", "give url = postgresql://… or remove it")
        return
    parts = urlsplit(database.url)
    if parts.scheme not in ("postgresql", "postgres", "postgresql+psycopg", "sqlite"):
        yield _wrong("database", "url", f"{parts.scheme!r} is no database we know", "postgresql://USER@HOST/NAME")
    if parts.password is not None or "password=" in parts.query:
        yield _wrong(
            "database",
            "url",
            "it holds a password, and this file is no place for secrets",
            'put it into a file of mode 0600 and name that: password = "/etc/assay/database-password"',
        )


def _resets(resets: ResetsSection) -> Iterator[Problem]:
    if resets.lifetime_hours <= resets.waiting_hours:
        message = "a reset would be over before its link may be handed out"
        yield _wrong("resets", "lifetime_hours", message, f"more than waiting_hours, which is {resets.waiting_hours}")


def _forward_auth(section: ForwardAuthSection) -> Iterator[Problem]:
    try:
        if section.listen:
            parse_listen_address(section.listen)
    except InvalidInputError as error:
        yield _wrong("forward_auth", "listen", error.message, error.remedy)


def _mail(mail: MailSettings) -> Iterator[Problem]:
    if mail.transport is Transport.SMTP and not mail.host:
        yield _wrong("mail", "", "host is missing", "name the mail server: host = …")
    if mail.password_file is not None and not mail.user_name:
        yield _wrong("mail", "", "user_name is missing", "say whose password it is")


def _places(configuration: Configuration) -> Iterator[Problem]:
    if configuration.node.name and _NODE.fullmatch(configuration.node.name) is None:
        yield _wrong("node", "name", f"{configuration.node.name!r} is no name", "use letters, digits and hyphens")
    data = configuration.server.data
    if data is None:
        return
    inside: tuple[tuple[str, str, Path | None], ...] = (
        ("keys", "master_key", configuration.keys.master_key),
        ("log", "checkpoints", configuration.log.checkpoints),
    )
    for section, key, path in inside:
        if path is not None and path.is_relative_to(data):
            yield _wrong(section, key, f"{path} lies in the data directory", "name a place outside it")


def _wrong(section: str, key: str, message: str, fix: str) -> Problem:
    return Problem(section=section, key=key, message=message, fix=fix)
