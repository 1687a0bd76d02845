"""Messages over SMTP: encrypted and verified unless told otherwise, one connection a message, bounded in everything."""

import contextlib
import smtplib
import ssl
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from assay.messages.outcome import SENT, Attempt, Fate
from assay.messages.render import octets
from assay.messages.settings import Encryption, MailSettings
from assay.messages.smtp_client import BoundedSMTP, Deadline
from assay.values.mailbox import envelope_address

USUAL_PORTS: Final = {Encryption.STARTTLS: 587, Encryption.TLS: 465, Encryption.NONE: 25}
# An exchange is about ten replies; a server that needs longer for all of them together does not want our mail.
DEADLINE_TIMEOUTS: Final = 3
MAX_SECRET: Final = 1_024
MAX_SAID: Final = 200


class SmtpCarrier:
    """One mail server, as the settings name it."""

    def __init__(self, settings: MailSettings, *, local_host: str) -> None:
        self._settings = settings
        self._port = settings.port or USUAL_PORTS[settings.encryption]
        self._local_host = local_host
        self._lock = threading.Lock()
        self._open: set[Deadline] = set()
        self._closed = False

    @property
    def deadline(self) -> float:
        return self._settings.timeout_seconds * DEADLINE_TIMEOUTS

    def carry(self, mail: EmailMessage, *, message_id: str, recipient: str) -> Attempt:
        """One attempt over a connection of its own."""
        del message_id
        phase = ["connect"]
        with self._deadline() as deadline:
            try:
                return self._exchange(deadline, mail, recipient, phase)
            except smtplib.SMTPResponseException as error:
                return self._answered(phase[0], error.smtp_code, error.smtp_error)
            except (smtplib.SMTPException, OSError, ValueError) as error:
                said = "took too long" if deadline.over else _plain(str(error) or type(error).__name__)
                return Attempt(fate=Fate.UNREACHABLE, error=f"{phase[0]}: {said}")

    def close(self) -> None:
        """End what is under way: a service that stops does not wait for a mail server."""
        with self._lock:
            self._closed = True
            under_way = tuple(self._open)
        for deadline in under_way:
            deadline.end()

    @contextlib.contextmanager
    def _deadline(self) -> Iterator[Deadline]:
        deadline = Deadline(self.deadline)
        with self._lock:
            self._open.add(deadline)
            closed = self._closed
        if closed:
            deadline.end()
        try:
            yield deadline
        finally:
            with self._lock:
                self._open.discard(deadline)
            deadline.close()

    def _exchange(self, deadline: Deadline, mail: EmailMessage, recipient: str, phase: list[str]) -> Attempt:
        settings = self._settings
        sender, plain = envelope_address(settings.sender), envelope_address(recipient)
        if sender is None or plain is None:
            return Attempt(fate=Fate.REFUSED, error="the address is no plain mailbox")
        client = BoundedSMTP(deadline, timeout=settings.timeout_seconds, local_hostname=self._local_host)
        try:
            self._greet(client, phase)
            _demand(*client.mail(sender), phase, "sender")
            phase[0] = "recipient"
            code, said = client.rcpt(plain)
            if code not in (250, 251):
                fate = Fate.REFUSED if code >= 500 else Fate.LATER
                return Attempt(fate=fate, error=f"recipient: {code} {_plain(said)}")
            phase[0] = "content"
            code, said = client.data(octets(mail))
            if code != 250:
                return Attempt(
                    fate=Fate.REFUSED if code >= 500 else Fate.LATER, error=f"content: {code} {_plain(said)}"
                )
            return SENT
        finally:
            # The message is the server's, or it is not: how the connection ends changes nothing about it.
            client.close()

    def _greet(self, client: BoundedSMTP, phase: list[str]) -> None:
        settings = self._settings
        if settings.encryption is Encryption.TLS:
            client.wrap_from_the_start(self._context())
        _demand(*client.connect(settings.host, self._port), phase, "greeting")
        phase[0] = "EHLO"
        client.ehlo_or_helo_if_needed()
        if settings.encryption is Encryption.STARTTLS:
            phase[0] = "STARTTLS"
            if not client.has_extn("starttls"):
                raise smtplib.SMTPNotSupportedError("the server offers none; somebody between may have removed it")
            _demand(*client.starttls(context=self._context()), phase, "STARTTLS")
            client.ehlo()
        if settings.user_name:
            phase[0] = "authentication"
            client.login(settings.user_name, read_secret(settings.password_file), initial_response_ok=True)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._settings.authorities)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _answered(self, phase: str, code: int, said: bytes | str) -> Attempt:
        if phase == "content":
            return Attempt(fate=Fate.REFUSED if code >= 500 else Fate.LATER, error=f"content: {code} {_plain(said)}")
        if phase == "authentication":
            said = ""  # a server can say the password back, and this text is shown and kept
        # Before there is a recipient, a refusal is about us and not about the message: no message gets out.
        return Attempt(fate=Fate.UNREACHABLE, error=f"{phase}: {code} {_plain(said)}")


def read_secret(path: Path | None) -> str:
    """The secret in a file, without its last line end; raises ValueError for what can be none."""
    if path is None:
        raise ValueError("no password file is named")
    with path.open("rb") as file:
        secret = file.read(MAX_SECRET + 1).rstrip(b"\r\n").decode("utf-8")
    if not secret or len(secret) > MAX_SECRET or not secret.isprintable():
        raise ValueError(f"{path} does not hold a password on one line")
    return secret


def _demand(code: int, said: bytes, phase: list[str], name: str) -> None:
    phase[0] = name
    if not 200 <= code < 300:
        raise smtplib.SMTPResponseException(code, said)


def _plain(said: bytes | str) -> str:
    """What the server said, short and on one line: it is shown to administrators."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return "".join(one if one.isprintable() else " " for one in text[:MAX_SAID]).strip()
