"""Keys derived for one purpose each from a secret of this installation (HKDF, RFC 5869)."""

from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from assay.values import InvalidInputError, Value

ROOT_BYTES: Final = 32
DERIVED_BYTES: Final = 32
_LABEL: Final = b"assay derived key\x00"


class Derivation(Value, frozen=True, kw_only=True):
    """The secrets that keys are derived from, oldest first; they outlive every rotation of the master key."""

    roots: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if not self.roots or any(len(root) != ROOT_BYTES for root in self.roots):
            raise InvalidInputError(f"keys are derived from at least one secret of {ROOT_BYTES} bytes")

    def __repr__(self) -> str:
        return "Derivation()"

    def key(self, purpose: str) -> bytes:
        """32 bytes for one purpose (`known-device.cookie`): what is made from now on is made with it.

        One purpose says nothing of another: a key never serves two.
        """
        return _derive(self.roots[-1], purpose)

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        """The same, newest first, with those before a rotation: what was made earlier is checked against each."""
        return tuple(_derive(root, purpose) for root in reversed(self.roots))


# The same few, at every attempt to sign in; the secrets stay in memory for as long anyway.
@lru_cache(maxsize=64)
def _derive(root: bytes, purpose: str) -> bytes:
    if not purpose:
        raise InvalidInputError("a derived key needs a purpose")
    return HKDF(algorithm=SHA256(), length=DERIVED_BYTES, salt=None, info=_LABEL + purpose.encode()).derive(root)
