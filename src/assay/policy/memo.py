"""The engine's memory of answers: same question, same answer, without asking again."""

from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Final

import msgspec

from assay.policy.decision import AppliedPolicy, Decision, PolicyResult
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.request import AccessRequest, Target
from assay.values import PolicyId

# Answers of one generation; there are two, so that a flood of questions costs time and no memory, and what is asked
# again and again outlives it.
REMEMBERED: Final = 4_096
# Everything that is asked, but for the instant. Compared in one step, and by identity where the parts are kept ones.
_parts: Final[Callable[[AccessRequest], tuple[object, ...]]] = attrgetter(
    *(field for field in AccessRequest.__struct_fields__ if field != "at")
)

Place = tuple[int, Target]  # the identity of a session's proofs, and what is asked for


class Answer(msgspec.Struct):
    """A decision and the time in which nothing that it says can differ; what was asked, where that is kept.

    INVARIANT: the request is held, so the id of its proofs is given to no others. `parts` are its parts, once the same
    place was asked again; that is all that ever changes here.
    """

    since: datetime
    until: datetime
    decision: Decision
    subject: int = 0
    request: AccessRequest | None = None
    parts: tuple[object, ...] | None = None


class Memo:
    """Answers by session and target."""

    def __init__(self) -> None:
        self._answers: dict[Place, Answer] = {}
        self._before: dict[Place, Answer] = {}
        self._applied: dict[tuple[PolicyId, PolicyResult], AppliedPolicy] = {}

    def recall(self, subject: int, request: AccessRequest) -> Answer | None:
        """The answer given before, if it is the same question in the time for which the answer holds."""
        place = (id(request.proofs), request.target)
        answer = self._answers.get(place)
        if answer is None:
            answer = self._before.get(place)
            if answer is None:
                return None
            self._keep(place, answer)
        parts = answer.parts
        if parts is None and answer.request is not None:
            parts = answer.parts = _parts(answer.request)
        if parts == _parts(request) and answer.subject == subject and answer.since <= request.at < answer.until:
            return answer
        return None

    def remember(self, answer: Answer, request: AccessRequest) -> None:
        """Keep an answer to this request."""
        self._keep((id(request.proofs), request.target), answer)

    def _keep(self, place: Place, answer: Answer) -> None:
        if len(self._answers) >= REMEMBERED:
            self._before, self._answers = self._answers, {}
        self._answers[place] = answer

    def applied(self, policy: ConditionalAccessPolicy, result: PolicyResult) -> AppliedPolicy:
        """The one value for a policy and how it went: thousands of remembered answers share it."""
        known = self._applied.get((policy.id, result))
        if known is None:
            known = AppliedPolicy(policy=policy.id, display_name=policy.display_name, result=result)
            self._applied[policy.id, result] = known
        return known
