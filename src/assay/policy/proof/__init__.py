"""Proofs: statements about all sign-ins that a set of policies can meet (docs/proofs.md)."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from assay.policy.compile import CompiledPolicySet
from assay.policy.enforcement import EnforcementPoint
from assay.policy.proof import contradictory, dead, lock_out, network, reach, shadowed, tightening, uncovered
from assay.policy.proof.answer import Answer, Finding, Result, Shown
from assay.policy.proof.ground import Ground, QuestionNames, asked
from assay.policy.proof.invariants import Invariant, read_invariants

# The questions of one set alone, in the order in which they are answered.
QUESTIONS: Final[dict[str, tuple[str, Callable[[Ground], Answer]]]] = {
    lock_out.QUESTION: (lock_out.STATEMENT, lock_out.lock_out),
    network.QUESTION: (network.STATEMENT, network.network),
    dead.QUESTION: (dead.STATEMENT, dead.dead),
    shadowed.QUESTION: (shadowed.STATEMENT, shadowed.shadowed),
    contradictory.QUESTION: (contradictory.STATEMENT, contradictory.contradictory),
    uncovered.QUESTION: (uncovered.STATEMENT, uncovered.uncovered),
}
EVERY: Final = (*QUESTIONS, lock_out.BREAK_GLASS, reach.QUESTION, tightening.QUESTION)


def prove(
    compiled: CompiledPolicySet,
    enforced_by: EnforcementPoint,
    *,
    questions: Iterable[str] = EVERY,
    invariants: Iterable[Invariant] = (),
    in_force: CompiledPolicySet | None = None,
) -> Iterator[Answer]:
    """The answers, each as soon as it is known; `in_force`: what the set is a draft for."""
    wanted = frozenset(questions)
    names = QuestionNames(roles=(lock_out.GLOBAL_ADMINISTRATOR,))

    def alone(ask: Callable[[Ground], Answer]) -> Answer:
        return ask(Ground(compiled, enforced_by=enforced_by, names=names))

    for question, (statement, ask) in QUESTIONS.items():
        if question in wanted:
            yield asked(question, statement, partial(alone, ask))
    if lock_out.BREAK_GLASS in wanted:
        yield lock_out.break_glass(enforced_by)
    if reach.QUESTION in wanted:
        for invariant in invariants:
            yield reach.reach(invariant, compiled, enforced_by)
    if tightening.QUESTION in wanted and in_force is not None:
        yield tightening.tightening(compiled, in_force, enforced_by)


__all__ = [
    "EVERY",
    "QUESTIONS",
    "Answer",
    "Finding",
    "Invariant",
    "Result",
    "Shown",
    "prove",
    "read_invariants",
]
