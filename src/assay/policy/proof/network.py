"""The network never grants: no place stands in for a proof that is asked for elsewhere."""

from typing import Final

from assay.policy.decision import Outcome
from assay.policy.proof.answer import Answer, Finding
from assay.policy.proof.ground import NOT_CONFIRMED, Ground
from assay.policy.proof.solver import Assignment, Solver
from assay.policy.proof.wording import region_words
from assay.policy.symbolic import PLACE, Dimension, Is, every, opposite, renamed

QUESTION: Final = "network"
STATEMENT: Final = (
    "no place stands in for a proof: who is let in somewhere is let in or refused elsewhere, never asked for more"
)
ELSEWHERE: Final = {name: f"elsewhere {name}" for name in PLACE}
MOST: Final = 5


def network(ground: Ground) -> Answer:
    """Refuted: from one place the same person is let in, and from another asked for a proof: the place was one.

    That a place may refuse (a blocked country) is what the network is for, and is no finding.
    """
    meaning = ground.meaning
    places = (Dimension(name=copy, values=ground.vocabulary.values(name)) for name, copy in ELSEWHERE.items())
    solver = Solver(ground.vocabulary, more=places)
    for term in ground.vocabulary.constraints:
        solver.require(renamed(term, ELSEWHERE))
    allowed = meaning.allowed()
    solver.require(allowed)
    solver.require(opposite(renamed(allowed, ELSEWHERE)))
    solver.require(opposite(renamed(meaning.blocked(), ELSEWHERE)))
    findings: list[Finding] = []
    unsure: list[str] = []
    order = (*ground.order, *ELSEWHERE.values())
    while len(findings) < MOST:
        found = solver.plainest(order)
        if found is None:
            break
        here, there = _both(found)
        solver.require(opposite(every(*(Is(name, here[name]) for name in PLACE if here[name] != there[name]))))
        finding = _finding(ground, here, there)
        if finding is None:
            unsure.append(NOT_CONFIRMED)
            break
        findings.append(finding)
    return ground.answer(QUESTION, STATEMENT, findings, unsure)


def _both(found: Assignment) -> tuple[Assignment, Assignment]:
    here = {name: value for name, value in found.items() if name not in ELSEWHERE.values()}
    return here, {**here, **{name: found[copy] for name, copy in ELSEWHERE.items()}}


def _finding(ground: Ground, here: Assignment, there: Assignment) -> Finding | None:
    """Both sign-ins, held against the engine, and the policies that ask for more elsewhere."""
    let_in, asked = ground.decision(here), ground.decision(there)
    if let_in is None or asked is None or not let_in.allowed or asked.outcome is not Outcome.STEP_UP:
        return None
    differing = {name: (here[name],) for name in PLACE if here[name] != there[name]}
    return Finding(
        words=f"{region_words(differing, ground.vocabulary)}: let in without what is asked for elsewhere",
        policies=tuple(each.display_name for each in asked.applied if each.result == "failure"),
        shown=(ground.shown(here, Outcome.ALLOW), ground.shown(there, Outcome.STEP_UP)),
    )
