"""A passkey in software: real keys, real signatures (WebAuthn Level 3), synced to all devices of its person."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from assay.values import Value

_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_SCALAR_OCTETS, _ID_OCTETS = 40, 32  # 64 bits more than the order: the remainder is as good as even (FIPS 186-5 A.2.1)
# User present, user verified, backup eligible, backed up; attested credential data (§6.1).
_FLAGS: Final = 0x01 | 0x04 | 0x08 | 0x10
_ATTESTED: Final = 0x40
_AAGUID: Final = bytes(16)
# A synced passkey counts nothing (§6.1.1).
_COUNT: Final = bytes(4)
_ES256: Final = -7


class Passkey(Value, frozen=True, kw_only=True):
    """A credential; `scalar` is its private key, `handle` whose it is once it is registered, base64url like the id."""

    scalar: str
    credential_id: str
    handle: str = ""


def new_passkey(random: Callable[[int], bytes]) -> Passkey:
    """A key that nobody registered yet."""
    scalar = int.from_bytes(random(_SCALAR_OCTETS)) % (_ORDER - 1) + 1
    return Passkey(scalar=f"{scalar:064x}", credential_id=_encode(random(_ID_OCTETS)))


def register(passkey: Passkey, options: str, *, origin: str) -> tuple[Passkey, bytes]:
    """The passkey as it is registered, and RegistrationResponseJSON for these creation options."""
    from webauthn.helpers import encode_cbor

    asked = json.loads(options)
    client = _client("webauthn.create", str(asked["challenge"]), origin)
    public = _key(passkey).public_key().public_numbers()
    key = encode_cbor({1: 2, 3: _ES256, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")})
    identifier = _decode(passkey.credential_id)
    attested = _AAGUID + len(identifier).to_bytes(2, "big") + identifier + key
    data = _authenticator_data(str(asked["rp"]["id"]), _FLAGS | _ATTESTED) + attested
    response: dict[str, object] = {
        "clientDataJSON": _encode(client),
        "attestationObject": _encode(encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})),
        "transports": ["hybrid", "internal"],
        "publicKeyAlgorithm": _ES256,
    }
    kept = Passkey(scalar=passkey.scalar, credential_id=passkey.credential_id, handle=str(asked["user"]["id"]))
    return kept, _wrapped(kept, response)


def sign(passkey: Passkey, options: str, *, origin: str) -> bytes:
    """AuthenticationResponseJSON for these request options."""
    asked = json.loads(options)
    client = _client("webauthn.get", str(asked["challenge"]), origin)
    data = _authenticator_data(str(asked["rpId"]), _FLAGS)
    signature = _key(passkey).sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
    response: dict[str, object] = {
        "clientDataJSON": _encode(client),
        "authenticatorData": _encode(data),
        "signature": _encode(signature),
        "userHandle": passkey.handle,
    }
    return _wrapped(passkey, response)


def _key(passkey: Passkey) -> EllipticCurvePrivateKey:
    return derive_private_key(int(passkey.scalar, 16), SECP256R1())


def _client(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()


def _authenticator_data(rp_id: str, flags: int) -> bytes:
    return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + _COUNT


def _wrapped(passkey: Passkey, response: dict[str, object]) -> bytes:
    document = {
        "id": passkey.credential_id,
        "rawId": passkey.credential_id,
        "type": "public-key",
        "authenticatorAttachment": "platform",
        "clientExtensionResults": {},
        "response": response,
    }
    return json.dumps(document).encode()


def _encode(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
