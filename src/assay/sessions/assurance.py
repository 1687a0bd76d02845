"""How well a session is authenticated, in the words of tokens: `amr` (RFC 8176) and `acr` (SP 800-63B levels)."""

from typing import Final

from assay.policy.request import Method, Proof

# RFC 8176 §2 has no value for some of our methods; those say nothing rather than something else.
AMR: Final = {
    Method.PASSWORD: ("pwd",),
    Method.SOFTWARE_OATH: ("otp",),
    Method.HARDWARE_OATH: ("otp", "hwk"),
    Method.FIDO2: ("pop", "user"),
    Method.WINDOWS_HELLO_FOR_BUSINESS: ("pop", "user"),
}
# Methods that prove two factors by themselves when the person was verified (SP 800-63B-4 §3.1.6, §3.1.7).
MULTI_FACTOR: Final = frozenset({Method.FIDO2, Method.WINDOWS_HELLO_FOR_BUSINESS})
# What a second factor may be beside a password; a recovery code is one use of a look-up secret (§3.1.2).
SECOND_FACTORS: Final = frozenset({Method.SOFTWARE_OATH, Method.HARDWARE_OATH, Method.RECOVERY_CODE})

AAL1: Final = "aal1"
AAL2: Final = "aal2"


def acr(proofs: tuple[Proof, ...]) -> str:
    """The authenticator assurance level that these proofs reach: "aal1" or "aal2"."""
    methods = {proof.method for proof in proofs}
    if any(proof.method in MULTI_FACTOR and proof.user_verified for proof in proofs):
        return AAL2
    return AAL2 if Method.PASSWORD in methods and methods & SECOND_FACTORS else AAL1


def amr(proofs: tuple[Proof, ...]) -> tuple[str, ...]:
    """The authentication method references of these proofs, sorted; "mfa" where they reach AAL2."""
    found = {value for proof in proofs for value in AMR.get(proof.method, ())}
    if acr(proofs) == AAL2:
        found.add("mfa")
    return tuple(sorted(found))
