"""Dead policies: those that no sign-in can ever meet."""

from typing import Final

from assay.policy.proof.answer import Answer, Finding
from assay.policy.proof.ground import Ground

QUESTION: Final = "dead"
STATEMENT: Final = "every policy that is on or reports applies to some sign-in"


def dead(ground: Ground) -> Answer:
    """Refuted: the policies for which there is none."""
    solver, findings = ground.solver(), []
    for found in ground.meaning.compiled.policies:
        if solver.find(ground.meaning.applies(found)) is None:
            words = "no sign-in satisfies its conditions: it names nobody or nothing, or excludes all that it includes"
            findings.append(Finding(words=words, policies=(found.policy.display_name,)))
    return ground.answer(QUESTION, STATEMENT, findings)
