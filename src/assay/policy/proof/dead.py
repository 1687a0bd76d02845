"""Dead policies: those that no sign-in can ever meet."""

from typing import Final

from assay.policy.proof.answer import Answer, Finding
from assay.policy.proof.ground import Ground
from assay.policy.proof.unseen import unseen_of_any
from assay.policy.symbolic import Is

QUESTION: Final = "dead"
STATEMENT: Final = "every policy that is on or reports applies to some sign-in"

NOWHERE: Final = "no sign-in satisfies its conditions: it names nobody or nothing, or excludes all that it includes"
UNSEEN: Final = "no sign-in at our gateway satisfies its conditions: what they ask for is never seen there"


def dead(ground: Ground) -> Answer:
    """Refuted: the policies for which there is none, or none at our gateway."""
    solver, findings = ground.solver(), []
    seen = tuple(Is(name, value) for name, value in unseen_of_any(ground).items())
    for found in ground.meaning.compiled.policies:
        applies = ground.meaning.applies(found)
        if solver.find(applies, *seen) is None:
            words = NOWHERE if not seen or solver.find(applies) is None else UNSEEN
            findings.append(Finding(words=words, policies=(found.policy.display_name,)))
    return ground.answer(QUESTION, STATEMENT, findings)
