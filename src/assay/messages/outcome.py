"""How an attempt to hand a message on went."""

from enum import StrEnum

from assay.values import Value


class Fate(StrEnum):
    """What follows from an attempt.

    LATER: try this message again. REFUSED: this message will never be taken. UNREACHABLE: no message gets out now.
    """

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


class Attempt(Value, frozen=True, kw_only=True):
    """One attempt; `error` says in which phase what went wrong, without any secret."""

    fate: Fate
    error: str = ""


SENT = Attempt(fate=Fate.SENT)
