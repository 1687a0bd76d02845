"""What doctor asks the network, only when it is told to: do the names lead here, and who answers there."""

import socket
import ssl
from collections.abc import Iterator

from cryptography import x509

from assay.cli.doctor_findings import Finding, Severity, good

_SECONDS = 5.0


def not_asked_finding() -> Finding:
    """Names that others gave us may lead anywhere; nobody is asked without being told to."""
    return Finding(
        check="dns",
        severity=Severity.NOTE,
        message="whether the names lead here was not asked",
        fix="assay doctor --network asks DNS and connects by name",
    )


def network_findings(base_domain: str, port: int) -> Iterator[Finding]:
    """Whether `id.` and any app below the base domain resolve, and whether this installation answers there."""
    for label in ("id", "assay-doctor-looks-for-a-wildcard"):
        host = f"{label}.{base_domain}"
        try:
            addresses = _addresses(host, port)
        except OSError as error:
            yield Finding(
                check="dns",
                severity=Severity.ERROR,
                message=f"{host} does not resolve: {error.strerror or error}",
                fix=f"add DNS records for {base_domain} and *.{base_domain} that lead to this machine; to try it on "
                f"one machine, a line of its /etc/hosts with each name: 127.0.0.1 id.{base_domain} wiki.{base_domain}",
            )
            continue
        yield good("dns", f"{host} is {', '.join(addresses)}")
        if label == "id":
            yield _answer(host, addresses[0], port)


def _addresses(host: str, port: int) -> list[str]:
    # Browsers know them without asking; many resolvers do not (RFC 6761 §6.3).
    if host.endswith(".localhost"):
        return ["127.0.0.1"]
    return sorted({str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})


def _answer(host: str, address: str, port: int) -> Finding:
    # Whose certificate it is matters here, not whether this machine trusts it.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((address, port), _SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as connection,
        ):
            shown = connection.getpeercert(binary_form=True)
    except OSError as error:
        return Finding(
            check="reached",
            severity=Severity.ERROR,
            message=f"nobody answers at {host} port {port}: {error.strerror or error}",
            fix="open the port in the firewall, map it to [server] port, and let DNS lead here",
        )
    ends = x509.load_der_x509_certificate(shown or b"").not_valid_after_utc
    return good("reached", f"{host} port {port} answers with a certificate that holds until {ends:%Y-%m-%d}")
