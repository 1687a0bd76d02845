"""Passwords: what is acceptable, argon2id hashes, and a check that costs the same for people who do not exist."""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from assay.identities.user_names import canonical
from assay.identities.users import User
from assay.values import Reason, Value

MIN_CHARACTERS = 12  # SP 800-63B-4 §3.1.1.2 asks 15 of a password alone and 8 beside a second factor
MAX_CHARACTERS = 256  # at least 64 there; a bound keeps a megabyte from being hashed
# A shorter name inside a long password tells an attacker nothing.
MIN_CONTEXT = 4

MEMORY_KIB = 19 * 1024
ITERATIONS = 2
PARALLELISM = 1
SALT_OCTETS = 16

_HASHER = PasswordHasher(
    time_cost=ITERATIONS,
    memory_cost=MEMORY_KIB,
    parallelism=PARALLELISM,
    hash_len=RFC_9106_LOW_MEMORY.hash_len,
    salt_len=SALT_OCTETS,
)


class PasswordCheck(Value, frozen=True, kw_only=True):
    """Whether the password matched, and whether its hash should be made anew with today's parameters."""

    matches: bool
    outdated: bool = False


def password_refusal(password: str, user: User, context: tuple[str, ...] = ("assay",)) -> Reason | None:
    """Why this password cannot be chosen, or None; no composition rules (SP 800-63B-4 §3.1.1.2).

    `context`: words of this installation, such as the product's and the organisation's name.
    """
    normal = normalised(password) if len(password) <= MAX_CHARACTERS else password
    if len(normal) > MAX_CHARACTERS:
        return Reason.of("passwordTooLong", maximum=str(MAX_CHARACTERS))
    if len(normal) < MIN_CHARACTERS:
        return Reason.of("passwordTooShort", minimum=str(MIN_CHARACTERS))
    if len(set(normal)) < MIN_CONTEXT:
        return Reason.of("passwordRepeats")
    if _stem(normal, user, context) < MIN_CHARACTERS // 2:
        return Reason.of("passwordFromContext")
    return None


def _stem(password: str, user: User, context: tuple[str, ...]) -> int:
    """How many characters are left when everything known about the person and the place is taken out."""
    local, _, domain = user.key.partition("@")
    known = {canonical(word) for word in (user.key, local, domain, *user.display_name.split(), *context)}
    rest = canonical(password)
    for word in sorted(known, key=len, reverse=True):
        if len(word) >= MIN_CONTEXT:
            rest = rest.replace(word, "")
    return len(rest)


def normalised(password: str) -> str:
    """The password as it is hashed: NFKC, so that the same keys on another keyboard are the same password."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str, salt: bytes) -> str:
    """The argon2id hash to store, as a PHC string; `salt` is 16 random bytes. Takes about 20 ms and 19 MiB."""
    if len(salt) != SALT_OCTETS:
        raise ValueError(f"a salt is {SALT_OCTETS} octets")
    return _HASHER.hash(normalised(password), salt=salt)


def check_password(stored: str | None, given: str) -> PasswordCheck:
    """Compare with the stored hash; without one (no such person, no password) a dummy costs the same time.

    An over-long input is refused before hashing whoever it is for, so that this tells nothing either.
    """
    if len(given) > MAX_CHARACTERS:
        return PasswordCheck(matches=False)
    known = stored if stored is not None else _dummy()
    try:
        _HASHER.verify(known, normalised(given))
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return PasswordCheck(matches=False)
    if stored is None:
        return PasswordCheck(matches=False)
    return PasswordCheck(matches=True, outdated=_HASHER.check_needs_rehash(stored))


@cache
def _dummy() -> str:
    """A hash of today's parameters that stands in for a missing one; whether it could match does not matter."""
    return _HASHER.hash("nobody's password", salt=bytes(SALT_OCTETS))
