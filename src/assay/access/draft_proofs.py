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


class ShownSignIn(Wire, frozen=True, kw_only=True):
    """A sign-in that shows it, in words and as a document (docs/decide.md), with what is decided of it."""

    words: str
    decision: str
    sign_in: dict[str, object]


class ProofFinding(Wire, frozen=True, kw_only=True):
    """One thing that was found, the policies that it is about by name, and sign-ins that show it."""

    words: str
    policies: tuple[str, ...] = ()
    shown: tuple[ShownSignIn, ...] = ()


class Proof(Wire, frozen=True, kw_only=True):
    """One statement about every sign-in: `result` is proved, refuted or notKnown, and then `why`."""

    question: str
    statement: str
    result: str
    findings: tuple[ProofFinding, ...] = ()
    why: tuple[str, ...] = ()


LINE: Final = msgspec.json.Decoder(Proof)
