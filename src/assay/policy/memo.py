"""The engine's memory of answers: same question, same answer, without asking again."""

from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from assay.policy.decision import Decision
from assay.policy.request import AccessRequest

# Answers of one generation; there are two, so that a flood of questions costs time and no memory, and what is asked
# again and again outlives it.
REMEMBERED: Final = 4_096


class Answer(msgspec.Struct, frozen=True, gc=False):
    """A decision and the time in which nothing that it says can differ; what was asked, where that is kept.

    INVARIANT: the request is held, so the id of its proofs is given to no others.
    """

    since: datetime
    until: datetime
    decision: Decision
    subject: int = 0
    request: AccessRequest | None = None


class Memo:
    """Answers by place (`place_of`); of two questions that share one the later answer stays."""

    def __init__(self) -> None:
        self._answers: dict[int, Answer] = {}
        self._before: dict[int, Answer] = {}

    def recall(self, place: int, subject: int, request: AccessRequest) -> Answer | None:
        """The answer given before, if it is the same question in the time for which the answer holds.

        Everything that is asked is compared, but for the instant; at once where the parts are kept ones.
        """
        answer = self._answers.get(place)
        if answer is None:
            answer = self._before.get(place)
            if answer is None:
                return None
            self.remember(place, answer)
        at, before = request.at, answer.request
        if (
            answer.since <= at < answer.until
            and answer.subject == subject
            and before is not None
            and replace(before, at=at) == request
        ):
            return answer
        return None

    def remember(self, place: int, answer: Answer) -> None:
        """Keep an answer to the request that has this place."""
        if len(self._answers) >= REMEMBERED:
            self._before, self._answers = self._answers, {}
        self._answers[place] = answer


def place_of(request: AccessRequest) -> int:
    """Where an answer to this request is kept: by the identity of a session's proofs, and by what is asked for."""
    return id(request.proofs) ^ hash(request.target)
