"""User names: which are acceptable, and the one form in which two names are the same (RFC 8265 §3.3, stricter)."""

import unicodedata

from assay.identities.confusables import mixes_scripts
from assay.values import Reason

MAX_CHARACTERS = 113  # Graph's limit of a userPrincipalName
PUNCTUATION = frozenset(".-_@+'")
CATEGORIES = frozenset({"Ll", "Lu", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd"})
RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
# Casefolding can undo composition and composition can make new casefoldings; three rounds reach every fixed point.
ROUNDS = 4


def canonical(name: str) -> str:
    """The form in which names are compared and kept unique: NFKC and casefolding, repeated until it is stable."""
    for _ in range(ROUNDS):
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
        if folded == name:
            break
        name = folded
    return name


def name_refusal(name: str) -> Reason | None:
    """Why this user name is not acceptable, or None; what is judged is what will be compared."""
    if len(name) > MAX_CHARACTERS or len(canonical(name)) > MAX_CHARACTERS:
        return Reason.of("userNameTooLong", maximum=str(MAX_CHARACTERS))
    key = canonical(name)
    if not key:
        return Reason.of("userNameEmpty")
    for character in key:
        if character not in PUNCTUATION and unicodedata.category(character) not in CATEGORIES:
            return Reason.of("userNameCharacter", character=f"U+{ord(character):04X}")
    if unicodedata.category(key[0]).startswith("M") or key[0] in PUNCTUATION or key[-1] in PUNCTUATION:
        return Reason.of("userNameEnds")
    if key.count("@") > 1:
        return Reason.of("userNameAt")
    directions = {unicodedata.bidirectional(character) for character in key}
    # Mixed directions display in an order that is not the order in which they are compared.
    if directions & RIGHT_TO_LEFT and "L" in directions:
        return Reason.of("userNameDirection")
    return None


def new_name_refusal(name: str) -> Reason | None:
    """Why nobody can be given this name, or None; who has such a name from before keeps it.

    A name in two scripts that no language writes together imitates another one (UTS #39 §5.2).
    """
    return name_refusal(name) or (Reason.of("userNameScripts") if mixes_scripts(canonical(name)) else None)
