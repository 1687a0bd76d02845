"""How messages leave the house: `[mail]` of the configuration file."""

from enum import StrEnum
from pathlib import Path

from assay.values import Wire
from assay.values.mailbox import mailbox

MAX_PORT = 65_535
MIN_SECONDS, MAX_SECONDS = 1.0, 120.0


class Transport(StrEnum):
    """The way out."""

    NONE = "none"
    SMTP = "smtp"
    FILE = "file"


class Encryption(StrEnum):
    """How the connection to the mail server is protected; a certificate is always verified."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class MailSettings(Wire, frozen=True, kw_only=True):
    """`port` 0 is the usual one: 587 with STARTTLS (RFC 6409), 465 with TLS (RFC 8314), 25 without.

    `sender`: the address that messages come from. `password_file`: a file that holds nothing but the password of
    `user_name`. `authorities`: a PEM file of the authorities of the server's certificate, in place of the system's.
    `directory`: where FILE writes one `.eml` per message.
    """

    transport: Transport = Transport.NONE
    host: str = ""
    port: int = 0
    encryption: Encryption = Encryption.STARTTLS
    user_name: str = ""
    password_file: Path | None = None
    sender: str = ""
    authorities: Path | None = None
    directory: Path | None = None
    timeout_seconds: float = 20.0


def mail_refusal(settings: MailSettings) -> str | None:
    """Why messages cannot be sent with these settings, in words that name the key; None when they can."""
    if settings.transport is not Transport.SMTP:
        return None
    if not settings.host:
        return "mail.host is missing: name the mail server"
    if mailbox(settings.sender) is None:
        return "mail.sender must be the address that messages come from, such as assay@example.com"
    if bool(settings.user_name) != (settings.password_file is not None):
        return "mail.user_name and mail.password_file belong together: set both, or none"
    if settings.user_name and settings.encryption is Encryption.NONE:
        return "mail.encryption must be starttls or tls where a password is sent"
    if not 0 <= settings.port <= MAX_PORT:
        return "mail.port must be a port, or 0 for the usual one"
    if not MIN_SECONDS <= settings.timeout_seconds <= MAX_SECONDS:
        return f"mail.timeout_seconds must lie between {MIN_SECONDS:g} and {MAX_SECONDS:g}"
    return None
