"""What a person's authenticator app does: show the code of this moment (RFC 6238)."""

from base64 import b32decode
from datetime import datetime

from assay.identities.methods.totp import STEP, code_at, counter_at


def current_code(secret_text: str, at: datetime) -> str:
    """The six digits of a Base32 secret at this instant; raises ValueError for what is no Base32."""
    padded = secret_text.upper() + "=" * (-len(secret_text) % 8)
    return code_at(b32decode(padded), counter_at(at))


def seconds_left(at: datetime) -> int:
    """For how many seconds the code of this instant is still shown."""
    return STEP - int(at.timestamp()) % STEP
