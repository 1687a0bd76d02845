"""How well a session is authenticated, in the words of tokens: `acr` (SP 800-63B-4 levels) and `amr` (RFC 8176)."""

from datetime import datetime, timedelta
from typing import Final

from assay.policy.request import Method, Proof
from assay.values import Value

# RFC 8176 §2 has no value for some of our methods; those say nothing rather than something else. Which of PIN,
# fingerprint or face unlocked a key, WebAuthn does not tell: `pin`, `fpt` and `face` are never claimed for it.
AMR: Final = {
    Method.PASSWORD: ("pwd",),
    Method.SOFTWARE_OATH: ("otp",),
    Method.HARDWARE_OATH: ("otp", "hwk"),
    Method.FIDO2: ("pop", "user"),
    Method.WINDOWS_HELLO_FOR_BUSINESS: ("pop", "user"),
    Method.X509_CERTIFICATE_SINGLE_FACTOR: ("pop",),
    Method.X509_CERTIFICATE_MULTI_FACTOR: ("pop",),
    Method.SMS: ("sms",),
    Method.VOICE: ("tel",),
    Method.QR_CODE_PIN: ("pin",),
}
# Keys that answer only the site they were made for, and only for a person whom they verified (§3.2.5).
VERIFYING_KEYS: Final = frozenset({Method.FIDO2, Method.WINDOWS_HELLO_FOR_BUSINESS})
# What a second factor may be beside a password; a recovery code is one use of a look-up secret (§3.1.2).
SECOND_FACTORS: Final = frozenset({Method.SOFTWARE_OATH, Method.HARDWARE_OATH, Method.RECOVERY_CODE})

AAL1: Final = "aal1"
AAL2: Final = "aal2"
AAL3: Final = "aal3"


class Reauthentication(Value, frozen=True, kw_only=True):
    """For how long one authentication stands for a level: in all, and without activity; None: no limit of its own."""

    overall: timedelta
    inactivity: timedelta | None


# SP 800-63B-4 §2.1.3, §2.2.3, §2.3.3. A session ends earlier: sessions/session.py.
REAUTHENTICATION: Final = {
    AAL1: Reauthentication(overall=timedelta(days=30), inactivity=None),
    AAL2: Reauthentication(overall=timedelta(hours=24), inactivity=timedelta(hours=1)),
    AAL3: Reauthentication(overall=timedelta(hours=12), inactivity=timedelta(minutes=15)),
}


def acr(proofs: tuple[Proof, ...], at: datetime | None = None, *, inactive: timedelta = timedelta(0)) -> str:
    """The authenticator assurance level that these proofs reach: "aal1", "aal2" or "aal3".

    `at`: a proof that is too old for a level by then does not count for it; None: as if all were fresh. `inactive`:
    how long the session was not used before.
    """
    if _reaches_aal3(_fresh(proofs, AAL3, at, inactive)):
        return AAL3
    return AAL2 if _reaches_aal2(_fresh(proofs, AAL2, at, inactive)) else AAL1


def phishing_resistant(proofs: tuple[Proof, ...]) -> bool:
    """Whether a proof is worth nothing to a false page, because a key answered the true one by its name (§3.2.5)."""
    return any(_verifying_key(proof) for proof in proofs)


def amr(proofs: tuple[Proof, ...]) -> tuple[str, ...]:
    """The authentication method references of these proofs, sorted; "mfa" where they reach AAL2."""
    found = {value for proof in proofs for value in AMR.get(proof.method, ())}
    # Hardware or software is what the authenticator says of its own key: no attestation is asked for.
    found |= {"hwk" if proof.device_bound else "swk" for proof in proofs if proof.method in VERIFYING_KEYS}
    if acr(proofs) != AAL1:
        found.add("mfa")
    return tuple(sorted(found))


def _reaches_aal3(proofs: tuple[Proof, ...]) -> bool:
    """A key that verified the person, resists phishing and cannot leave its device (§2.3.1, appendix B)."""
    return any(_verifying_key(proof) and proof.device_bound for proof in proofs)


def _reaches_aal2(proofs: tuple[Proof, ...]) -> bool:
    """A key that verified the person, or a password and something they have (§2.2.1)."""
    methods = {proof.method for proof in proofs}
    return any(map(_verifying_key, proofs)) or (Method.PASSWORD in methods and bool(methods & SECOND_FACTORS))


def _verifying_key(proof: Proof) -> bool:
    return proof.method in VERIFYING_KEYS and proof.user_verified


def _fresh(proofs: tuple[Proof, ...], level: str, at: datetime | None, inactive: timedelta) -> tuple[Proof, ...]:
    limits = REAUTHENTICATION[level]
    if limits.inactivity is not None and inactive >= limits.inactivity:
        return ()
    return proofs if at is None else tuple(proof for proof in proofs if at - proof.at < limits.overall)
