"""Run as a program: proves of a draft what its input asks, an answer a line; it can be ended at any time."""

import sys
from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec.structs import replace

from assay.access.draft_proofs import SECONDS, Asked
from assay.access.solver_process import confine
from assay.policy import compile_policies
from assay.policy.enforcement import GATEWAY
from assay.policy.proof import Answer, Result, contradictory, dead, lock_out, prove, shadowed, tightening

# Of these only what they say of the draft is told; of the others the whole set is what counts.
OF_THE_DRAFT: Final = frozenset({contradictory.QUESTION, dead.QUESTION, shadowed.QUESTION})
QUESTIONS: Final = (lock_out.QUESTION, tightening.QUESTION, *sorted(OF_THE_DRAFT))


def answers(asked: Asked) -> Iterator[Answer]:
    """Every question about the draft, by what our gateway can hold people to."""
    found = prove(
        compile_policies(asked.draft),
        GATEWAY,
        questions=asked.questions or QUESTIONS,
        in_force=compile_policies(asked.in_force),
    )
    return (_of_the_draft(answer, asked.policy) for answer in found)


def _of_the_draft(answer: Answer, policy: str) -> Answer:
    """Only what names it; where nothing does, what was asked is so of it."""
    if answer.question not in OF_THE_DRAFT or answer.result is not Result.REFUTED:
        return answer
    findings = tuple(each for each in answer.findings if policy in each.policies)
    return replace(answer, findings=findings, result=Result.REFUTED if findings else Result.PROVED)


def main() -> None:
    """Read what is asked, and answer."""
    confine(SECONDS)
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    for answer in answers(asked):
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
