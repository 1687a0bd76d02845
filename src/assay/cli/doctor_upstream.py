"""What doctor hears when it asks an app as the gateway would: is it there, does it speak HTTP, is its name known."""

import socket
import ssl
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from assay.api.shapes.apps import AppShape
from assay.apps import Upstream, parse_upstream
from assay.cli.causes import os_error_of
from assay.cli.doctor_findings import Finding, Severity, good
from assay.values import Value

if TYPE_CHECKING:
    import httpx

SECONDS: Final = 3.0
_BAD_REQUEST: Final = 400
# What apps answer to a Host header that they do not know; RFC 9110 §15.5.20 has the last one.
_UNKNOWN_HOST: Final = (_BAD_REQUEST, 403, 421)
# How each loopback address is called in the other family: development servers often listen on one of them only.
_OTHER_LOOPBACK: Final = {"127.0.0.1": "::1", "::1": "127.0.0.1", "localhost": "::1"}


class Failure(StrEnum):
    """Why there was no answer."""

    REFUSED = "refused"
    UNRESOLVED = "unresolved"
    SILENT = "silent"
    NOT_HTTP = "notHttp"
    NOT_TLS = "notTls"
    UNTRUSTED = "untrusted"


class Answer(Value, frozen=True, kw_only=True):
    """What an app said to `GET /`: a status, or why there was none."""

    status: int = 0
    failure: Failure | None = None
    said: str = ""


def upstream_finding(app: AppShape, *, network: bool) -> Finding | None:
    """What the app answers; None where another finding says all, or it is elsewhere and nothing is to be asked there.

    Sends one or two `GET /` to the app.
    """
    if app.proxy or app.reach == "notListening" or (app.reach == "elsewhere" and not network):
        return None
    upstream = parse_upstream(app.upstream)
    answer = ask(upstream, urlsplit(app.url).netloc)
    if answer.failure is not None:
        return _failed(app, upstream, answer)
    if answer.status == _BAD_REQUEST and not upstream.tls and _speaks_tls(upstream):
        return _failed(app, upstream, Answer(failure=Failure.NOT_HTTP))
    if answer.status in _UNKNOWN_HOST and ask(upstream, _own_name(upstream)).status not in (0, answer.status):
        return Finding(
            check=_check(app),
            severity=Severity.WARNING,
            message=f"it answers {answer.status} when it is asked as {urlsplit(app.url).netloc}, and not otherwise",
            fix="name that host in the app's own settings (ALLOWED_HOSTS, allowedHosts, trusted domains)",
        )
    return good(_check(app), f"{upstream.url} answers with {answer.status}")


def ask(upstream: Upstream, host: str) -> Answer:
    """Send `GET /` under this Host header; reads no body."""
    if upstream.path and not _is_accepted_on(upstream.path):
        return Answer(failure=Failure.REFUSED)
    # Not above: it takes as long to load as the rest of doctor, and only an app that is asked needs it.
    import httpx

    verify = ssl.create_default_context() if upstream.tls else False
    transport = httpx.HTTPTransport(uds=upstream.path or None, verify=verify)
    address = "http://app/" if upstream.path else f"{upstream.url}/"
    headers = {"host": host, "user-agent": "assay-doctor"}
    try:
        with (
            httpx.Client(transport=transport, timeout=SECONDS) as client,
            client.stream("GET", address, headers=headers) as answer,
        ):
            return Answer(status=answer.status_code)
    except httpx.TimeoutException:
        return Answer(failure=Failure.SILENT)
    except httpx.TransportError as error:
        return Answer(failure=_failure_of(error), said=str(error))


def _is_accepted_on(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(SECONDS)
        try:
            probe.connect(path)
        except OSError:
            return False
    return True


def _failure_of(error: "httpx.TransportError") -> Failure:
    from httpx import ConnectError

    match os_error_of(error):
        case ssl.SSLCertVerificationError():
            return Failure.UNTRUSTED
        case ssl.SSLError():
            return Failure.NOT_TLS
        case socket.gaierror():
            return Failure.UNRESOLVED
        case _ if isinstance(error, ConnectError):
            return Failure.REFUSED
        case _:
            return Failure.NOT_HTTP


def _failed(app: AppShape, upstream: Upstream, answer: Answer) -> Finding:
    message, fix = _words(app, upstream, answer)
    return Finding(check=_check(app), severity=Severity.ERROR, message=message, fix=fix)


def _words(app: AppShape, upstream: Upstream, answer: Answer) -> tuple[str, str]:
    url, move = upstream.url, f"assay apps edit {app.name} --upstream"
    match answer.failure:
        case Failure.UNRESOLVED:
            return f"{upstream.host} does not resolve on this machine", f"name its address: {move} http://ADDRESS:PORT"
        case Failure.SILENT:
            return f"{url} accepts connections, and does not answer within {SECONDS:.0f} s", "look at the app's own log"
        case Failure.NOT_TLS:
            plain = replace(upstream, tls=False).url
            return f"what listens at {url} does not speak TLS", f"where it speaks plain HTTP: {move} {plain}"
        case Failure.UNTRUSTED:
            return (
                f"the certificate of {url} is none that this machine trusts: {answer.said}",
                "add its authority to the system's store, or let it speak plain HTTP on 127.0.0.1",
            )
        case Failure.NOT_HTTP:
            if not upstream.path and _speaks_tls(upstream):
                return f"what listens at {url} speaks TLS", f"{move} {replace(upstream, tls=True).url}"
            return f"what listens at {url} does not speak HTTP", f"is it the app's port? {move} http://HOST:PORT"
        case _:
            return _refused(upstream, move)


def _refused(upstream: Upstream, move: str) -> tuple[str, str]:
    other = replace(upstream, host=_OTHER_LOOPBACK.get(upstream.host, ""))
    if other.host and ask(other, _own_name(other)).failure is not Failure.REFUSED:
        return f"nothing answers at {upstream.url}, but something does at {other.url}", f"{move} {other.url}"
    return (
        f"{upstream.url} refuses connections",
        "start the app, or say where it listens: " + f"{move} http://HOST:PORT",
    )


def _speaks_tls(upstream: Upstream) -> bool:
    # Whether it speaks TLS at all matters here, not whose certificate it shows.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((upstream.host, upstream.port), SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=upstream.host),
        ):
            return True
    except OSError:
        return False


def _own_name(upstream: Upstream) -> str:
    return "localhost" if upstream.path else urlsplit(upstream.url).netloc


def _check(app: AppShape) -> str:
    return f"upstream {app.name}"
