"""What is asked about a draft and what is answered, as it goes to the process that proves and comes back."""

from typing import Final

import msgspec

from assay.policy.definition import PolicySet
from assay.values import Wire

SECONDS: Final = 60


class Asked(Wire, frozen=True, kw_only=True):
    """What is in force, what would be with the draft on, and what the draft is called there.

    `questions`: these alone, instead of all that are asked about a draft.
    """

    in_force: PolicySet
    draft: PolicySet
    policy: str = ""
    questions: tuple[str, ...] = ()


class ToldValue(Wire, frozen=True, kw_only=True):
    """One value of a clause; null is unknown. `locations` hold an address; `minutes`: how long ago it was proved."""

    value: str | None
    locations: tuple[str, ...] = ()
    minutes: int = 0
    several: bool = False


class ProofClause(Wire, frozen=True, kw_only=True):
    """One condition of a region or a sign-in, to be said in any language; not `holds`: not so, or any other value."""

    about: str
    name: str = ""
    holds: bool = True
    values: tuple[ToldValue, ...] = ()
    more: int = 0


class ShownSignIn(Wire, frozen=True, kw_only=True):
    """A sign-in that shows it, in words and as a document (docs/decide.md), with what is decided of it."""

    words: str
    decision: str
    sign_in: dict[str, object]
    clauses: tuple[ProofClause, ...] = ()


class ProofFinding(Wire, frozen=True, kw_only=True):
    """One thing that was found, the policies that it is about by name, and sign-ins that show it."""

    words: str
    policies: tuple[str, ...] = ()
    shown: tuple[ShownSignIn, ...] = ()
    clauses: tuple[ProofClause, ...] = ()


class Proof(Wire, frozen=True, kw_only=True):
    """One statement about every sign-in: `result` is proved, refuted or notKnown, and then `why`."""

    question: str
    statement: str
    result: str
    findings: tuple[ProofFinding, ...] = ()
    why: tuple[str, ...] = ()


LINE: Final = msgspec.json.Decoder(Proof)
