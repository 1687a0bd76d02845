"""Passkeys against a software authenticator: genuine ceremonies pass, every tampering is refused for its reason."""

import json
import os
import subprocess
import sys
from collections.abc import Callable

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.identities.methods.challenge import Challenge, Purpose, new_challenge
from assay.identities.methods.outcome import Refusal
from assay.identities.methods.passkey import (
    Passkey,
    RelyingParty,
    VerifiedAssertion,
    VerifiedRegistration,
    creation_options,
    name_refusal,
    regressed,
    request_options,
    user_handle,
    user_of_handle,
    verify_assertion,
    verify_registration,
)
from assay.identities.methods.webauthn_json import MAX_RESPONSE, read_assertion, read_registration
from assay.identities.users import User
from assay.values import UserId
from tests.identities.authenticator import Authenticator, decode, encode
from tests.identities.people import NOW, person

RP = RelyingParty(
    id="id.assay.localhost", name="Assay", origins=("https://id.assay.localhost:8443", "https://id.assay.localhost")
)
ADA = person()


def authenticator() -> Authenticator:
    return Authenticator(origin=RP.origins[0], rp_id=RP.id)


def challenge(purpose: Purpose, user: User | None = None) -> Challenge:
    return new_challenge(os.urandom(32), purpose=purpose, user_id=user.id if user else None, at=NOW)


def register(device: Authenticator, opened: Challenge | None = None) -> VerifiedRegistration | Refusal:
    opened = opened or challenge(Purpose.REGISTER, ADA)
    response = read_registration(device.register(creation_options(RP, ADA, opened, ())))
    assert not isinstance(response, Refusal)
    return verify_registration(RP, opened, response)


def registered(device: Authenticator) -> Passkey:
    verified = register(device)
    assert isinstance(verified, VerifiedRegistration)
    return verified.passkey(id="1", name="laptop", at=NOW)


def sign_in(
    device: Authenticator, passkey: Passkey, opened: Challenge | None = None, *, tell_handle: bool = True
) -> VerifiedAssertion | Refusal:
    opened = opened or challenge(Purpose.SIGN_IN)
    response = read_assertion(device.sign_in(request_options(RP, opened), tell_handle=tell_handle))
    assert not isinstance(response, Refusal)
    return verify_assertion(RP, opened, response, passkey)


def code(result: object) -> str:
    assert isinstance(result, Refusal)
    return result.reason.code


def test_options_ask_for_a_verified_discoverable_credential_on_our_host_and_for_no_attestation() -> None:
    opened = challenge(Purpose.REGISTER, ADA)
    options = json.loads(creation_options(RP, ADA, opened, (registered(authenticator()),)))
    assert options["rp"] == {"id": RP.id, "name": "Assay"}
    assert decode(options["user"]["id"]) == user_handle(ADA.id)
    assert decode(options["challenge"]) == opened.value
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["requireResidentKey"] is True
    assert options["timeout"] == 300_000
    assert {one["alg"] for one in options["pubKeyCredParams"]} == {-7, -8, -257}


def test_what_the_person_has_is_excluded_from_registration_and_allowed_for_step_up() -> None:
    passkey = msgspec.structs.replace(registered(authenticator()), transports=("internal", "invented"))
    described = {"id": encode(passkey.credential_id), "type": "public-key", "transports": ["internal"]}
    options = json.loads(creation_options(RP, ADA, challenge(Purpose.REGISTER, ADA), (passkey,)))
    assert options["excludeCredentials"] == [described]
    stepping_up = json.loads(request_options(RP, challenge(Purpose.STEP_UP, ADA), (passkey,)))
    assert stepping_up["allowCredentials"] == [described]
    assert stepping_up["userVerification"] == "required"
    assert json.loads(request_options(RP, challenge(Purpose.SIGN_IN)))["allowCredentials"] == []


@pytest.mark.parametrize("origin", RP.origins)
def test_a_genuine_passkey_registers_and_signs_in(origin: str) -> None:
    device = authenticator()
    device.origin = origin
    passkey = registered(device)
    assert passkey.user_id == ADA.id
    assert passkey.credential_id == device.credential_id
    assert passkey.aaguid == "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert passkey.transports == ("internal", "hybrid")
    assert (passkey.backup_eligible, passkey.backed_up) == (False, False)
    verified = sign_in(device, passkey)
    assert isinstance(verified, VerifiedAssertion)
    assert verified.sign_count == 1
    assert verified.proved(NOW).user_id == ADA.id
    assert verified.proved(NOW).proof.user_verified


