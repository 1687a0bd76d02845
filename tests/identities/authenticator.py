"""A software authenticator: real keys, real signatures, and every lie that an attacker could make it tell."""

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

USER_PRESENT, USER_VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def encode(octets: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(octets).decode().rstrip("=")


def decode(text: str) -> bytes:
    """The octets of base64url without padding."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One credential on one authenticator; change an attribute to make it lie."""

    origin: str
    rp_id: str
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    handle: bytes | None = None
    aaguid: bytes = bytes(range(16))
    count: int = 0
    step: int = 1
    user_present: bool = True
    user_verified: bool = True
    backup_eligible: bool = False
    backed_up: bool = False
    cross_origin: bool = False
    top_origin: str | None = None
    challenge: bytes | None = None
    kind: str | None = None

    def register(self, options: str) -> bytes:
        """RegistrationResponseJSON for these creation options."""
        asked = json.loads(options)
        self.handle = decode(asked["user"]["id"])
        client = self._client(kind="webauthn.create", challenge=decode(asked["challenge"]))
        numbers = self.key.public_key().public_numbers()
        public = encode_cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        attested = self.aaguid + len(self.credential_id).to_bytes(2, "big") + self.credential_id + public
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        response = {
            "clientDataJSON": encode(client),
            "attestationObject": encode(encode_cbor(attestation)),
            "transports": ["internal", "hybrid"],
            "publicKeyAlgorithm": -7,
        }
        return self._wrap(response)

    def sign_in(self, options: str, *, tell_handle: bool = True) -> bytes:
        """AuthenticationResponseJSON for these request options."""
        self.count += self.step
        client = self._client(kind="webauthn.get", challenge=decode(json.loads(options)["challenge"]))
        data = self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        response = {
            "clientDataJSON": encode(client),
            "authenticatorData": encode(data),
            "signature": encode(signature),
            "userHandle": encode(self.handle) if tell_handle and self.handle is not None else None,
        }
        return self._wrap(response)

    def _client(self, *, kind: str, challenge: bytes) -> bytes:
        data = {
            "type": self.kind or kind,
            "challenge": encode(self.challenge or challenge),
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
            "other_keys_can_be_added_here": "do not compare clientDataJSON against a template",
        }
        if self.top_origin is not None:
            data["topOrigin"] = self.top_origin
        return json.dumps(data).encode()

    def _data(self, flags: int) -> bytes:
        for flag, on in (
            (USER_PRESENT, self.user_present),
            (USER_VERIFIED, self.user_verified),
            (BACKUP_ELIGIBLE, self.backup_eligible),
            (BACKED_UP, self.backed_up),
        ):
            flags |= flag if on else 0
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _wrap(self, response: dict[str, object]) -> bytes:
        document = {
            "id": encode(self.credential_id),
            "rawId": encode(self.credential_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }
        return json.dumps(document).encode()
