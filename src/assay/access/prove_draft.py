"""What can be proved of a policy that is being written, as if it were on: by a process of its own, and never for long.

One thing is proved at a time; what a caller asked before their newest question is not begun any more, or ended.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from assay.access.draft_proofs import LINE, SECONDS, Asked, Proof
from assay.access.import_policies import ImportOptions, plan_import
from assay.access.only_newest import OnlyNewest, Unanswered
from assay.access.premises import Premises
from assay.access.preview_policy import source_of, switched_on
from assay.access.solver_process import ask
from assay.policy import SourceFile
from assay.store import Reader
from assay.values import InvalidInputError, Value

# Not imported here: the solver is loaded by that process alone.
_PROVER: Final = "assay.access.prove_in_process"


class Proofs(Value, frozen=True, kw_only=True):
    """The answers that came; `complete`: nothing of it was cut off by the limit of time or memory."""

    answers: tuple[Proof, ...] = ()
    complete: bool = True


class ProveDraft:
    """The flow behind the proofs beside the editor."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._turns = OnlyNewest()

    async def prove(self, caller: str, policy: Mapping[str, object]) -> Proofs | Unanswered:
        """Every question about this policy; raises InvalidInputError where it cannot be read."""

        async def ask() -> Proofs:
            given = source_of(policy, self._premises.new_id())
            return await _proved(await self._premises.store.read_list(lambda reader: _asked(reader, given)))

        return await self._turns.answer(caller, ask)


def _asked(reader: Reader, given: SourceFile) -> Asked:
    plan = plan_import(reader, (given,), ImportOptions())
    if len(plan.policies) != 1 or plan.malformed:
        raise InvalidInputError("the policy cannot be read", remedy="see: POST /v1.0/assay/policies/preview")
    policy = plan.policies[0].policy
    return Asked(in_force=plan.now, draft=switched_on(plan.now, policy), policy=policy.display_name)


async def _proved(asked: Asked) -> Proofs:
    said = await ask(_PROVER, msgspec.json.encode(asked), SECONDS)
    # Ended in the middle of a line, it did not say that.
    answers = tuple(LINE.decode(line) for line in said.output.splitlines(keepends=True) if line.endswith(b"\n"))
    return Proofs(answers=answers, complete=said.complete)
