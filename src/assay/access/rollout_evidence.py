"""What the decisions that are kept say of a new text since its stage began: whom it refused, whom it asked for more."""

from datetime import datetime
from typing import Final

from assay.access.authorize import administers
from assay.access.everybody import Everybody
from assay.events import DecisionId, DecisionRecord
from assay.events.records.decision_pages import decisions_since
from assay.policy import Outcome, PolicyResult
from assay.store import Reader
from assay.values import PolicyId, Reason, UserId, Value

PAGE: Final = 2_000
# So many rows are looked at, from the beginning of the stage on; each stands for any number of equal decisions.
LOOKED: Final = 50_000
NAMED: Final = 20
_REFUSED: Final = frozenset({PolicyResult.FAILURE.value, PolicyResult.REPORT_ONLY_FAILURE.value})
_ASKED: Final = frozenset({PolicyResult.REPORT_ONLY_INTERRUPTED.value})


class Evidence(Value, frozen=True, kw_only=True):
    """Decisions since `since` that the new text applied to; in report-only `refused` are those that it would have.

    `people`: how many it refused or asked for more. `administrators`: the first of those with a role that it refused
    and nothing else did, by name; `shows`: a decision of the first of them. `complete`: every decision of that time
    was looked at. `reported`: the new text only reports, so that all of this is what it would have done.
    """

    since: datetime
    decisions: int
    refused: int
    stepped_up: int
    people: int
    administrators: tuple[str, ...]
    complete: bool
    reported: bool = False
    shows: DecisionId | None = None

    def refusal_of(self, name: str) -> Reason:
        """Why the rollout of this policy does not go on where there are such administrators."""
        code = "rolloutWouldRefuseAdministrators" if self.reported else "rolloutRefusesAdministrators"
        people = ", ".join(self.administrators)
        return Reason.of(code, people=people, name=name, decision=self.shows or "DECISION")


def evidence(reader: Reader, everybody: Everybody, policy: PolicyId, since: datetime) -> Evidence:
    """What is recorded of the policy with this id; reads at most `LOOKED` rows."""
    counts = Counts(policy)
    after: tuple[datetime, str] | None = None
    for _ in range(LOOKED // PAGE):
        page = decisions_since(reader, since, after, PAGE)
        for record in page.records:
            counts.take(record)
        after = page.last
        if after is None:
            break
    refused = (user for user in everybody.users if user.id in counts.refused_alone)
    named = {user.user_name: user.id for user in refused if administers(everybody.principal(user).roles)}
    names = tuple(sorted(named))[:NAMED]
    return Evidence(
        since=since,
        decisions=counts.decisions,
        refused=counts.refused,
        stepped_up=counts.stepped_up,
        people=len(counts.people),
        administrators=names,
        complete=after is None,
        shows=counts.refused_alone[named[names[0]]] if names else None,
    )


class Counts:
    """What decisions, one after another, say of the policy with this id; `refused_alone`: by it only, and in which."""

    def __init__(self, policy: PolicyId) -> None:
        self._policy = policy
        self.decisions = self.refused = self.stepped_up = 0
        self.people: set[str] = set()
        self.refused_alone: dict[UserId, DecisionId] = {}

    def take(self, record: DecisionRecord) -> None:
        """Count a decision, where the policy applied to it."""
        result = next((each.result for each in record.applied if each.policy == self._policy), None)
        if result is None:
            return
        self.decisions += record.count
        # Enforced and unmet, it is the outcome that says whether the person could do something about it.
        asked = result in _ASKED or (result == PolicyResult.FAILURE and record.outcome == Outcome.STEP_UP)
        if asked:
            self.stepped_up += record.count
        elif result in _REFUSED:
            self.refused += record.count
            if record.user_id is not None and not self._by_others(record, reports=result != PolicyResult.FAILURE):
                self.refused_alone[record.user_id] = record.uid
        else:
            return
        self.people.add(record.user_id or record.session_id or "")

    def _by_others(self, record: DecisionRecord, *, reports: bool) -> bool:
        """Whether it was refused without this policy: what only reports refuses nobody."""
        if reports:
            return record.outcome == Outcome.BLOCK
        others = (each for each in record.applied if each.policy != self._policy)
        unassigned = any(reason.code == "notAssigned" for reason in record.reasons)
        return unassigned or any(each.result == PolicyResult.FAILURE for each in others)
