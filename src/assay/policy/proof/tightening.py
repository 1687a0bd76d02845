"""Does a draft only tighten: is whoever it lets in let in by the policies in force too?"""

from collections.abc import Iterable
from itertools import chain, islice
from typing import Final

from assay.policy.compile import CompiledPolicySet
from assay.policy.decision import Outcome
from assay.policy.enforcement import EnforcementPoint
from assay.policy.proof.answer import Answer, Clause, Finding
from assay.policy.proof.ground import NOT_CONFIRMED, Ground, asked
from assay.policy.proof.regions import MOST, regions
from assay.policy.proof.solver import Assignment
from assay.policy.proof.unseen import unseen_in_use
from assay.policy.proof.wording import UNSEEN, Region, region_clauses, words_of
from assay.policy.symbolic import Is, every, opposite

QUESTION: Final = "tightening"
STATEMENT: Final = "whoever the draft lets in, the policies in force let in too"


def tightening(
    draft: CompiledPolicySet, in_force: CompiledPolicySet, enforced_by: EnforcementPoint, *, most: int = MOST
) -> Answer:
    """Refuted: the smallest regions in which it loosens, each with a sign-in that only the draft lets in.

    At most so many are looked for: one is enough to know. At our gateway those come first that take nothing which is
    never seen there. Where only such are found it is refuted all the same, since means may come, and each says so.
    """

    def ask() -> Answer:
        ground = Ground(draft, enforced_by=enforced_by, other=in_force)
        assert ground.other is not None
        loosened = every(ground.meaning.allowed(), opposite(ground.other.allowed()))
        never = unseen_in_use(ground)
        findings, unsure = list[Finding](), list[str]()
        # What is proved takes one question, here as elsewhere.
        anyhow = regions(ground, loosened, most=most)
        first = tuple(islice(anyhow, 1))
        if first and never:
            seen = every(*(Is(name, value) for name, value in never.items()))
            findings, unsure = _found(ground, regions(ground, every(loosened, seen), within=seen, most=most))
        if not findings:
            findings, more = _found(ground, chain(first, anyhow), (UNSEEN,) if never else ())
            unsure += more
        return ground.answer(QUESTION, STATEMENT, findings, unsure)

    return asked(QUESTION, STATEMENT, ask)


def _found(
    ground: Ground, where: Iterable[tuple[Region, Assignment]], said: tuple[Clause, ...] = ()
) -> tuple[list[Finding], list[str]]:
    """Those that the engine confirms, and what it does not; `said` of each beside its own conditions."""
    findings, unsure = [], []
    for region, found in where:
        now, before = ground.decision(found), ground.decision(found, ground.other)
        if now is None or before is None or not now.allowed or before.allowed:
            unsure.append(NOT_CONFIRMED)
            continue
        clauses = (*region_clauses(region, ground.vocabulary), *said)
        findings.append(
            Finding(
                words=words_of(clauses),
                clauses=clauses,
                policies=tuple(each.display_name for each in before.applied if each.result == "failure"),
                shown=(ground.shown(found, Outcome.ALLOW),),
            )
        )
    return findings, unsure
