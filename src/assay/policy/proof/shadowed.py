"""Shadowed policies: those without which every sign-in would be decided as it is."""

from collections.abc import Iterator, Sequence
from typing import Final

from assay.policy.compile import CompiledPolicy
from assay.policy.enforcement import SessionControl
from assay.policy.proof.answer import Answer, Finding
from assay.policy.proof.ground import Ground
from assay.policy.proof.meaning import on
from assay.policy.proof.solver import Solver
from assay.policy.symbolic import Dimension, Is, Term, opposite, some, substituted

QUESTION: Final = "shadowed"
STATEMENT: Final = "every policy that is on makes a difference to who is let in"
MORE: Final = "more"  # the policy that the second of the two sets has and the first has not


def shadowed(ground: Ground) -> Answer:
    """Refuted: the policies that demand nothing which others, named with it, do not demand wherever it applies.

    A policy with session controls beside a sign-in frequency makes a difference by them, and is not asked about; nor
    is one that no sign-in meets: that one is dead.
    """
    meaning, solver = ground.meaning, ground.solver()
    if not meaning.enforced:
        return ground.answer(QUESTION, STATEMENT, ())
    allowed = meaning.allowed(switched=True)
    more = Dimension(name=MORE, values=tuple(each.policy.id for each in meaning.enforced))
    switches, compared = _Switches(meaning.enforced), Solver(ground.vocabulary, more=(more,))
    compared.require(allowed)
    compared.require(opposite(_second(allowed, meaning.enforced)))
    findings = []
    for found in meaning.enforced:
        others_too = found.session_controls - {SessionControl.SIGN_IN_FREQUENCY}
        if others_too or solver.find(meaning.applies(found)) is None:
            continue
        others = [each for each in meaning.enforced if each is not found]
        needed = compared.needed(*switches.of(others, found))
        if needed is None:
            continue
        by = _few(compared, switches, [each for each in others if on(each) in needed], found)
        words = "demands nothing that the others named here do not demand wherever it applies"
        names = tuple(each.policy.display_name for each in (found, *by))
        findings.append(Finding(words=words if by else "demands nothing at all", policies=names))
    return ground.answer(QUESTION, STATEMENT, findings)


class _Switches:
    """Which policies are in the first of the two sets; in the second are those and one more."""

    def __init__(self, everything: Sequence[CompiledPolicy]) -> None:
        # Each term is made once, and so it is translated once.
        self._first = [(each.policy.id, on(each), opposite(on(each))) for each in everything]

    def of(self, others: Sequence[CompiledPolicy], found: CompiledPolicy) -> Iterator[Term]:
        """The first set is the others; the second the others and this one."""
        ids = {each.policy.id for each in others}
        yield Is(MORE, found.policy.id)
        for name, yes, no in self._first:
            yield yes if name in ids else no


def _second(allowed: Term, everything: Sequence[CompiledPolicy]) -> Term:
    """The same question of the second set."""
    both = {f"on {each.policy.id}": some(on(each), Is(MORE, each.policy.id)) for each in everything}
    return substituted(allowed, both)


def _few(
    solver: Solver, switches: _Switches, others: Sequence[CompiledPolicy], found: CompiledPolicy
) -> list[CompiledPolicy]:
    """As few of the others as do what it does: each is left out if that makes no difference."""
    kept = list(others)
    for each in others:
        fewer = [other for other in kept if other is not each]
        if each in kept and (needed := solver.needed(*switches.of(fewer, found))) is not None:
            kept = [other for other in fewer if on(other) in needed]
    return kept
