"""An authenticator app of our own, so that no test proves our codes by our codes (RFC 6238)."""

import hmac
from base64 import b32decode
from hashlib import sha1


def totp_code(secret: str, at: float) -> str:
    """The six digits of a Base32 secret at this Unix time."""
    key = b32decode(secret.upper() + "=" * (-len(secret) % 8))
    digest = hmac.new(key, int(at // 30).to_bytes(8), sha1).digest()
    offset = digest[-1] & 0xF
    return f"{(int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF) % 1_000_000:06d}"