def test_a_synced_passkey_never_counts_and_its_backup_state_is_kept() -> None:
    device = authenticator()
    device.step, device.backup_eligible, device.backed_up = 0, True, False
    passkey = registered(device)
    assert (passkey.backup_eligible, passkey.backed_up) == (True, False)
    device.backed_up = True
    for _ in range(2):
        verified = sign_in(device, passkey)
        assert isinstance(verified, VerifiedAssertion)
        assert (verified.sign_count, verified.backed_up) == (0, True)


def lie(**changes: object) -> Callable[[Authenticator], None]:
    def tamper(device: Authenticator) -> None:
        for name, value in changes.items():
            assert hasattr(device, name)
            setattr(device, name, value)

    return tamper


LIES = [
    pytest.param(lie(origin="https://id.assay.localhost:8444"), "passkeyNotVerified", id="other port"),
    pytest.param(lie(origin="https://wiki.assay.localhost:8443"), "passkeyNotVerified", id="sibling host"),
    pytest.param(lie(origin="http://id.assay.localhost:8443"), "passkeyNotVerified", id="no TLS"),
    pytest.param(lie(origin="https://id.assay.localhost:8443/"), "passkeyNotVerified", id="not the exact origin"),
    pytest.param(lie(origin="https://id.assay.localhost:8443.evil.example"), "passkeyNotVerified", id="prefix"),
    pytest.param(lie(rp_id="assay.localhost"), "passkeyNotVerified", id="parent domain as RP id"),
    pytest.param(lie(rp_id="evil.example"), "passkeyNotVerified", id="other RP id"),
    pytest.param(lie(challenge=os.urandom(32)), "passkeyNotVerified", id="other challenge"),
    pytest.param(lie(user_present=False), "passkeyNotVerified", id="nobody present"),
    pytest.param(lie(user_verified=False), "passkeyUserNotVerified", id="user not verified"),
    pytest.param(lie(cross_origin=True), "passkeyCrossOrigin", id="in a foreign frame"),
    pytest.param(lie(top_origin="https://evil.example"), "passkeyCrossOrigin", id="under a foreign page"),
    pytest.param(lie(backed_up=True), "passkeyNotVerified", id="backed up though not eligible"),
]


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [*LIES, pytest.param(lie(kind="webauthn.get"), "passkeyNotVerified", id="an assertion's type")],
)
def test_a_tampered_registration_is_refused(tamper: Callable[[Authenticator], None], reason: str) -> None:
    device = authenticator()
    tamper(device)
    assert code(register(device)) == reason


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        *LIES,
        pytest.param(lie(kind="webauthn.create"), "passkeyNotVerified", id="a registration's type"),
        pytest.param(lie(key=generate_private_key(SECP256R1())), "passkeyNotVerified", id="another key"),
        pytest.param(lie(handle=bytes(16)), "passkeyWrongOwner", id="another person's handle"),
        pytest.param(lie(handle=b"x"), "passkeyWrongOwner", id="no handle of ours"),
        pytest.param(lie(credential_id=os.urandom(32)), "passkeyWrongOwner", id="another credential"),
        pytest.param(lie(backup_eligible=True), "passkeyBackupEligibilityChanged", id="eligible all of a sudden"),
        pytest.param(lie(step=0), "clonedAuthenticator", id="counter stands still"),
        pytest.param(lie(step=-3), "clonedAuthenticator", id="counter goes back"),
        pytest.param(lie(count=-1), "clonedAuthenticator", id="counter back to zero"),
    ],
)
def test_a_tampered_assertion_is_refused(tamper: Callable[[Authenticator], None], reason: str) -> None:
    device = authenticator()
    device.count = 7
    passkey = registered(device)
    assert isinstance(sign_in(device, passkey), VerifiedAssertion)
    passkey = msgspec.structs.replace(passkey, sign_count=device.count)
    tamper(device)
    assert code(sign_in(device, passkey)) == reason


def test_a_forged_counter_without_the_key_raises_no_alarm_about_a_clone() -> None:
    device = authenticator()
    passkey = msgspec.structs.replace(registered(device), sign_count=9)
    device.key = generate_private_key(SECP256R1())
    assert code(sign_in(device, passkey)) == "passkeyNotVerified"


def test_a_response_is_worth_nothing_for_another_challenge() -> None:
    device = authenticator()
    passkey = registered(device)
    replayed = read_assertion(device.sign_in(request_options(RP, challenge(Purpose.SIGN_IN))))
    assert not isinstance(replayed, Refusal)
    assert code(verify_assertion(RP, challenge(Purpose.SIGN_IN), replayed, passkey)) == "passkeyNotVerified"


