"""Challenges of passkey ceremonies: fresh, for one purpose and person, and used once (WebAuthn §13.4.3)."""

from datetime import datetime, timedelta
from enum import StrEnum

from assay.values import UserId, Value

OCTETS = 32
LIFETIME = timedelta(minutes=5)


class Purpose(StrEnum):
    """What a ceremony is for; an answer for one purpose is none for another."""

    REGISTER = "register"
    SIGN_IN = "signIn"
    STEP_UP = "stepUp"


class Challenge(Value, frozen=True, kw_only=True):
    """One open ceremony; `user_id` None where the ceremony itself tells who it is (discoverable sign-in)."""

    value: bytes
    purpose: Purpose
    user_id: UserId | None
    expires_at: datetime


def new_challenge(random: bytes, *, purpose: Purpose, user_id: UserId | None, at: datetime) -> Challenge:
    """A challenge from 32 random bytes."""
    if len(random) != OCTETS:
        raise ValueError(f"a challenge is {OCTETS} octets")
    return Challenge(value=random, purpose=purpose, user_id=user_id, expires_at=at + LIFETIME)
