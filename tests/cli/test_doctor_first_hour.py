"""What goes wrong in the first hour: the app, its port and its name; the directory, the port, the certificate."""

import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from assay.api.shapes.apps import AppShape
from assay.cli.doctor_findings import Finding, Severity, console_finding
from assay.cli.doctor_machine import clock_kept_finding
from assay.cli.doctor_start import as_started, directory_finding, path_finding, port_findings
from assay.cli.doctor_trust import trust_finding
from assay.cli.doctor_upstream import upstream_finding
from assay.cli.trust_stores import TrustStore
from assay.gateway.authority import make_authority
from assay.places import places
from tests.cli.test_doctor_forward_auth import HERE
from tests.gateway.pki import Pair, authority_now
from tests.ports import free_port

NOW = datetime.now(UTC)
HOST = "wiki.assay.localhost:8443"


class Polite(BaseHTTPRequestHandler):
    """An app that answers everybody."""

    def do_GET(self) -> None:
        self.send_response(self.status_for(self.headers["host"]))
        self.send_header("content-length", "0")
        self.end_headers()

    def status_for(self, host: str) -> int:
        return 200 if host else 400

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Quiet."""


class Choosy(Polite):
    """An app that knows its own address only, as Django does without ALLOWED_HOSTS."""

    def status_for(self, host: str) -> int:
        return 400 if host == HOST else 200


class V6Server(ThreadingHTTPServer):
    address_family = socket.AF_INET6


@contextmanager
def serving(handler: type[Polite], *, address: str = "127.0.0.1", tls: Pair | None = None) -> Iterator[int]:
    """The port of an app that runs meanwhile."""
    kind = V6Server if ":" in address else ThreadingHTTPServer
    with kind((address, 0), handler) as server:
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls.certificate, tls.private_key)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@contextmanager
def saying(words: bytes) -> Iterator[int]:
    """The port of something that is no web server: it says something by itself, or nothing at all."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            while True:
                try:
                    accepted, _ = listener.accept()
                except OSError:
                    return
                if words:
                    with accepted:
                        accepted.sendall(words)
                else:
                    held.append(accepted)

        held: list[socket.socket] = []
        thread = threading.Thread(target=answer)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        for each in held:
            each.close()


@contextmanager
def nobody(*, address: str = "127.0.0.1") -> Iterator[int]:
    """A port on which nobody listens, and which nobody else gets meanwhile."""
    with socket.socket() as held:
        held.bind((address, 0))
        yield held.getsockname()[1]


def app(upstream: str, *, reach: str = "thisMachine") -> AppShape:
    return AppShape(
        id="a",
        name="wiki",
        display_name="wiki",
        url=f"https://{HOST}/",
        upstream=upstream,
        reach=reach,
        assigned=(),
        allowed_origins=(),
        created_date_time=NOW,
    )


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return authority_now().write(tmp_path_factory.mktemp("tls"), ("localhost",))


Made = Callable[[ExitStack, Pair], str]
ROWS: tuple[tuple[str, Made, Severity, str], ...] = (
    ("it answers", lambda on, _: f"http://127.0.0.1:{on.enter_context(serving(Polite))}", Severity.GOOD, ""),
    (
        "it was stopped meanwhile",
        lambda on, _: f"http://127.0.0.1:{on.enter_context(nobody())}",
        Severity.ERROR,
        "start the app",
    ),
    (
        "the port is ssh's",
        lambda on, _: f"http://127.0.0.1:{on.enter_context(saying(b'SSH-2.0-OpenSSH_9.2' + bytes((13, 10))))}",
        Severity.ERROR,
        "is it the app's port",
    ),
    (
        "it accepts and says nothing",
        lambda on, _: f"http://127.0.0.1:{on.enter_context(saying(b''))}",
        Severity.ERROR,
        "the app's own log",
    ),
    (
        "it speaks TLS",
        lambda on, pair: f"http://127.0.0.1:{on.enter_context(serving(Polite, tls=pair))}",
        Severity.ERROR,
        "assay apps edit wiki --upstream https://127.0.0.1:",
    ),
    (
        "it does not speak TLS",
        lambda on, _: f"https://127.0.0.1:{on.enter_context(serving(Polite))}",
        Severity.ERROR,
        "assay apps edit wiki --upstream http://127.0.0.1:",
    ),
    (
        "nobody knows who signed its certificate",
        lambda on, pair: f"https://localhost:{on.enter_context(serving(Polite, tls=pair))}",
        Severity.ERROR,
        "the system's store",
    ),
    (
        "it listens on ::1 alone",
        lambda on, _: f"http://127.0.0.1:{on.enter_context(serving(Polite, address='::1'))}",
        Severity.ERROR,
        "assay apps edit wiki --upstream http://[::1]:",
    ),
    (
        "it does not know its name",
        lambda on, _: f"http://127.0.0.1:{on.enter_context(serving(Choosy))}",
        Severity.WARNING,
        "ALLOWED_HOSTS",
    ),
)


