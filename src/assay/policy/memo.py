"""The engine's memory of answers: same question, same answer, without asking again."""

from datetime import datetime
from typing import Final

from assay.policy.decision import Decision
from assay.policy.request import Proof
from assay.values import Value

REMEMBERED: Final = 16_384  # answers; beyond it the memory starts afresh, so a flood costs time and no memory

Question = tuple[int, int, bool | None, bool, bool]  # mask, id of the proofs, assigned, legacy, registering


class Answer(Value, frozen=True, kw_only=True):
    """A decision and the time in which nothing that it says can differ.

    INVARIANT: holding `proofs` keeps their id from being given to another tuple.
    """

    proofs: tuple[Proof, ...]
    since: datetime
    until: datetime
    decision: Decision


class Memo:
    """Answers by question."""

    def __init__(self) -> None:
        self._answers: dict[Question, Answer] = {}

    def recall(self, question: Question, proofs: tuple[Proof, ...], at: datetime) -> Decision | None:
        """The answer given before, if it is the same question in the time for which the answer holds."""
        answer = self._answers.get(question)
        if answer is not None and answer.proofs is proofs and answer.since <= at < answer.until:
            return answer.decision
        return None

    def remember(self, question: Question, answer: Answer) -> None:
        """Keep an answer."""
        if len(self._answers) >= REMEMBERED:
            self._answers.clear()
        self._answers[question] = answer
