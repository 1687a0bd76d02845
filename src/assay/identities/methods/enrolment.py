"""Enrolment passes, Entra's Temporary Access Pass: one-time codes that let a person register methods."""

import hashlib
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from enum import StrEnum

from assay.values import Reason, UserId, Value

OCTETS = 20  # 160 bits
CHARACTERS = 27
DEFAULT_LIFETIME = timedelta(hours=24)
SHORTEST_LIFETIME = timedelta(minutes=10)  # Entra's limits
LONGEST_LIFETIME = timedelta(days=30)

_ALPHABET = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


class EnrolmentPurpose(StrEnum):
    """Why a pass was made: first methods, or new ones after the old were lost; RESET by two people (ADR 0010)."""

    ENROL = "enrol"
    RECOVER = "recover"
    RESET = "reset"


class EnrolmentPass(Value, frozen=True, kw_only=True):
    """One pass; its code is known only to the one it was handed to, `digest` finds it again.

    `created_by` is the administrator, None for the link that makes the owner.
    """

    id: str
    user_id: UserId
    purpose: EnrolmentPurpose
    digest: bytes
    created_at: datetime
    expires_at: datetime
    created_by: UserId | None = None
    used_at: datetime | None = None


def new_pass_code(random: bytes) -> str:
    """The code in the link, from 20 random bytes; URL-safe."""
    if len(random) != OCTETS:
        raise ValueError(f"a pass is made from {OCTETS} octets")
    return urlsafe_b64encode(random).decode().rstrip("=")


def pass_digest(code: str) -> bytes | None:
    """What is stored and looked up (a plain hash: 160 random bits leave nothing to guess), or None if it is no code."""
    if len(code) != CHARACTERS or not _ALPHABET.issuperset(code):
        return None
    return hashlib.sha256(b"assay enrolment pass\0" + code.encode()).digest()


def lifetime_refusal(lifetime: timedelta) -> Reason | None:
    """Why a pass cannot live this long, or None."""
    if SHORTEST_LIFETIME <= lifetime <= LONGEST_LIFETIME:
        return None
    return Reason.of(
        "passLifetime",
        shortest=str(int(SHORTEST_LIFETIME.total_seconds())),
        longest=str(int(LONGEST_LIFETIME.total_seconds())),
    )


def pass_refusal(found: EnrolmentPass | None, at: datetime) -> Reason | None:
    """Why this pass opens nothing now, or None; the codes are for the log, a stranger is told `passInvalid` for all."""
    if found is None:
        return Reason.of("passInvalid")
    if found.used_at is not None:
        return Reason.of("passUsed")
    if at >= found.expires_at:
        return Reason.of("passExpired")
    return None
