"""Device codes (RFC 8628): what a command line shows, what it keeps, and what becomes of both."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from assay.values import SessionId, Value

# RFC 8628 §6.1: consonants that no font makes look like another, and that spell no word; 8 of them are 34 bits.
ALPHABET: Final = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH: Final = 8
LIFETIME: Final = timedelta(minutes=10)
INTERVAL: Final = timedelta(seconds=5)
NAME_LIMIT: Final = 64
USER_AGENT_LIMIT: Final = 400
# Codes that wait to be confirmed: of one source, and of all. What strangers can fill is small and ends by itself.
OPEN_OF_SOURCE: Final = 20
OPEN_OF_ALL: Final = 5_000


class Confirmation(StrEnum):
    """What the person answered."""

    ALLOWED = "allowed"
    DENIED = "denied"


class DeviceCode(Value, frozen=True, kw_only=True):
    """One command line that asks to be let in; `client`, `address` and `user_agent` are of whoever began it.

    `client` is a claim. `session_id` is the browser's session in which it was confirmed.
    """

    client: str
    address: str
    port: int
    user_agent: str
    created_at: datetime
    expires_at: datetime
    polled_at: datetime | None = None
    interval: timedelta = INTERVAL
    answer: Confirmation | None = None
    session_id: SessionId | None = None

    def waits(self, at: datetime) -> bool:
        """Whether a person may still answer it."""
        return self.answer is None and self.created_at <= at < self.expires_at

    def over(self, at: datetime) -> bool:
        """Whether nobody gets anything for it any more."""
        return at >= self.expires_at

    def too_soon(self, at: datetime) -> bool:
        """Whether it is asked after before its interval is over (§3.5)."""
        return self.polled_at is not None and self.polled_at <= at < self.polled_at + self.interval


def new_user_code(random: Callable[[int], bytes]) -> str:
    """A code to be read and typed by people, each letter as likely as any other."""
    letters = ""
    whole = 256 - 256 % len(ALPHABET)
    while len(letters) < LENGTH:
        letters += "".join(ALPHABET[octet % len(ALPHABET)] for octet in random(2 * LENGTH) if octet < whole)
    return letters[:LENGTH]


def shown(user_code: str) -> str:
    """As people read it: two halves."""
    half = LENGTH // 2
    return f"{user_code[:half]}-{user_code[half:]}"


def read_user_code(typed: str) -> str | None:
    """The code that was typed, in any case and with anything between its letters; None where it cannot be one."""
    letters = "".join(character for character in typed.upper() if character.isalnum())
    return letters if len(letters) == LENGTH and set(letters) <= set(ALPHABET) else None


def client_name(text: str) -> str:
    """What a command line calls itself, as it may stand on a page: printable, and no more of it than a name."""
    return "".join(character for character in text if character.isprintable()).strip()[:NAME_LIMIT]
