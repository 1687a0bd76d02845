"""What was proved of a publication of policies."""

from assay.values import Wire


class ShownShape(Wire, frozen=True, kw_only=True):
    """A sign-in that shows it, in words and as a document (docs/decide.md), with what is decided of it."""

    words: str
    decision: str
    sign_in: dict[str, object]


class FindingShape(Wire, frozen=True, kw_only=True):
    """One thing that was found, the policies that it is about, and sign-ins that show it."""

    words: str
    policies: tuple[str, ...]
    shown: tuple[ShownShape, ...]


class ProofShape(Wire, frozen=True, kw_only=True):
    """One statement: `result` is proved, refuted or notKnown; `why` says why, or who shows it."""

    question: str
    statement: str
    result: str
    findings: tuple[FindingShape, ...]
    why: tuple[str, ...]


class PublishedShape(Wire, frozen=True, kw_only=True):
    """`effect`: tightens, loosens, unchanged (nothing that decides), notKnown, or beingProved."""

    effect: str
    proofs: tuple[ProofShape, ...]
