"""Passkeys: WebAuthn ceremonies with user verification, on exactly our identity host."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from assay.identities.methods.challenge import LIFETIME, Challenge, Purpose
from assay.identities.methods.outcome import Proved, Refusal
from assay.identities.methods.webauthn_json import Assertion, Registration
from assay.identities.users import User
from assay.policy.request import Method
from assay.values import Reason, UserId, Value

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

# py_webauthn is imported where it is first used: it costs 12 MB that a node without a ceremony does not pay.

MAX_PASSKEYS = 20
MAX_NAME = 64
MAX_CREDENTIAL_ID = 1023  # WebAuthn §7.1
MAX_DETAIL = 200


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

    user_id: UserId
    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: str
    backup_eligible: bool
    backed_up: bool
    transports: tuple[str, ...]

    def passkey(self, *, id: str, name: str, at: datetime) -> Passkey:  # noqa: A002  the field it fills
        """The passkey to store, under our id and the name that the person gave it."""
        return Passkey(
            id=id,
            user_id=self.user_id,
            credential_id=self.credential_id,
            public_key=self.public_key,
            sign_count=self.sign_count,
            name=name,
            aaguid=self.aaguid,
            backup_eligible=self.backup_eligible,
            backed_up=self.backed_up,
            transports=self.transports,
            created_at=at,
        )


class VerifiedAssertion(Value, frozen=True, kw_only=True):
    """A person showed this credential and was verified by it; what that changes of the passkey."""

    user_id: UserId
    credential_id: bytes
    sign_count: int
    backed_up: bool
    device_bound: bool = False

    def proved(self, at: datetime) -> Proved:
        """The proof, once the record accepted the use."""
        return Proved(
            user_id=self.user_id, method=Method.FIDO2, at=at, user_verified=True, device_bound=self.device_bound
        )


def user_handle(user_id: UserId) -> bytes:
    """What an authenticator keeps to tell whose passkey it is: the id's 16 octets, nothing personal (§14.6.1)."""
    return UUID(user_id).bytes


def user_of_handle(handle: bytes | None) -> UserId | None:
    """The person this handle stands for, None if it is none of ours."""
    return UserId(str(UUID(bytes=handle))) if handle is not None and len(handle) == 16 else None


def name_refusal(name: str) -> Reason | None:
    """Why a passkey cannot be called this, or None."""
    if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        return Reason.of("passkeyName", maximum=str(MAX_NAME))
    return None


def creation_options(rp: RelyingParty, user: User, challenge: Challenge, existing: Iterable[Passkey]) -> str:
    """PublicKeyCredentialCreationOptionsJSON: a discoverable credential, and none that the person has already."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AttestationConveyancePreference,
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=rp.id,
        rp_name=rp.name,
        user_id=user_handle(user.id),
        user_name=user.user_name,
        user_display_name=user.display_name,
        challenge=challenge.value,
        timeout=int(LIFETIME.total_seconds() * 1000),
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(existing),
    )
    return options_to_json(options)


def request_options(rp: RelyingParty, challenge: Challenge, allowed: Iterable[Passkey] = ()) -> str:
    """PublicKeyCredentialRequestOptionsJSON; `allowed` stays empty where the passkey is to tell who it is."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=rp.id,
        challenge=challenge.value,
        timeout=int(LIFETIME.total_seconds() * 1000),
        allow_credentials=_descriptors(allowed),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def verify_registration(
    rp: RelyingParty, challenge: Challenge, response: Registration
) -> VerifiedRegistration | Refusal:
    """Verify a registration (WebAuthn §7.1) against the challenge that was taken for it."""
    from webauthn import verify_registration_response
    from webauthn.helpers.structs import CredentialDeviceType

    if challenge.purpose is not Purpose.REGISTER or challenge.user_id is None:
        return Refusal.of("passkeyWrongPurpose")
    if response.client.embedded:
        return Refusal.of("passkeyCrossOrigin")
    try:
        verified = verify_registration_response(
            credential=response.document,
            expected_challenge=challenge.value,
            expected_rp_id=rp.id,
            expected_origin=list(rp.origins),
        )
    except Exception as error:  # noqa: BLE001  whatever a hostile response makes the parsers raise, it is refused
        return _not_verified(error)
    if not verified.user_verified:
        return Refusal.of("passkeyUserNotVerified")
    if len(verified.credential_id) > MAX_CREDENTIAL_ID or verified.credential_id != response.credential_id:
        return Refusal.of("passkeyNotVerified", detail="the credential id is not the attested one, or too long")
    return VerifiedRegistration(
        user_id=challenge.user_id,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        aaguid=verified.aaguid,
        backup_eligible=verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        backed_up=verified.credential_backed_up,
        transports=response.transports,
    )


