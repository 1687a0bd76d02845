"""The process that proves the owner's invariants: a set and a file on standard input, what holds on standard output."""

import sys
from typing import Final

import msgspec

from assay.access.solver_process import confine
from assay.policy import PolicySet, compile_policies
from assay.policy.enforcement import GATEWAY
from assay.values import InvalidInputError, Wire

SECONDS: Final = 60


class ToProve(Wire, frozen=True, kw_only=True):
    """The set, and the file of invariants as it was read."""

    policy_set: PolicySet
    invariants: str


class Held(Wire, frozen=True, kw_only=True):
    """An invariant: proved, refuted or notKnown, and in words where it does not hold or why that is not known."""

    name: str
    result: str
    words: str = ""


def proved(asked: ToProve) -> tuple[Held, ...]:
    """What holds in the set, by the means of our gateway."""
    # Only now, and only here: it loads Z3.
    from assay.policy.proof import prove, read_invariants

    try:
        invariants = read_invariants(asked.invariants, asked.policy_set.strengths)
    except InvalidInputError as error:
        return (Held(name="the file of invariants", result="notKnown", words=error.message),)
    compiled = compile_policies(asked.policy_set)
    answers = prove(compiled, GATEWAY, questions=["reach"], invariants=invariants)
    return tuple(
        Held(
            name=answer.statement,
            result=answer.result.value,
            words="; ".join(answer.why) or " or ".join(finding.words for finding in answer.findings[:1]),
        )
        for answer in answers
    )


def main() -> None:
    """One question, one answer."""
    confine(SECONDS)
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=ToProve)
    sys.stdout.buffer.write(msgspec.json.encode(proved(asked)))


if __name__ == "__main__":
    main()
