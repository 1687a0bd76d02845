"""A device that a person signed in on before: a random cookie, kept as its hash, bound to each account by a row."""

import hashlib
import re
from base64 import urlsafe_b64encode
from datetime import datetime
from typing import Final

from assay.values import UserId, Value

OCTETS: Final = 32
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class KnownDevice(Value, frozen=True, kw_only=True):
    """One account on one device; several accounts on a device share its secret, each with a row of its own.

    `id` stays when the secret is replaced. `last_used_at` is true to `GuessingLimits.device_rotation`.
    """

    secret_hash: bytes
    user_id: UserId
    made_at: datetime
    expires_at: datetime
    id: str
    user_agent: str
    first_used_at: datetime
    last_used_at: datetime


def new_device_secret(random: bytes) -> str:
    """The cookie's value, from 32 random bytes."""
    if len(random) != OCTETS:
        raise ValueError(f"a device's secret is made of {OCTETS} octets")
    return urlsafe_b64encode(random).decode().rstrip("=")


def device_hash(secret: str) -> bytes | None:
    """What is stored and looked up (a plain hash: 256 random bits leave nothing to guess), None for what is none."""
    return hash_of(secret) if _SECRET.fullmatch(secret) is not None else None


def hash_of(secret: str) -> bytes:
    """The hash of a secret that `new_device_secret` made."""
    return hashlib.sha256(b"assay known device\0" + secret.encode()).digest()