def test_a_challenge_serves_its_purpose_and_person_alone() -> None:
    device = authenticator()
    passkey = registered(device)
    assert code(sign_in(device, passkey, challenge(Purpose.REGISTER, ADA))) == "passkeyWrongPurpose"
    assert code(sign_in(device, passkey, challenge(Purpose.STEP_UP, person("eve")))) == "passkeyWrongOwner"
    assert isinstance(sign_in(device, passkey, challenge(Purpose.STEP_UP, ADA)), VerifiedAssertion)
    assert code(register(authenticator(), challenge(Purpose.SIGN_IN))) == "passkeyWrongPurpose"
    assert code(register(authenticator(), challenge(Purpose.STEP_UP, ADA))) == "passkeyWrongPurpose"


def test_discoverable_sign_in_needs_the_user_handle_and_step_up_does_not() -> None:
    device = authenticator()
    passkey = registered(device)
    assert code(sign_in(device, passkey, tell_handle=False)) == "passkeyWrongOwner"
    stepping_up = challenge(Purpose.STEP_UP, ADA)
    assert isinstance(sign_in(device, passkey, stepping_up, tell_handle=False), VerifiedAssertion)


def test_an_over_long_credential_id_is_refused() -> None:
    device = authenticator()
    device.credential_id = os.urandom(1024)
    assert code(register(device)) == "passkeyNotVerified"


def test_an_unsigned_change_of_the_response_is_refused() -> None:
    device = authenticator()
    passkey = registered(device)
    opened = challenge(Purpose.SIGN_IN)
    document = json.loads(device.sign_in(request_options(RP, opened)))
    data = bytearray(decode(document["response"]["authenticatorData"]))
    data[36] += 1
    document["response"]["authenticatorData"] = encode(bytes(data))
    response = read_assertion(json.dumps(document).encode())
    assert not isinstance(response, Refusal)
    assert code(verify_assertion(RP, opened, response, passkey)) == "passkeyNotVerified"


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"null",
        b"{}",
        b"\xff",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"id": "AA", "response": {"clientDataJSON": "!!"}}',
        b'{"id": "AA", "response": {"clientDataJSON": "e30"}}',
        b'{"id": "\xc3\xa4", "response": {"clientDataJSON": "e30"}}',
        b" " * (MAX_RESPONSE + 1),
    ],
)
def test_what_is_no_response_is_refused(response: bytes) -> None:
    assert code(read_assertion(response)) == "passkeyMalformed"
    assert code(read_registration(response)) == "passkeyMalformed"


@settings(max_examples=300)
@given(st.data())
def test_no_damage_to_a_response_raises_or_passes(data: st.DataObject) -> None:
    device = authenticator()
    passkey = registered(device)
    opened = challenge(Purpose.SIGN_IN)
    genuine = device.sign_in(request_options(RP, opened))
    document = json.loads(genuine)
    inside = data.draw(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]))
    octets = bytearray(decode(document["response"][inside]))
    # Signatures differ in length from run to run, so the place is drawn from a fixed range.
    at = data.draw(st.integers(0, 9_999)) % len(octets)
    octets[at] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.booleans())
    document["response"][inside] = encode(bytes(octets[:at] if cut else octets))
    response = read_assertion(json.dumps(document).encode())
    assert isinstance(response, Refusal) or isinstance(verify_assertion(RP, opened, response, passkey), Refusal)


@settings(max_examples=200)
@given(st.data())
def test_no_damage_to_an_attestation_raises(data: st.DataObject) -> None:
    opened = challenge(Purpose.REGISTER, ADA)
    document = json.loads(authenticator().register(creation_options(RP, ADA, opened, ())))
    octets = bytearray(decode(document["response"]["attestationObject"]))
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    document["response"]["attestationObject"] = encode(bytes(octets))
    response = read_registration(json.dumps(document).encode())
    assert not isinstance(response, Refusal)
    assert isinstance(verify_registration(RP, opened, response), VerifiedRegistration | Refusal)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_counter_must_grow_unless_it_does_not_count(stored: int, seen: int) -> None:
    assert regressed(stored, seen) is not (seen > stored or stored == seen == 0)


def test_handles_stand_for_people() -> None:
    assert user_of_handle(user_handle(ADA.id)) == ADA.id
    assert user_of_handle(None) is None
    assert user_of_handle(b"x" * 15) is None
    assert user_handle(UserId(ADA.id)) != user_handle(person().id)


@pytest.mark.parametrize(
    ("name", "good"), [("laptop", True), ("Adas Schlüssel", True), ("", False), ("x" * 65, False), ("a\nb", False)]
)
def test_names_of_passkeys(name: str, good: bool) -> None:
    assert (name_refusal(name) is None) is good


def test_the_library_is_loaded_by_the_first_ceremony_only() -> None:
    program = "import sys, assay.identities.proving; sys.exit('webauthn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
