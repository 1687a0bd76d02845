"""Authenticator apps: time-based one-time codes (RFC 6238), each counter accepted once."""

import hmac
from base64 import b32encode
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from assay.values import Reason, UserId, Value

SECRET_OCTETS = 20  # RFC 4226 §4 R6
DIGITS = 6
STEP = 30  # seconds
WINDOW = 1  # steps before and after, for a telephone's clock and slow fingers
PENDING_LIFETIME = timedelta(minutes=15)
NEVER_USED = -1
MAX_INPUT = 32


class Totp(Value, frozen=True, kw_only=True):
    """A person's authenticator app; `sealed_secret` opens with `sealing`, bound to this person.

    `last_counter` is the newest counter that was accepted; it and everything before it is spent.
    `confirmed_at` None: shown to the person, not yet proved by a code, no method yet.
    """

    user_id: UserId
    sealed_secret: bytes
    last_counter: int
    created_at: datetime
    confirmed_at: datetime | None = None

    @property
    def last_used_at(self) -> datetime | None:
        """When the newest code that was accepted began; None before the first."""
        if self.last_counter == NEVER_USED:
            return None
        return datetime.fromtimestamp(self.last_counter * STEP, UTC)


def totp_context(user_id: UserId) -> str:
    """What the sealed secret is bound to, so that it cannot be moved to another person's row."""
    return f"totps.sealed_secret:{user_id}"


def counter_at(at: datetime) -> int:
    """The RFC 6238 time step of this instant."""
    return int(at.timestamp()) // STEP


def code_at(secret: bytes, counter: int) -> str:
    """The six digits of this counter (RFC 4226; SHA-1 is what every authenticator app speaks)."""
    return HOTP(secret, DIGITS, SHA1()).generate(counter).decode()  # noqa: S303  HMAC-SHA-1, RFC 6238 §1.2


def accepted_counter(secret: bytes, given: str, *, at: datetime, last_counter: int) -> int | Reason:
    """The counter that this code proves now, to be stored as the last one, or why it proves nothing.

    All codes of the window are compared, in constant time each, so that time tells nothing about the clock skew.
    """
    code = "".join(given.split()) if len(given) <= MAX_INPUT else ""
    now = counter_at(at)
    matched: int | None = None
    for counter in range(max(now - WINDOW, 0), now + WINDOW + 1):
        if hmac.compare_digest(code_at(secret, counter).encode(), code.encode(errors="replace")):
            matched = counter
    if matched is None:
        return Reason.of("totpWrong")
    if matched <= last_counter:
        return Reason.of("totpReused")
    return matched


def secret_text(secret: bytes) -> str:
    """The secret as a person types it into an authenticator app (Base32, RFC 4648)."""
    return b32encode(secret).decode().rstrip("=")


def provisioning_uri(secret: bytes, *, user_name: str, issuer: str) -> str:
    """The otpauth URI that authenticator apps read from a QR code."""
    label = quote(f"{issuer}:{user_name}", safe="")
    query = {"secret": secret_text(secret), "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": STEP}
    return f"otpauth://totp/{label}?{urlencode(query, quote_via=quote)}"
