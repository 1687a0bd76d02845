"""What doctor makes of a configuration file: of its values, and of the files that it names."""

import os
import stat
from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from assay.cli.doctor_findings import Finding, Severity, good
from assay.configuration.problem import ConfigurationError
from assay.configuration.sections import AcmeSection, Configuration
from assay.gateway.certificate_expiry import TELL_DAYS
from assay.gateway.certificate_faults import Fault, faults_of, read_pair
from assay.messages.settings import Transport
from assay.sealing.secret_file import secret_of
from assay.values import AssayError

_WIDEST_PREFIX = {4: 8, 6: 16}
_VERIFIED = ("require", "verify-ca", "verify-full")


def problem_findings(error: ConfigurationError) -> Iterator[Finding]:
    """Each problem of a file that cannot be used."""
    for problem in error.problems:
        line = f":{problem.line}" if problem.line else ""
        place = f"{problem.place}: " if problem.place else ""
        yield Finding(
            check="configuration",
            severity=Severity.ERROR,
            message=f"{error.file}{line}: {place}{problem.message}",
            fix=problem.fix or "see: assay config example",
        )


def value_findings(configuration: Configuration) -> Iterator[Finding]:
    """What is allowed and yet is hardly meant."""
    yield good("configuration", "it can be used")
    yield listening_finding(configuration)
    yield _proxies(configuration)
    yield _mail(configuration)
    yield _database(configuration)


def certificate_findings(configuration: Configuration, now: datetime) -> Iterator[Finding]:
    """The certificate that the file names, looked at as the gateway does."""
    tls, base_domain = configuration.tls, configuration.server.base_domain.lower()
    if tls.acme is not None:
        yield _hook(tls.acme)
    elif tls.certificate is None or tls.private_key is None:
        if not is_local(base_domain):
            yield _warning(
                "certificate files",
                f"{base_domain} is served with certificates of our own authority, which every browser must trust first",
                "name certificate files in [tls], or let Assay fetch one: [tls.acme]",
            )
    else:
        yield from _files(tls.certificate, tls.private_key, base_domain, now)


def secret_findings(configuration: Configuration) -> Iterator[Finding]:
    """The files that hold one secret each."""
    acme = configuration.tls.acme
    for path in (
        configuration.database.password,
        configuration.mail.password_file,
        acme.eab_hmac_key if acme is not None else None,
    ):
        if path is None:
            continue
        try:
            secret_of(path)
            yield good("secrets", f"{path} is its owner's alone")
        except AssayError as error:
            yield _error("secrets", error.message, error.remedy)


def listening_finding(configuration: Configuration) -> Finding:
    """Whether those for whom the base domain is can reach it."""
    server = configuration.server
    alone = all(ip_address(each).is_loopback for each in server.listen)
    port = server.public_port or server.port
    if alone and not is_local(server.base_domain) and not server.trusted_proxies:
        return _warning(
            "listen",
            f"{server.base_domain} is served on loopback addresses only: nobody else reaches it",
            'listen = ["0.0.0.0", "::"], or name what stands in front of it in trusted_proxies',
        )
    if not alone and is_local(server.base_domain):
        return _warning(
            "listen",
            f"other machines may connect, but {server.base_domain} leads everybody to their own machine",
            "set base_domain to a name that leads here, or listen on loopback only",
        )
    if not is_local(server.base_domain) and port != 443:
        return Finding(
            check="listen",
            severity=Severity.NOTE,
            message=f"people have to type the port: https://id.{server.base_domain}:{port}",
            fix="port = 443, or public_port = 443 where something in front maps 443 to this port",
        )
    return good("listen", f"{', '.join(server.listen)} port {server.port}, people type port {port}")


def _proxies(configuration: Configuration) -> Finding:
    wide = [
        each
        for each in configuration.server.trusted_proxies
        if ip_network(each).prefixlen < _WIDEST_PREFIX[ip_network(each).version]
    ]
    if wide:
        return _warning(
            "trusted proxies",
            f"{', '.join(wide)}: whoever is in there chooses the address that policies see",
            "name the addresses of your load balancers, no more",
        )
    return good("trusted proxies", ", ".join(configuration.server.trusted_proxies) or "nobody's word is taken")


def _mail(configuration: Configuration) -> Finding:
    if configuration.mail.transport is Transport.NONE and not is_local(configuration.server.base_domain):
        return _warning(
            "mail",
            "nobody is told of new methods, resets and the use of emergency accounts",
            '[mail] transport = "smtp", host and sender',
        )
    return good("mail", f"transport {configuration.mail.transport}")


def _database(configuration: Configuration) -> Finding:
    url = configuration.database.url
    if not url:
        return good("database address", "SQLite in the data directory")
    parts = urlsplit(url)
    options = parse_qs(parts.query)
    host = parts.hostname or options.get("host", ["/"])[0]
    remote = not host.startswith("/") and host not in ("localhost", "127.0.0.1", "::1")
    if remote and options.get("sslmode", [""])[-1] not in _VERIFIED:
        return _warning(
            "database address",
            f"the connection to {host} may be unencrypted",
            "add ?sslmode=verify-full to [database] url",
        )
    return good("database address", f"PostgreSQL at {host}")


def _files(certificate: Path, private_key: Path, base_domain: str, now: datetime) -> Iterator[Finding]:
    check = "certificate files"
    try:
        chain, key = certificate.read_bytes(), private_key.read_bytes()
        mode = private_key.stat().st_mode
    except OSError as error:
        yield _error(check, f"{error.filename} cannot be read: {error.strerror}", "let the service read it")
        return
    if mode & stat.S_IRWXO:
        yield _error(check, f"everybody on this machine may read {private_key}", f"chmod 600 {private_key}")
    elif mode & stat.S_IRWXG:
        yield _warning(check, f"a whole group may read {private_key}", f"chmod 600 {private_key}")
    pair = read_pair(chain, key)
    faults = (pair,) if isinstance(pair, Fault) else faults_of(pair, base_domain, now)
    for fault in faults:
        yield _error(check, f"{certificate}: {fault.message}", fault.fix)
    if not isinstance(pair, Fault) and not faults:
        yield ending_finding(check, certificate, pair.not_after, now)


def ending_finding(check: str, certificate: Path, ends: datetime, now: datetime) -> Finding:
    """How long a certificate holds."""
    days = (ends - now).days
    if days >= TELL_DAYS[-1]:
        return good(check, f"{certificate} holds until {ends:%Y-%m-%d}")
    return _warning(
        check, f"{certificate} ends {ends:%Y-%m-%d}, in {days} days", "renew it; it is taken over by itself"
    )


def _hook(acme: AcmeSection) -> Finding:
    if not os.access(acme.hook[0], os.X_OK):
        return _error("acme", f"{acme.hook[0]} cannot be run", f"chmod +x {acme.hook[0]}, for the service's user")
    return good("acme", f"{acme.directory_url}, by {acme.hook[0]}")


def is_local(base_domain: str) -> bool:
    """Whether it leads everybody to their own machine (RFC 6761 §6.3)."""
    return base_domain.lower().endswith(".localhost")


def _warning(check: str, message: str, fix: str) -> Finding:
    return Finding(check=check, severity=Severity.WARNING, message=message, fix=fix)


def _error(check: str, message: str, fix: str) -> Finding:
    return Finding(check=check, severity=Severity.ERROR, message=message, fix=fix)
