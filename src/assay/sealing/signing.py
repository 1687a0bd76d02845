"""Signing keys: the newest of a purpose that has begun signs, all that are not retired verify."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import ECKey, OKPKey

from assay.sealing.seal import Keyring
from assay.values import AssayError, NotFoundError, Stored, Value

PrivateKey: TypeAlias = ECKey | OKPKey


class KeyPurpose(StrEnum):
    """What a key signs; a key never serves two purposes, so that no signature is taken for another."""

    ASSERTION = "assertion"
    CHECKPOINT = "checkpoint"


class Algorithm(StrEnum):
    """JOSE's names (RFC 7518, RFC 9864)."""

    ES256 = "ES256"
    ED25519 = "Ed25519"


ALGORITHMS: Final[Mapping[KeyPurpose, Algorithm]] = {
    KeyPurpose.ASSERTION: Algorithm.ES256,
    KeyPurpose.CHECKPOINT: Algorithm.ED25519,
}


class PublicJwk(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """A public key as it is published (RFC 7517); `kid` is its thumbprint (RFC 7638)."""

    kid: str
    kty: str
    crv: str
    alg: str
    x: str
    y: str | None = None
    use: str | None = None


class Jwks(Stored, frozen=True, kw_only=True):
    """A JWK set."""

    keys: tuple[PublicJwk, ...]


class StoredKey(Value, frozen=True, kw_only=True):
    """A signing key as the database has it."""

    kid: str
    purpose: KeyPurpose
    algorithm: Algorithm
    public: PublicJwk
    sealed_private: bytes
    created_at: datetime
    signs_from: datetime
    retired_at: datetime | None = None


class SigningKey(Value, frozen=True, kw_only=True):
    """A signing key that is open and ready; nothing of it appears in a representation."""

    kid: str
    purpose: KeyPurpose
    algorithm: Algorithm
    public: PublicJwk
    private: PrivateKey
    created_at: datetime
    signs_from: datetime
    retired_at: datetime | None = None

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid!r}, purpose={self.purpose.value!r})"

    def ed25519(self) -> Ed25519PrivateKey:
        """The bare Ed25519 key, for formats beside JOSE; raises AssayError for another algorithm."""
        key = self.private.private_key
        if not isinstance(key, Ed25519PrivateKey):
            raise AssayError(f"signing key {self.kid} is no Ed25519 key")
        return key


class SigningKeys(Value, frozen=True, kw_only=True):
    """The keys of every purpose, in the order in which they sign."""

    keys: tuple[SigningKey, ...]

    def signer(self, purpose: KeyPurpose, at: datetime) -> SigningKey:
        """The key that signs at this instant; raises NotFoundError where there is none.

        One that is published and has not begun signs only where there is no other, such as after the clock went back.
        """
        found = self.of(purpose)
        if not found:
            raise NotFoundError(f"there is no signing key for {purpose.value}", remedy="run: assay doctor")
        return next((key for key in found if key.signs_from <= at), found[-1])

    def of(self, purpose: KeyPurpose, *, retired: bool = False) -> tuple[SigningKey, ...]:
        """Every key that verifies, newest first; with `retired` also those that no longer do."""
        ours = (key for key in reversed(self.keys) if key.purpose is purpose)
        return tuple(key for key in ours if retired or key.retired_at is None)

    def jwks(self, purpose: KeyPurpose) -> Jwks:
        """What is published, newest first, the one that signs next among them."""
        return Jwks(keys=tuple(key.public for key in self.of(purpose)))


def generate(purpose: KeyPurpose, keyring: Keyring, *, at: datetime, signs_from: datetime) -> StoredKey:
    """A new key pair of the purpose's algorithm, its private half sealed (PKCS #8)."""
    algorithm = ALGORITHMS[purpose]
    private: PrivateKey
    if algorithm is Algorithm.ES256:
        private = ECKey.generate_key("P-256", private=True)
    else:
        private = OKPKey.generate_key("Ed25519", private=True)
    public = _public(private, algorithm)
    return StoredKey(
        kid=public.kid,
        purpose=purpose,
        algorithm=algorithm,
        public=public,
        sealed_private=keyring.seal(private.as_der(private=True), context=signing_context(public.kid, purpose)),
        created_at=at,
        signs_from=signs_from,
    )


def open_key(stored: StoredKey, keyring: Keyring) -> SigningKey:
    """The key, ready to sign; raises UnknownMasterKeyError or SealBrokenError."""
    der = keyring.open(stored.sealed_private, context=signing_context(stored.kid, stored.purpose))
    kind = ECKey if stored.algorithm is Algorithm.ES256 else OKPKey
    private: PrivateKey = kind.import_key(der)
    return SigningKey(
        kid=stored.kid,
        purpose=stored.purpose,
        algorithm=stored.algorithm,
        # From the sealed half, not from the column beside it, which whoever writes to the database could swap.
        public=_public(private, stored.algorithm),
        private=private,
        created_at=stored.created_at,
        signs_from=stored.signs_from,
        retired_at=stored.retired_at,
    )


def _public(private: PrivateKey, algorithm: Algorithm) -> PublicJwk:
    members = private.as_dict(private=False)
    ordinate = members.get("y")
    return PublicJwk(
        kid=private.thumbprint(),
        kty=str(members["kty"]),
        crv=str(members["crv"]),
        alg=algorithm.value,
        x=str(members["x"]),
        y=None if ordinate is None else str(ordinate),
        use="sig",
    )


def signing_context(kid: str, purpose: KeyPurpose) -> str:
    """Where a private key is sealed for."""
    return f"signing_key.sealed_private:{purpose.value}:{kid}"
