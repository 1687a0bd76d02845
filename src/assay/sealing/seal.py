"""Sealing: AES-256-GCM under a master key, bound to the place where the ciphertext is kept."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, NewType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from assay.values import AssayError, InvalidInputError, Value

KeyId = NewType("KeyId", str)  # 16 lower-case hex digits

KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 8
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_HEADER_BYTES: Final = len(_VERSION) + KEY_ID_BYTES + _NONCE_BYTES

Random = Callable[[int], bytes]


class UnknownMasterKeyError(AssayError):
    """It was sealed with a master key that the key file does not hold."""


class SealBrokenError(AssayError):
    """It was changed, or moved here from another place, or is no sealed value at all."""


class MasterKey(Value, frozen=True, kw_only=True):
    """One master key; its bytes never appear in a representation."""

    id: KeyId
    created_at: datetime
    seals_from: datetime
    secret: bytes

    def __repr__(self) -> str:
        return f"MasterKey(id={self.id!r})"


def new_master_key(random: bytes, *, at: datetime, seals_from: datetime | None = None) -> MasterKey:
    """A master key from 40 random bytes, which seals from an instant on; None: at once."""
    if len(random) != KEY_ID_BYTES + KEY_BYTES:
        raise InvalidInputError(f"a master key is made of {KEY_ID_BYTES + KEY_BYTES} random bytes")
    return MasterKey(
        id=KeyId(random[:KEY_ID_BYTES].hex()),
        created_at=at,
        seals_from=seals_from or at,
        secret=random[KEY_ID_BYTES:],
    )


class Keyring(Value, frozen=True, kw_only=True):
    """The master keys: the last one seals, all of them open."""

    keys: tuple[MasterKey, ...]
    random: Random

    def __post_init__(self) -> None:
        if not self.keys or len({key.id for key in self.keys}) != len(self.keys):
            raise InvalidInputError("a keyring needs at least one key, and each key once")

    @property
    def newest(self) -> MasterKey:
        return self.keys[-1]

    def seal(self, plaintext: bytes, *, context: str) -> bytes:
        """Seal for one place.

        `context` names table, column and row (`signing_key.private_key:KID`): opened in any other place it is broken,
        so that who can write to the database cannot swap one secret for another.
        """
        key = self.newest
        nonce = self.random(_NONCE_BYTES)
        header = _VERSION + bytes.fromhex(key.id) + nonce
        return header + AESGCM(key.secret).encrypt(nonce, plaintext, _bound(header, context))

    def open(self, sealed: bytes, *, context: str) -> bytes:
        """The plaintext; raises UnknownMasterKeyError or SealBrokenError."""
        wanted = sealed_with(sealed)
        key = next((key for key in self.keys if key.id == wanted), None)
        if key is None:
            raise UnknownMasterKeyError(
                f"{context} is sealed with master key {wanted}, which the key file does not hold",
                remedy="give --master-key the file that belongs to this database, or restore that file from its backup",
            )
        header, body = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]
        try:
            return AESGCM(key.secret).decrypt(header[-_NONCE_BYTES:], body, _bound(header, context))
        except InvalidTag:
            raise SealBrokenError(
                f"{context} does not open: it was changed, or moved here from another place",
                remedy="restore the database from a backup, and find out who wrote to it",
            ) from None


def sealed_with(sealed: bytes) -> KeyId:
    """The id of the master key that sealed this; raises SealBrokenError for what is no sealed value."""
    if len(sealed) < _HEADER_BYTES + _TAG_BYTES or not sealed.startswith(_VERSION):
        raise SealBrokenError("this is no sealed value")
    return KeyId(sealed[len(_VERSION) : len(_VERSION) + KEY_ID_BYTES].hex())


def _bound(header: bytes, context: str) -> bytes:
    return header + context.encode()
