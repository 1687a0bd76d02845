"""The head of a backup: its content key, sealed for a passphrase or for the holders of private keys."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from assay.sealing.segments import CONTENT_KEY_BYTES
from assay.values import AssayError, InvalidInputError, Stored

FORMAT: Final = "assay-backup/1"
MAGIC: Final = b"assay-backup/"
HEADER_LIMIT: Final = 64 * 1024
PASSPHRASE_MINIMUM: Final = 12
_RECIPIENT: Final = "assay-backup-recipient-1:"
_IDENTITY: Final = "assay-backup-identity-1:"
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_INFO: Final = b"assay backup content key"
# RFC 7914 §2; 128 MiB and about half a second, once per backup.
_COST: Final = 1 << 17
_BLOCK: Final = 8
_SALT_BYTES: Final = 16
# What a header may ask of us: a forged one must not take the machine down.
_COST_LIMIT: Final = 1 << 20

Random = Callable[[int], bytes]


class BackupError(AssayError):
    """It is no backup, or one of another format, or does not open with what was given."""


class ForPassphrase(Stored, frozen=True, kw_only=True):
    """The content key under a passphrase: scrypt, then AES-256-GCM."""

    salt: bytes
    cost: int
    sealed: bytes


class Header(Stored, frozen=True, kw_only=True):
    """What can be read without a key; all of it is bound to every segment after it."""

    format: str
    taken_at: datetime
    passphrase: ForPassphrase | None = None
    recipients: tuple[bytes, ...] = ()


def seal_key(
    content_key: bytes, *, at: datetime, passphrase: str = "", recipients: Sequence[str] = (), random: Random
) -> bytes:
    """The header line for a content key, with its line end; raises InvalidInputError."""
    if bool(passphrase) == bool(recipients):
        raise InvalidInputError(
            "a backup is sealed for recipients or with a passphrase",
            remedy="give --recipient (make one: assay backup keygen FILE) or --passphrase-file",
        )
    header = Header(
        format=FORMAT,
        taken_at=at,
        passphrase=_for_passphrase(content_key, passphrase, random) if passphrase else None,
        recipients=tuple(_SUITE.encrypt(content_key, parse_recipient(text), _INFO) for text in recipients),
    )
    return msgspec.json.encode(header) + b"\n"


def parse_header(line: bytes) -> Header:
    """The header that a backup begins with; raises BackupError."""
    if not line.startswith(b"{") or not line.endswith(b"\n"):
        raise BackupError("this is no backup", remedy="name a file that assay backup wrote")
    try:
        header = msgspec.json.decode(line, type=Header)
    except msgspec.MsgspecError as error:
        raise BackupError(f"this is no backup: {error}", remedy="name a file that assay backup wrote") from None
    if header.format != FORMAT:
        raise BackupError(
            f"the backup has format {header.format!r}, and this release reads {FORMAT!r}",
            remedy="restore it with the release that made it, then upgrade",
        )
    return header


def open_key(header: Header, *, passphrase: str = "", identity: str = "") -> bytes:
    """The content key; raises BackupError where what was given does not open it."""
    if passphrase:
        return _by_passphrase(header, passphrase)
    if not identity:
        needed = "--passphrase-file" if header.passphrase else "--identity"
        raise BackupError("the backup is sealed", remedy=f"give {needed}")
    private = _private(identity)
    for sealed in header.recipients:
        try:
            return _SUITE.decrypt(sealed, private, _INFO)
        except Exception:  # noqa: BLE001, S112 - another recipient's; cryptography names no one type for it
            continue
    raise BackupError(
        "the backup was not made for this identity", remedy="use the identity of a recipient it was made for"
    )


def generate() -> tuple[str, str]:
    """A new identity (to be kept secret, away from the service) and its recipient."""
    private = X25519PrivateKey.generate()
    identity = _IDENTITY + b64encode(private.private_bytes_raw()).decode()
    return identity, _RECIPIENT + b64encode(private.public_key().public_bytes_raw()).decode()


def parse_recipient(text: str) -> X25519PublicKey:
    """Raises InvalidInputError for what is no recipient."""
    return X25519PublicKey.from_public_bytes(_octets(text, _RECIPIENT, "recipient"))


def _private(text: str) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(_octets(text, _IDENTITY, "identity"))


def _octets(text: str, prefix: str, what: str) -> bytes:
    try:
        octets = b64decode(text.strip().removeprefix(prefix), validate=True)
    except ValueError:
        octets = b""
    if not text.strip().startswith(prefix) or len(octets) != CONTENT_KEY_BYTES:
        raise InvalidInputError(f"this is no {what} of a backup", remedy="make both with: assay backup keygen FILE")
    return octets


def _for_passphrase(content_key: bytes, passphrase: str, random: Random) -> ForPassphrase:
    if len(passphrase) < PASSPHRASE_MINIMUM:
        raise InvalidInputError(
            f"a passphrase has at least {PASSPHRASE_MINIMUM} characters", remedy="use five random words, or a recipient"
        )
    salt = random(_SALT_BYTES)
    # The key seals one thing once, so its nonce may be fixed.
    sealed = AESGCM(_stretched(passphrase, salt, _COST)).encrypt(bytes(12), content_key, _INFO)
    return ForPassphrase(salt=salt, cost=_COST, sealed=sealed)


def _by_passphrase(header: Header, passphrase: str) -> bytes:
    kept = header.passphrase
    if kept is None:
        raise BackupError("the backup has no passphrase", remedy="give --identity")
    if not 1 < kept.cost <= _COST_LIMIT or kept.cost & (kept.cost - 1):
        raise BackupError("the backup's header was changed", remedy="use another copy of it")
    try:
        return AESGCM(_stretched(passphrase, kept.salt, kept.cost)).decrypt(bytes(12), kept.sealed, _INFO)
    except InvalidTag:
        raise BackupError("the passphrase is wrong", remedy="use the one it was made with") from None


def _stretched(passphrase: str, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=CONTENT_KEY_BYTES, n=cost, r=_BLOCK, p=1).derive(passphrase.encode())
