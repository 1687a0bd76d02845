"""Master keys and what they seal, and the keys that sign."""

from assay.sealing.derivation import Derivation
from assay.sealing.key_file import KeyFile, KeyFileError
from assay.sealing.seal import KeyId, Keyring, MasterKey, SealBrokenError, UnknownMasterKeyError, sealed_with
from assay.sealing.signing import Algorithm, Jwks, KeyPurpose, PublicJwk, SigningKey, SigningKeys

__all__ = [
    "Algorithm",
    "Derivation",
    "Jwks",
    "KeyFile",
    "KeyFileError",
    "KeyId",
    "KeyPurpose",
    "Keyring",
    "MasterKey",
    "PublicJwk",
    "SealBrokenError",
    "SigningKey",
    "SigningKeys",
    "UnknownMasterKeyError",
    "sealed_with",
]