@pytest.mark.parametrize(("make", "severity", "fix"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_an_app_is_asked_as_the_gateway_would(make: Made, severity: Severity, fix: str, pair: Pair) -> None:
    with ExitStack() as on:
        found = upstream_finding(app(make(on, pair)), network=False)
    assert found is not None
    assert (found.severity, fix in found.fix) == (severity, True), found
    assert (severity is Severity.GOOD) == (not found.fix)


def test_an_app_elsewhere_is_asked_only_when_the_network_may_be() -> None:
    far = app("http://wiki.company.invalid:3000", reach="elsewhere")
    assert upstream_finding(far, network=False) is None
    found = upstream_finding(far, network=True)
    assert found is not None
    assert "does not resolve" in found.message
    assert upstream_finding(app("http://127.0.0.1:1", reach="notListening"), network=True) is None


def test_an_app_on_a_unix_socket_is_asked_too(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def answer() -> None:
            # The first connection only asks whether somebody accepts.
            listener.accept()[0].close()
            accepted, _ = listener.accept()
            with accepted:
                accepted.recv(4096)
                accepted.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        found = upstream_finding(app(f"unix://{path}", reach="directory"), network=False)
        thread.join()
    assert found is not None
    assert "204" in found.message
    gone = upstream_finding(app(f"unix://{path}", reach="directory"), network=False)
    assert gone is not None
    assert gone.severity is Severity.ERROR


def test_a_directory_that_cannot_be_used_is_told_before_the_start(tmp_path: Path) -> None:
    assert directory_finding(tmp_path / "new" / "data") is None
    assert directory_finding(tmp_path) is None
    file = tmp_path / "file"
    file.write_text("")
    assert "is a file" in said(directory_finding(file))
    assert "a file above it" in said(directory_finding(file / "data"))
    assert "too long" in said(path_finding(places(tmp_path / ("d" * 100))))
    assert path_finding(places(Path("/srv/assay"))) is None


# Loads what it needs first: another user may not read where Python's packages are.
AS_SOMEBODY = """
import importlib.readers, os, sys
import click
from click.testing import CliRunner
import assay.server.service
from assay.cli import assay
for name in ("doctor", "up"):
    assay.get_command(click.Context(assay), name)
if os.geteuid() == 0:
    os.setgroups([])
    os.setuid(65534)
for command in ("doctor", "up"):
    result = CliRunner().invoke(assay, [command, "--data", sys.argv[1]], catch_exceptions=False)
    assert result.exit_code in (1, 3), result.output
    print(result.output, end="----" if command == "doctor" else "")
"""


def test_somebody_elses_directory_is_told_and_never_a_traceback() -> None:
    # Where pytest keeps its directories only their owner passes.
    with tempfile.TemporaryDirectory(prefix="assay-") as directory:
        top = Path(directory)
        top.chmod(0o755)
        data = top / "data"
        data.mkdir(mode=0o700)
        data.chmod(0o500)
        done = subprocess.run(
            [sys.executable, "-c", AS_SOMEBODY, str(data)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "HOME": directory},
        )
        assert done.returncode == 0, done.stderr
        doctor, up = done.stdout.split("----")
        assert "ERROR   data: " in doctor
        assert "belongs to" in doctor
        assert "run this as" in doctor
        assert "cannot be used as a directory" in up
        assert "run this as" in up
        data.chmod(0o700)


def test_a_taken_port_is_told_with_who_has_it() -> None:
    # Not one of the kernel's choice, which it would give to somebody else as soon as it is free.
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        found = list(port_findings(("127.0.0.1",), port))
        assert [each.severity for each in found] == [Severity.ERROR]
        assert f"pid {os.getpid()}" in found[0].message
    assert [each.severity for each in port_findings(("127.0.0.1",), port)] == [Severity.GOOD]


def store(name: str, *, holds: bool) -> TrustStore:
    return TrustStore(name=name, holds=lambda _: holds, add=lambda *_: (), remove=lambda _: ())


@pytest.mark.parametrize(
    ("stores", "here", "severity", "fix"),
    [
        ((store("browser (a)", holds=True),), True, Severity.GOOD, ""),
        ((store("browser (a)", holds=False),), True, Severity.WARNING, "assay trust"),
        ((store("browser (a)", holds=False),), False, Severity.NOTE, "--ca authority.pem"),
        ((store("system (a)", holds=True), store("browser (a)", holds=False)), True, Severity.WARNING, "assay trust"),
        ((store("system (a)", holds=True),), True, Severity.WARNING, "libnss3-tools"),
    ],
)
def test_a_certificate_that_browsers_do_not_trust_is_told(
    stores: tuple[TrustStore, ...], here: bool, severity: Severity, fix: str, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    authority = tmp_path / "authority.pem"
    assert trust_finding(authority, stores, here=here) is None, "where the certificate is of another authority"
    authority.write_bytes(make_authority("assay.localhost", NOW).certificate.public_bytes(Encoding.PEM))
    found = trust_finding(authority, stores, here=here)
    assert found is not None
    assert (found.severity, fix in found.fix) == (severity, True), found


def test_a_clock_that_nothing_keeps_and_a_console_that_was_not_built_are_told() -> None:
    assert clock_kept_finding(kept=True, now=NOW).severity is Severity.GOOD
    assert "NTP" in clock_kept_finding(kept=False, now=NOW).fix
    assert console_finding(None).severity is Severity.GOOD
    assert "./run console" in console_finding("npm could not be reached").fix


def test_without_a_file_doctor_looks_at_what_the_running_service_was_told(tmp_path: Path) -> None:
    here = msgspec.structs.replace(
        HERE, url="https://id.company.example", data=str(tmp_path), database="", listen=("0.0.0.0",)
    )
    server = as_started(here).server
    assert (server.base_domain, server.port, server.public_port, server.listen) == (
        "company.example",
        8443,
        443,
        ("0.0.0.0",),
    )


def said(finding: Finding | None) -> str:
    assert finding is not None
    assert finding.severity is Severity.ERROR
    assert finding.fix
    return finding.message
