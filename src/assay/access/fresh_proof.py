"""Two factors of the last minutes: whoever finds a desk unlocked cannot go on with what matters most."""

from datetime import datetime, timedelta
from typing import Final

from assay.access.steps import AskAgain, AskSecondFactor, Refused
from assay.identities.methods.summary import MethodSummary
from assay.policy import Method, Proof
from assay.sessions.assurance import AAL1, acr
from assay.values import Reason

FRESH: Final = timedelta(minutes=10)


def fresh_step(
    proofs: tuple[Proof, ...], held: MethodSummary, user_name: str, at: datetime, *, why: Reason
) -> AskAgain | AskSecondFactor | Refused | None:
    """What is asked before such an act; None: two factors are fresh. A recovery code is none of them.

    `why`: what the person is told.
    """
    fresh = tuple(proof for proof in proofs if at - proof.at < FRESH and proof.method is not Method.RECOVERY_CODE)
    if acr(fresh) != AAL1:
        return None
    codes = held.password and held.totp
    if not codes and not held.passkeys:
        return Refused(
            app_name="",
            reasons=(why, Reason.of("noSuitableMethod")),
            remedies=(Reason.of("registerMethod"),),
            short_code="",
            at=at,
            user_name=user_name,
        )
    if codes and any(proof.method is Method.PASSWORD for proof in fresh):
        return AskSecondFactor(app_name="", totp=True, passkey=held.passkeys > 0, recovery_code=False, reasons=(why,))
    return AskAgain(app_name="", user_name=user_name, password=codes, passkey=held.passkeys > 0, reasons=(why,))