def verify_assertion(
    rp: RelyingParty, challenge: Challenge, response: Assertion, passkey: Passkey
) -> VerifiedAssertion | Refusal:
    """Verify an assertion (WebAuthn §7.2) against the challenge that was taken for it and the passkey it names."""
    from webauthn import verify_authentication_response
    from webauthn.helpers.structs import CredentialDeviceType

    refusal = _claims_refusal(challenge, response, passkey)
    if refusal is not None:
        return refusal
    try:
        verified = verify_authentication_response(
            credential=response.document,
            expected_challenge=challenge.value,
            expected_rp_id=rp.id,
            expected_origin=list(rp.origins),
            credential_public_key=passkey.public_key,
            # The library looks at the counter before the signature; an alarm about a clone must be a signed one.
            credential_current_sign_count=0,
        )
    except Exception as error:  # noqa: BLE001  whatever a hostile response makes the parsers raise, it is refused
        return _not_verified(error)
    if verified.credential_id != passkey.credential_id:
        return Refusal.of("passkeyWrongOwner")
    if not verified.user_verified:
        return Refusal.of("passkeyUserNotVerified")
    if (verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE) is not passkey.backup_eligible:
        return Refusal.of("passkeyBackupEligibilityChanged")
    if regressed(passkey.sign_count, verified.new_sign_count):
        return Refusal.of("clonedAuthenticator")
    return VerifiedAssertion(
        user_id=passkey.user_id,
        credential_id=passkey.credential_id,
        sign_count=verified.new_sign_count,
        backed_up=verified.credential_backed_up,
        device_bound=not passkey.backup_eligible,
    )


def regressed(stored: int, seen: int) -> bool:
    """Whether a signature counter did not move on, which a copied key would show (§6.1.1); zero never counts."""
    return (stored > 0 or seen > 0) and seen <= stored


def _claims_refusal(challenge: Challenge, response: Assertion, passkey: Passkey) -> Refusal | None:
    if challenge.purpose is Purpose.REGISTER:
        return Refusal.of("passkeyWrongPurpose")
    if response.client.embedded:
        return Refusal.of("passkeyCrossOrigin")
    if response.credential_id != passkey.credential_id or challenge.user_id not in (None, passkey.user_id):
        return Refusal.of("passkeyWrongOwner")
    # Who was not known before must be told by the authenticator itself (§7.2 step 6), not by our own look-up.
    if response.user_handle is None:
        return Refusal.of("passkeyWrongOwner") if challenge.user_id is None else None
    return None if user_of_handle(response.user_handle) == passkey.user_id else Refusal.of("passkeyWrongOwner")


def _not_verified(error: Exception) -> Refusal:
    return Refusal.of("passkeyNotVerified", detail=f"{type(error).__name__}: {error}"[:MAX_DETAIL])


def _descriptors(passkeys: Iterable[Passkey]) -> "list[PublicKeyCredentialDescriptor]":
    from webauthn.helpers.structs import AuthenticatorTransport, PublicKeyCredentialDescriptor

    known = {transport.value for transport in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=passkey.credential_id,
            transports=[AuthenticatorTransport(name) for name in passkey.transports if name in known],
        )
        for passkey in passkeys
    ]
