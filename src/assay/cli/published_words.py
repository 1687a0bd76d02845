"""What was proved of a publication, in words."""

from collections.abc import Callable, Iterator
from typing import Final

from assay.api.shapes.published import ProofShape, PublishedShape

TIGHTENING: Final = "tightening"
EFFECTS: Final = {
    "unchanged": "who is let in stays as it was: nothing changed that decides",
    "tightens": "nobody is let in anew: whoever is let in now was let in before",
    "loosens": "it LOOSENS: some who were refused or asked for more before are let in now",
    "notKnown": "whether it loosens is not known",
    "beingProved": "whether it loosens is still being proved; see later: assay policy versions NAME",
}
# As a column of a list.
WORDS: Final = {"notKnown": "not known", "beingProved": "being proved"}
_RESULTS: Final = {"proved": "proved", "refuted": "NOT SO", "notKnown": "not known"}


def published_lines(published: PublishedShape | None, called: Callable[[str], str]) -> Iterator[str]:
    """The effect, where it loosens, and what else was proved; nothing where nothing that decides was touched.

    `called`: words with names in the place of ids.
    """
    if published is None:
        return
    yield EFFECTS.get(published.effect, published.effect)
    if published.effect == "unchanged":
        return
    # What makes it loosen belongs below that.
    for proof in sorted(published.proofs, key=lambda proof: proof.question != TIGHTENING):
        if proof.question == TIGHTENING:
            yield from _loosening(proof, called)
        else:
            why = f" ({'; '.join(proof.why)})" if proof.why else ""
            yield f"{_RESULTS.get(proof.result, proof.result)}: {proof.statement}{why}"


def _loosening(proof: ProofShape, called: Callable[[str], str]) -> Iterator[str]:
    if proof.result == "notKnown":
        yield from (f"  because {why}" for why in proof.why)
    for finding in proof.findings:
        yield f"  - {called(finding.words)}"
        yield from (f"      refused or asked for more before: {policy}" for policy in finding.policies)
        yield from (f"      {shown.decision} now: {called(shown.words)}" for shown in finding.shown)
