"""Does a draft only tighten: is whoever it lets in let in by the policies in force too?"""

from typing import Final

from assay.policy.compile import CompiledPolicySet
from assay.policy.decision import Outcome
from assay.policy.enforcement import EnforcementPoint
from assay.policy.proof.answer import Answer, Finding
from assay.policy.proof.ground import NOT_CONFIRMED, Ground, asked
from assay.policy.proof.regions import MOST, regions
from assay.policy.proof.wording import region_clauses, words_of
from assay.policy.symbolic import every, opposite

QUESTION: Final = "tightening"
STATEMENT: Final = "whoever the draft lets in, the policies in force let in too"


def tightening(
    draft: CompiledPolicySet, in_force: CompiledPolicySet, enforced_by: EnforcementPoint, *, most: int = MOST
) -> Answer:
    """Refuted: the smallest regions in which it loosens, each with a sign-in that only the draft lets in.

    At most so many are looked for: one is enough to know.
    """

    def ask() -> Answer:
        ground = Ground(draft, enforced_by=enforced_by, other=in_force)
        assert ground.other is not None
        loosened = every(ground.meaning.allowed(), opposite(ground.other.allowed()))
        findings, unsure = [], []
        for region, found in regions(ground, loosened, most=most):
            now, before = ground.decision(found), ground.decision(found, ground.other)
            if now is None or before is None or not now.allowed or before.allowed:
                unsure.append(NOT_CONFIRMED)
                continue
            demanded = tuple(each.display_name for each in before.applied if each.result == "failure")
            clauses = region_clauses(region, ground.vocabulary)
            findings.append(
                Finding(
                    words=words_of(clauses),
                    clauses=clauses,
                    policies=demanded,
                    shown=(ground.shown(found, Outcome.ALLOW),),
                )
            )
        return ground.answer(QUESTION, STATEMENT, findings, unsure)

    return asked(QUESTION, STATEMENT, ask)
