"""Passkeys: WebAuthn ceremonies with user verification, on exactly our identity host."""

from datetime import datetime

from assay.identities.methods.outcome import Refusal
from assay.identities.users import User
from assay.values import UserId, Value

MAX_PASSKEYS = 20


class RelyingParty(Value, frozen=True, kw_only=True):
    """Who we are to an authenticator: `id` is exactly `id.<base>`, `origins` are compared whole."""

    id: str
    name: str
    origins: tuple[str, ...]


class Passkey(Value, frozen=True, kw_only=True):
    """One credential of a person; `id` names it in our own pages, `credential_id` to authenticators."""

    id: str
    user_id: UserId
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    aaguid: str
    backup_eligible: bool
    backed_up: bool
    transports: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None = None


class VerifiedRegistration(Value, frozen=True, kw_only=True):
    """What a verified registration says of the new credential."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: str
    backup_eligible: bool
    backed_up: bool
    transports: tuple[str, ...]


class Assertion(Value, frozen=True, kw_only=True):
    """Whose credential a response claims to be; nothing of it is verified yet."""

    credential_id: bytes
    user_id: UserId | None
    challenge: bytes


class VerifiedAssertion(Value, frozen=True, kw_only=True):
    """What a verified assertion changes of the passkey."""

    sign_count: int
    backed_up: bool


def creation_options(rp: RelyingParty, user: User, challenge: bytes, existing: tuple[Passkey, ...]) -> str:
    """PublicKeyCredentialCreationOptionsJSON."""
    raise NotImplementedError


def request_options(rp: RelyingParty, challenge: bytes, allowed: tuple[Passkey, ...] = ()) -> str:
    """PublicKeyCredentialRequestOptionsJSON."""
    raise NotImplementedError


def registration_challenge(response: bytes) -> bytes | Refusal:
    """The challenge that a registration response claims to answer, for the look-up; nothing is verified yet."""
    raise NotImplementedError


def read_assertion(response: bytes) -> Assertion | Refusal:
    """The claims of a response."""
    raise NotImplementedError


def verify_registration(rp: RelyingParty, challenge: bytes, response: bytes) -> VerifiedRegistration | Refusal:
    """Verify a RegistrationResponseJSON."""
    raise NotImplementedError


def verify_assertion(
    rp: RelyingParty, challenge: bytes, response: bytes, passkey: Passkey
) -> VerifiedAssertion | Refusal:
    """Verify an AuthenticationResponseJSON."""
    raise NotImplementedError
