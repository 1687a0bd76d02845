"""Passwords: what is acceptable, argon2id hashes, and a check that costs the same for people who do not exist."""

import unicodedata
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import HashingError, InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from assay.identities.methods.common_passwords import is_common
from assay.identities.user_names import canonical
from assay.identities.users import User
from assay.values import InvalidInputError, Reason, Value

# SP 800-63B-4 §3.1.1.2: 15 for a password that opens anything alone, and 8 for one that never does. Which of the two
# a password is, the policies say and change; so it is the first unless the owner says that all of them ask for more.
MIN_CHARACTERS = 15
LEAST_CHARACTERS = 8
MAX_CHARACTERS = 256  # at least 64 there; a bound keeps a megabyte from being hashed
# A shorter name inside a long password tells an attacker nothing.
MIN_CONTEXT = 4
# What has to be left of a password without what everybody knows: of the person and the place, and of the alphabet.
MIN_STEM = 8
MIN_OUTSIDE_RUNS = 6
# A shorter piece, again and again, is that piece.
MIN_UNIT = 8
KEYBOARD_ROWS = ("1234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ")

MEMORY_KIB = 19 * 1024
ITERATIONS = 2
PARALLELISM = 1
SALT_OCTETS = 16

# argon2's own words (`argon2_error_message`) where the machine does not give what a hash takes.
NO_MEMORY = ("Memory allocation error", "Threading failure")

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


class PasswordRules(Value, frozen=True, kw_only=True):
    """What a new password must be: the owner's choice, within what the standard allows."""

    minimum: int = MIN_CHARACTERS

    def __post_init__(self) -> None:
        if not LEAST_CHARACTERS <= self.minimum <= MAX_CHARACTERS:
            raise InvalidInputError(
                f"the shortest password has {LEAST_CHARACTERS} to {MAX_CHARACTERS} characters, not {self.minimum}",
                remedy=f"use {MIN_CHARACTERS}, or {LEAST_CHARACTERS} where every policy asks for a second factor",
            )


def password_refusal(
    password: str,
    user: User,
    context: tuple[str, ...] = ("assay",),
    rules: PasswordRules = PasswordRules(),  # noqa: B008  immutable
) -> Reason | None:
    """Why this password cannot be chosen, or None; no composition rules (SP 800-63B-4 §3.1.1.2).

    `context`: words of this installation, such as the product's and the organisation's name.
    """
    normal = normalised(password) if len(password) <= MAX_CHARACTERS else password
    if len(normal) > MAX_CHARACTERS:
        return Reason.of("passwordTooLong", maximum=str(MAX_CHARACTERS))
    if len(normal) < rules.minimum:
        return Reason.of("passwordTooShort", minimum=str(rules.minimum))
    if _unit(normal) < MIN_UNIT:
        return Reason.of("passwordRepeats")
    if _outside_runs(canonical(normal)) < MIN_OUTSIDE_RUNS:
        return Reason.of("passwordSequence")
    if any(is_common(form) for form in _forms(canonical(normal))):
        return Reason.of("passwordCommon")
    if _stem(normal, user, context) < MIN_STEM:
        return Reason.of("passwordFromContext")
    return None


def _unit(password: str) -> int:
    """How many characters it takes to write this password by repeating them; few kinds of them count as few."""
    kinds = len(set(password))
    if kinds < MIN_CONTEXT:
        return kinds
    # A text is a repetition of a piece exactly where it occurs inside two of itself, before the second begins.
    return (password + password).find(password, 1)


def _outside_runs(password: str) -> int:
    """How many characters are no third or later of a run: of the alphabet, of a keyboard's row, of themselves."""
    follows = [False, *(_follows(one, other) for one, other in pairwise(password))]
    return len(password) - sum(before and here for before, here in pairwise(follows))


def _follows(one: str, other: str) -> bool:
    return abs(ord(one) - ord(other)) <= 1 or any(one + other in row or other + one in row for row in KEYBOARD_ROWS)


def _forms(password: str) -> tuple[str, ...]:
    """The whole password, and the whole of it without digits and signs put before or after it.

    Whole passwords only: words inside a long one are fine (§3.1.1.2).
    """
    letters = [index for index, character in enumerate(password) if character.isalpha()]
    if not letters:
        return (password,)
    bare = password[letters[0] : letters[-1] + 1]
    repeated = bare[: (bare + bare).find(bare, 1)]
    return (password, bare, repeated)


def _stem(password: str, user: User, context: tuple[str, ...]) -> int:
    """How many characters are left when everything known about the person and the place is taken out."""
    known = {canonical(word) for text in (user.key, user.display_name, user.email, *context) for word in _words(text)}
    rest = canonical(password)
    for word in sorted(known, key=len, reverse=True):
        if len(word) >= MIN_CONTEXT:
            rest = rest.replace(word, "")
    return len(rest)


def _words(text: str) -> tuple[str, ...]:
    """A name or address, and what it is made of."""
    local, _, domain = text.partition("@")
    parts = "".join(character if character.isalnum() else " " for character in text).split()
    return (text, local, domain, *parts)


def normalised(password: str) -> str:
    """The password as it is hashed: NFKC, so that the same keys on another keyboard are the same password."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str, salt: bytes) -> str:
    """The argon2id hash to store, as a PHC string; `salt` is 16 random bytes. Takes about 20 ms and 19 MiB.

    Raises MemoryError.
    """
    if len(salt) != SALT_OCTETS:
        raise ValueError(f"a salt is {SALT_OCTETS} octets")
    try:
        return _HASHER.hash(normalised(password), salt=salt)
    except HashingError as error:
        raise _unmade(error) from error


def check_password(stored: str | None, given: str) -> PasswordCheck:
    """Compare with the stored hash; without one (no such person, no password) a dummy costs the same time.

    An over-long input is refused before hashing whoever it is for, so that this tells nothing either. Raises
    MemoryError where it could not be looked at: nobody's password is wrong because the machine has no memory left.
    """
    if len(given) > MAX_CHARACTERS:
        return PasswordCheck(matches=False)
    known = stored if stored is not None else _dummy()
    try:
        _HASHER.verify(known, normalised(given))
    except (VerificationError, InvalidHashError, UnicodeEncodeError) as error:
        if str(error) in NO_MEMORY:
            raise _unmade(error) from error
        return PasswordCheck(matches=False)
    if stored is None:
        return PasswordCheck(matches=False)
    return PasswordCheck(matches=True, outdated=_HASHER.check_needs_rehash(stored))


def _unmade(error: Exception) -> Exception:
    return MemoryError(str(error)) if str(error) in NO_MEMORY else error


@cache
def _dummy() -> str:
    """A hash of today's parameters that stands in for a missing one; whether it could match does not matter."""
    return _HASHER.hash("nobody's password", salt=bytes(SALT_OCTETS))
