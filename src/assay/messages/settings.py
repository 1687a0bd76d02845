"""How messages leave the house: `[mail]` of the configuration file."""

from enum import StrEnum
from pathlib import Path

from assay.values import Wire


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
