"""The engine's memory of answers: same question, same answer, without asking again."""

from datetime import datetime
from typing import Final

from assay.policy.decision import AppliedPolicy, Decision, PolicyResult
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.request import AccessRequest
from assay.values import PolicyId, Value

REMEMBERED: Final = 8_192  # answers; beyond it the memory starts afresh, so a flood costs time and no memory

# The mask, the identities of what is kept with a session, whether assigned, and what else about the request matters.
Question = tuple[int, int, int, int, int, bool | None, int]


class Answer(Value, frozen=True, kw_only=True):
    """A decision and the time in which nothing that it says can differ.

    INVARIANT: holding the request keeps the ids of its parts from being given to others.
    """

    request: AccessRequest
    since: datetime
    until: datetime
    decision: Decision


class Memo:
    """Answers by question."""

    def __init__(self) -> None:
        self._answers: dict[Question, Answer] = {}
        self._applied: dict[tuple[PolicyId, PolicyResult], AppliedPolicy] = {}

    def recall(self, question: Question, at: datetime) -> Answer | None:
        """The answer given before, if it is the same question in the time for which the answer holds."""
        answer = self._answers.get(question)
        if answer is not None and answer.since <= at < answer.until:
            return answer
        return None

    def applied(self, policy: ConditionalAccessPolicy, result: PolicyResult) -> AppliedPolicy:
        """The one value for a policy and how it went: thousands of remembered answers share it."""
        known = self._applied.get((policy.id, result))
        if known is None:
            known = AppliedPolicy(policy=policy.id, display_name=policy.display_name, result=result)
            self._applied[policy.id, result] = known
        return known

    def remember(self, question: Question, answer: Answer) -> None:
        """Keep an answer."""
        if len(self._answers) >= REMEMBERED:
            self._answers.clear()
        self._answers[question] = answer
