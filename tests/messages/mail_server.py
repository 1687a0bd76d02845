"""A mail server of our own that can be honest, slow, or a liar, at each phase of the exchange."""

import base64
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PHASES = ("greeting", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "content")
HONEST = {
    "greeting": b"220 mail.test ESMTP\r\n",
    "STARTTLS": b"220 go ahead\r\n",
    "AUTH": b"235 welcome\r\n",
    "MAIL": b"250 ok\r\n",
    "RCPT": b"250 ok\r\n",
    "DATA": b"354 go on\r\n",
    "content": b"250 taken\r\n",
}


@dataclass(frozen=True)
class Hang:
    """Say nothing, and keep the connection."""


@dataclass(frozen=True)
class Drop:
    """Close the connection."""


@dataclass(frozen=True)
class Flood:
    """The same line for ever."""

    line: bytes


@dataclass(frozen=True)
class Drip:
    """One byte now and then, for ever: each comes before the client's patience with a single read ends."""

    line: bytes


Act = bytes | Hang | Drop | Flood | Drip


@dataclass
class MailServer:
    """Listens on 127.0.0.1; `acts` replaces the honest answer of a phase."""

    tls: ssl.SSLContext | None = None
    from_the_start: bool = False
    acts: dict[str, Act] = field(default_factory=dict)
    received: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self.arrived = threading.Condition()
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def wait_for(self, count: int, seconds: float = 60.0) -> list[EmailMessage]:
        """The messages taken, once there are so many."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= count, seconds), self.received
            return list(self.received)

    def wait_for_connection(self, seconds: float = 60.0, *, beyond: int = 0) -> None:
        """Return once somebody has connected, more often than so many times."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: self.connections > beyond, seconds)

    def close(self) -> None:
        """Listen no more; whoever is connected is cut off."""
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self.arrived:
                self.connections += 1
                self.arrived.notify_all()
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(0.2)
        try:
            if self.tls is not None and self.from_the_start:
                connection.settimeout(60)
                connection = self.tls.wrap_socket(connection, server_side=True)
                connection.settimeout(0.2)
            _Exchange(self, connection, self._ended).run()
        except OSError:
            connection.close()


class _OverError(Exception):
    """The connection is over."""


class _Exchange:
    def __init__(self, server: MailServer, connection: socket.socket, ended: threading.Event) -> None:
        self._server = server
        self._connection = connection
        self._ended = ended
        self._pending = b""
        self._sender = self._recipient = ""
        self._encrypted = server.from_the_start

    def run(self) -> None:
        try:
            self._answer("greeting")
            while True:
                self._command(self._line())
        except _OverError:
            return
        finally:
            self._connection.close()

    def _command(self, line: bytes) -> None:
        verb, _, rest = line.decode("latin-1").partition(" ")
        match verb.upper():
            case "EHLO" | "HELO":
                offers = [] if self._encrypted or self._server.tls is None else ["STARTTLS"]
                lines = ["mail.test", "AUTH PLAIN", *offers, "8BITMIME"]
                said = "".join(f"250{' ' if one is lines[-1] else '-'}{one}\r\n" for one in lines)
                self._answer("EHLO", said.encode())
            case "STARTTLS":
                self._answer("STARTTLS")
                assert self._server.tls is not None
                self._connection.settimeout(60)
                self._connection = self._server.tls.wrap_socket(self._connection, server_side=True)
                self._connection.settimeout(0.2)
                self._encrypted = True
            case "AUTH":
                self._server.logins.append(base64.b64decode(rest.partition(" ")[2]).decode())
                self._answer("AUTH")
            case "MAIL":
                self._sender = rest
                self._answer("MAIL")
            case "RCPT":
                self._recipient = rest
                self._answer("RCPT")
            case "DATA":
                self._answer("DATA")
                self._take()
            case "QUIT":
                self._send(b"221 bye\r\n")
                raise _OverError
            case _:
                self._send(b"502 what?\r\n")

    def _take(self) -> None:
        lines = []
        while (line := self._line()) != b".":
            lines.append(line[1:] if line.startswith(b".") else line)
        act = self._server.acts.get("content", HONEST["content"])
        if isinstance(act, Drop) or (isinstance(act, bytes) and act.startswith(b"250")):
            with self._server.arrived:
                taken = message_from_bytes(b"\r\n".join(lines), policy=policy.default)
                assert isinstance(taken, EmailMessage)
                self._server.received.append(taken)
                self._server.envelopes.append((self._sender, self._recipient))
                self._server.arrived.notify_all()
        self._answer("content")

    def _answer(self, phase: str, honest: bytes = b"") -> None:
        act = self._server.acts.get(phase, honest or HONEST.get(phase, b"250 ok\r\n"))
        if isinstance(act, bytes):
            self._send(act)
            return
        if isinstance(act, Hang):
            self._ended.wait(300)
        if isinstance(act, Flood):
            while not self._ended.is_set():
                self._send(act.line)
        if isinstance(act, Drip):
            self._drip(act.line)
        raise _OverError

    def _drip(self, line: bytes) -> None:
        while True:
            for byte in line:
                self._send(bytes([byte]))
                if self._ended.wait(0.2):
                    return

    def _send(self, said: bytes) -> None:
        try:
            self._connection.sendall(said)
        except OSError as error:
            raise _OverError from error

    def _line(self) -> bytes:
        while b"\n" not in self._pending:
            if self._ended.is_set():
                raise _OverError
            try:
                read = self._connection.recv(65_536)
            except TimeoutError:
                continue
            except OSError as error:
                raise _OverError from error
            if not read:
                raise _OverError
            self._pending += read
        line, _, self._pending = self._pending.partition(b"\n")
        return line.removesuffix(b"\r")


@contextlib.contextmanager
def mail_server(server: MailServer | None = None) -> Iterator[MailServer]:
    """A server for as long as the block runs."""
    opened = server or MailServer()
    try:
        yield opened
    finally:
        opened.close()


def authority_and_context(directory: Path, *, host: str = "localhost") -> tuple[Path, ssl.SSLContext]:
    """A new authority's PEM file, and a server's context with a certificate of it for this host."""
    now = datetime.now(UTC)
    key, leaf_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority of a test")])

    def builder(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
        )

    authority = (
        builder(name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    leaf = (
        builder(x509.Name([]), leaf_key.public_key())
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    authorities, chain = directory / f"{host}-authority.pem", directory / f"{host}-chain.pem"
    authorities.write_bytes(authority.public_bytes(pem))
    private = leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain.write_bytes(leaf.public_bytes(pem) + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return authorities, context
