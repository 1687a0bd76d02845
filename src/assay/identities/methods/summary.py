"""Which methods a person has: what sign-in may offer, and whether enrolment is complete."""

from assay.policy.request import Method
from assay.values import Value


class MethodSummary(Value, frozen=True, kw_only=True):
    """What a person has registered; a method that waits for its confirmation does not count."""

    password: bool = False
    totp: bool = False
    passkeys: int = 0
    recovery_codes: int = 0

    @property
    def methods(self) -> frozenset[Method]:
        """The usable methods in the engine's words."""
        held = (
            (Method.PASSWORD, self.password),
            (Method.SOFTWARE_OATH, self.totp),
            (Method.FIDO2, self.passkeys > 0),
            (Method.RECOVERY_CODE, self.recovery_codes > 0),
        )
        return frozenset(method for method, has in held if has)

    @property
    def complete(self) -> bool:
        """Whether the person can sign in with two factors and has a way back without an administrator."""
        return (self.passkeys > 0 or (self.password and self.totp)) and self.recovery_codes > 0


class Strengths(Value, frozen=True, kw_only=True):
    """How many people have at best: a passkey, a password with an authenticator app, a password alone, nothing yet."""

    phishing_resistant: int
    mfa: int
    password_only: int
    none: int
