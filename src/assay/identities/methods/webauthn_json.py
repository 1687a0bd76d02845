"""The JSON of WebAuthn responses (Level 3 §5.1): what a browser claims, read once at the edge, not yet verified."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TypeVar

import msgspec

from assay.identities.methods.outcome import Refusal
from assay.values import Value

MAX_RESPONSE = 64 * 1024
MAX_TRANSPORTS = 8
MAX_TRANSPORT = 32


class ClientData(Value, frozen=True, kw_only=True, rename="camel"):
    """CollectedClientData, as far as we look at it ourselves; unknown members are ignored, as §5.8.1 asks."""

    challenge: str
    cross_origin: bool = False
    top_origin: str | None = None

    @property
    def embedded(self) -> bool:
        """Whether the ceremony ran in a frame of another origin, which ours never do."""
        return self.cross_origin or self.top_origin is not None


class _AttestationResponse(Value, frozen=True, kw_only=True):
    clientDataJSON: str  # noqa: N815  the name in the standard
    transports: tuple[str, ...] = ()


class _AssertionResponse(Value, frozen=True, kw_only=True):
    clientDataJSON: str  # noqa: N815  the name in the standard
    userHandle: str | None = None  # noqa: N815  the name in the standard


class _RegistrationDocument(Value, frozen=True, kw_only=True):
    id: str
    response: _AttestationResponse


class _AssertionDocument(Value, frozen=True, kw_only=True):
    id: str
    response: _AssertionResponse


_Document = TypeVar("_Document", _RegistrationDocument, _AssertionDocument)


class Registration(Value, frozen=True, kw_only=True):
    """A RegistrationResponseJSON; `challenge` finds the ceremony, `document` is what gets verified."""

    credential_id: bytes
    challenge: bytes
    client: ClientData
    transports: tuple[str, ...]
    document: str


class Assertion(Value, frozen=True, kw_only=True):
    """An AuthenticationResponseJSON; `challenge` finds the ceremony, `credential_id` the passkey it claims to be."""

    credential_id: bytes
    challenge: bytes
    client: ClientData
    user_handle: bytes | None
    document: str


def read_registration(response: bytes) -> Registration | Refusal:
    """Read what `PublicKeyCredential.toJSON()` made of a registration."""
    try:
        found = _decode(response, _RegistrationDocument)
        client = msgspec.json.decode(_octets(found.response.clientDataJSON), type=ClientData)
        return Registration(
            credential_id=_octets(found.id),
            challenge=_octets(client.challenge),
            client=client,
            transports=tuple(name[:MAX_TRANSPORT] for name in found.response.transports[:MAX_TRANSPORTS]),
            document=response.decode(),
        )
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return _malformed(error)


def read_assertion(response: bytes) -> Assertion | Refusal:
    """Read what `PublicKeyCredential.toJSON()` made of an assertion."""
    try:
        found = _decode(response, _AssertionDocument)
        client = msgspec.json.decode(_octets(found.response.clientDataJSON), type=ClientData)
        handle = found.response.userHandle
        return Assertion(
            credential_id=_octets(found.id),
            challenge=_octets(client.challenge),
            client=client,
            user_handle=_octets(handle) if handle else None,
            document=response.decode(),
        )
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return _malformed(error)


def _decode(response: bytes, shape: type[_Document]) -> _Document:
    if len(response) > MAX_RESPONSE:
        raise ValueError(f"more than {MAX_RESPONSE} octets")
    return msgspec.json.decode(response, type=shape)


def _octets(text: str) -> bytes:
    """Base64url without padding, strictly: what Python would skip over is refused."""
    octets = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if urlsafe_b64encode(octets).decode().rstrip("=") != text.rstrip("="):
        raise ValueError("not base64url")
    return octets


def _malformed(error: Exception) -> Refusal:
    return Refusal.of("passkeyMalformed", detail=str(error)[:200])
