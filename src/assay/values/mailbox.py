"""Which mail addresses there are for us: one mailbox, in characters that no header or command reads otherwise.

One rule for the door and for the way out: an address that is taken in and never written to leaves a person untold.
"""

import re
from typing import Final

# RFC 5321 §4.1.2 without quoted strings and address literals: whoever needs those cannot be told apart from an attack.
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
# Two readings of international names make different hosts of these (IDNA 2003 and 2008, UTS 46 §7): of `straße.de` one
# is somebody else's. The host meant can be written in its ASCII form (`xn--…`).
_AMBIGUOUS: Final = frozenset("ßς\u200c\u200d")
MAX_LOCAL: Final = 64
MAX_DOMAIN: Final = 255
MAX_ADDRESS: Final = 254  # RFC 5321 §4.5.3.1.3 without the angle brackets


def mailbox(address: str) -> tuple[str, str] | None:
    """Local part and domain in ASCII (IDNA) of one plain mailbox; None for anything else."""
    local, at, domain = address.rpartition("@")
    if not at or len(local) > MAX_LOCAL or _LOCAL.fullmatch(local) is None:
        return None
    if not _AMBIGUOUS.isdisjoint(domain.lower()):
        return None
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return None
    if len(ascii_domain) > MAX_DOMAIN or _DOMAIN.fullmatch(ascii_domain) is None:
        return None
    if len(local) + 1 + len(ascii_domain) > MAX_ADDRESS:
        return None
    return local, ascii_domain


def envelope_address(address: str) -> str | None:
    """The same as it stands in an SMTP command, whose characters are ASCII (RFC 5321 §2.4)."""
    found = mailbox(address)
    return None if found is None else "@".join(found)
