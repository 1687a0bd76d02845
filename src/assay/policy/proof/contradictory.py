"""Contradictory policies: two that apply to the same sign-in and can never both be satisfied."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final

from msgspec.structs import replace

from assay.policy.compile import CompiledPolicy, CompiledPolicySet, compile_policies
from assay.policy.decision import Outcome
from assay.policy.proof.answer import Answer, Finding
from assay.policy.proof.ground import NOT_CONFIRMED, Ground
from assay.policy.proof.meaning import on
from assay.policy.proof.sign_ins import decided, document
from assay.policy.proof.solver import Assignment, Solver
from assay.policy.proof.unseen import unseen_of_any, untold
from assay.policy.symbolic import Is, Term, every, opposite, true_of

QUESTION: Final = "contradictory"
STATEMENT: Final = "what one policy demands, or two that meet, somebody can satisfy"
Pair = tuple[str, str]


def contradictory(ground: Ground) -> Answer:
    """Refuted: the policies, with a sign-in that both apply to. To block is a demand of its own, no contradiction."""
    meaning = ground.meaning
    asked = [found for found in meaning.enforced if found.groups and not found.blocks and not found.undecided]
    solver, free, switches = ground.solver(), ground.solver(), _Switches(meaning.enforced)
    solver.require(meaning.allowed(switched=True))
    seen = unseen_of_any(ground)
    for each in (solver, free):
        each.require(every(*(Is(name, value) for name, value in seen.items())))
    reachable: set[Pair] = set()
    findings, unsure = [], [*untold(ground)]
    hopeless: set[str] = set()
    for one, two in (*((each, each) for each in asked), *combinations(asked, 2)):
        pair = (one.policy.id, two.policy.id)
        if pair in reachable or hopeless.intersection(pair):
            continue
        both = every(meaning.applies(one), meaning.applies(two))
        satisfied = solver.find(both, *switches.only((one, two)))
        if satisfied is not None:
            reachable |= _pairs(ground, asked, satisfied, solver, switches)
            continue
        met = free.plainest(ground.order, both)
        if met is None:
            continue  # they never meet
        if one is two:
            hopeless.add(one.policy.id)
        finding = _finding(ground, one, two, met)
        if finding is None:
            unsure.append(NOT_CONFIRMED)
        else:
            findings.append(finding)
    return ground.answer(QUESTION, STATEMENT, findings, unsure)


class _Switches:
    """Which policies are asked about; each term is made once, and so it is translated once."""

    def __init__(self, everything: Iterable[CompiledPolicy]) -> None:
        self._terms = [(each.policy.id, on(each), opposite(on(each))) for each in everything]

    def only(self, wanted: Iterable[CompiledPolicy]) -> Iterator[Term]:
        """These, and none of the others."""
        ids = {each.policy.id for each in wanted}
        return (yes if name in ids else no for name, yes, no in self._terms)


def _pairs(
    ground: Ground, asked: list[CompiledPolicy], found: Assignment, solver: Solver, switches: _Switches
) -> set[Pair]:
    """All pairs that one sign-in answers for: those that apply to it, if all of them together let it in."""
    seen: dict[int, bool] = {}
    applying = [each for each in asked if true_of(ground.meaning.applies(each), found, seen)]
    ids = [each.policy.id for each in applying]
    fixed = (Is(name, value) for name, value in found.items())
    if len(applying) > 1 and solver.find(*fixed, *switches.only(applying)) is not None:
        return {*combinations(ids, 2), *((each, each) for each in ids)}
    return set()


def _finding(ground: Ground, one: CompiledPolicy, two: CompiledPolicy, met: Assignment) -> Finding | None:
    """Held against the engine: these two policies alone apply to the sign-in, and whatever is proved refuse it."""
    names = tuple(dict.fromkeys((one.policy.display_name, two.policy.display_name)))
    alone = _alone(ground.meaning.compiled, (one, two))
    everything = {
        **met,
        **{each.dimension: 0 for each in ground.evidences.every},
        **{name: True for name in met if name.startswith("shown ")},
        **unseen_of_any(ground),
    }
    decision = decided(alone, document(everything, ground.evidences), ground.enforced_by)
    if decision is None or decision.allowed or len(decision.applied) != len({one.policy.id, two.policy.id}):
        return None
    words = "nobody can satisfy it where it applies: it blocks" if one is two else "nobody can satisfy both at once"
    return Finding(words=words, policies=names, shown=(ground.shown(everything, Outcome.BLOCK),))


def _alone(compiled: CompiledPolicySet, wanted: tuple[CompiledPolicy, CompiledPolicy]) -> CompiledPolicySet:
    policies = tuple({each.policy.id: each.policy for each in wanted}.values())
    return compile_policies(replace(compiled.policy_set, policies=policies))
