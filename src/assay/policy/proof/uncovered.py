"""Is every person asked for something: which sign-ins does no enforced policy with a demand apply to?"""

from typing import Final

from assay.policy.proof.answer import Answer, Finding
from assay.policy.proof.ground import NOT_CONFIRMED, Ground
from assay.policy.proof.regions import regions
from assay.policy.proof.wording import region_words
from assay.policy.symbolic import AGENT_ACCOUNT, CONTEXT_ALONE, PERSON, TARGET, Is, every, opposite, some

QUESTION: Final = "uncovered"
STATEMENT: Final = "of every sign-in of a person some policy demands something"


def uncovered(ground: Ground) -> Answer:
    """Refuted: the smallest regions that no policy covers, each with a sign-in that is let in without any proof."""
    meaning = ground.meaning
    demanding = [
        found for found in meaning.enforced if found.blocks or found.undecided or found.groups or found.ages.primary
    ]
    covered = some(*(meaning.applies(found) for found in demanding))
    ids = {found.policy.id for found in demanding}
    findings, unsure = [], []
    somebody = every(PERSON, Is(AGENT_ACCOUNT, False), opposite(Is(TARGET, CONTEXT_ALONE)))
    for region, found in regions(ground, every(somebody, opposite(covered)), within=somebody):
        decision = ground.decision(found)
        if decision is None or any(each.policy in ids for each in decision.applied):
            unsure.append(NOT_CONFIRMED)
            continue
        # What no one demands anything of may still be refused: by a session control that is not kept here.
        words = region_words({name: v for name, v in region.items() if name[:6] != "proof "}, ground.vocabulary)
        findings.append(Finding(words=words, shown=(ground.shown(found, decision.outcome),)))
    return ground.answer(QUESTION, STATEMENT, findings, unsure)
