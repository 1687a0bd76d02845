"""The secrets in our cookies and tickets: 256 random bits, kept only as their hash."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Final

SECRET_BYTES: Final = 32
SECRET_LENGTH: Final = 43  # characters of base64url without padding


def new_secret(random: bytes) -> str:
    """A secret from 32 random bytes, safe in cookies and URLs."""
    if len(random) != SECRET_BYTES:
        raise ValueError("a secret is made of 32 random bytes")
    return urlsafe_b64encode(random).decode().rstrip("=")


def secret_hash(secret: str) -> bytes:
    """What the store keeps. SHA-256 suffices: nobody guesses 256 bits, and looking up a hash leaks no timing."""
    return hashlib.sha256(secret.encode()).digest()
