"""A checkpoint key's last word: a signed note that names the key that comes after it."""

import re
from collections.abc import Sequence
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from assay.events.note import Verifier, is_signed, parse_verifier, sign_note
from assay.values import InvalidInputError

_TITLE: Final = "assay checkpoint key hand-over"
_NOTE: Final = re.compile(
    rf"^(?P<body>{_TITLE}\n(?P<old>[^\n]+)\n(?P<new>[^\n]+)\n)\n(?P<line>\u2014 [^\s+]+ [A-Za-z0-9+/=]+)\n",
    re.MULTILINE,
)


def hand_over(origin: str, old: Ed25519PrivateKey, new: Ed25519PublicKey) -> str:
    """The note (c2sp.org/signed-note) by which the old key of a log makes another its successor."""
    before = Verifier(name=origin, public=old.public_key())
    after = Verifier(name=origin, public=new)
    return sign_note(f"{_TITLE}\n{before}\n{after}\n", origin, old)


def follow(verifiers: Sequence[Verifier], text: str) -> tuple[Verifier, ...]:
    """The verifiers, and every one that a chain of hand-overs in this text leads to from them.

    A note is believed only if it is signed by a key that is believed already: whoever writes to the database can add
    notes, and none of theirs leads anywhere.
    """
    known = {str(verifier): verifier for verifier in verifiers}
    waiting = list(_NOTE.finditer(text))
    while waiting:
        believed = [match for match in waiting if match["old"] in known and _holds(match, known[match["old"]])]
        if not believed:
            break
        for match in believed:
            known.setdefault(match["new"], parse_verifier(match["new"]))
        waiting = [match for match in waiting if match not in believed]
    return tuple(known.values())


def _holds(match: re.Match[str], old: Verifier) -> bool:
    try:
        new = parse_verifier(match["new"])
    except InvalidInputError:
        return False
    return new.name == old.name and is_signed(match["body"], match["line"], old)
