"""The state of access at a glance: counts of a time, each made of a bounded number of rows whatever happened in it."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from assay.access.premises import Premises
from assay.apps.records import apps
from assay.events.counts import DECISION_BUCKET, CutTimes, DecisionCount
from assay.events.records import counts, sign_ins
from assay.events.records.checkpoints import newest_checkpoint
from assay.events.records.log import read_tree
from assay.events.records.sign_ins import Tally
from assay.governance.records import policies
from assay.identities.methods.summary import Strengths
from assay.identities.records import methods
from assay.policy import Outcome, PolicyState
from assay.sessions.records import sessions
from assay.store import Reader
from assay.values import InvalidInputError, Value

# A chart has at most so many columns.
BUCKETS: Final = 120
WIDTHS: Final = (
    DECISION_BUCKET,
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=7),
)
LONGEST: Final = WIDTHS[-1] * BUCKETS
USUAL: Final = timedelta(days=1)
REFUSALS: Final = 10


class LogState(Value, frozen=True, kw_only=True):
    """How many events there are, how many of them a signed checkpoint holds, and since when."""

    size: int
    signed: int
    signed_at: datetime | None


class Overview(Value, frozen=True, kw_only=True):
    """What happened from `since` to `until`, and what is so now; `refusals` are the most frequent, with their reason.

    `policies` by state; `strengths`: people by the best that they can prove.
    """

    since: datetime
    until: datetime
    bucket: timedelta
    decisions: tuple[DecisionCount, ...]
    refusals: tuple[tuple[str, int], ...]
    sign_ins: Tally
    strengths: Strengths
    open_sessions: int
    people_signed_in: int
    cut_times: CutTimes
    log: LogState
    apps: int
    policies: dict[PolicyState, int]


class Glance:
    """The flow behind the overview."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def look(self, since: datetime | None, until: datetime | None) -> Overview:
        """Raises InvalidInputError for a time that ends before it begins, or longer than two years."""
        now = self._premises.now()
        until = until or now
        since = since or until - USUAL
        if not timedelta(0) < until - since <= LONGEST:
            raise InvalidInputError(
                f"from has to be before to, by {LONGEST.days} days at most", remedy="write 2026-01-31T09:00:00Z"
            )
        return await self._premises.store.read_list(lambda reader: _look(reader, since, until, now))

    async def log(self) -> LogState:
        """How far the log is signed."""
        return await self._premises.store.read(_log)


def bucket_for(length: timedelta) -> timedelta:
    """The narrowest width of which few enough cover this length."""
    return next((width for width in WIDTHS if length <= width * BUCKETS), WIDTHS[-1])


def _look(reader: Reader, since: datetime, until: datetime, now: datetime) -> Overview:
    bucket = bucket_for(until - since)
    decisions = counts.decision_counts(reader, since, until, bucket)
    refused: Counter[str] = Counter()
    for each in decisions:
        if each.outcome == Outcome.BLOCK and each.reason:
            refused[each.reason] += each.count
    opened = sessions.count_open(reader, now)
    states = Counter(policy.state for policy in policies.every(reader))
    return Overview(
        since=since,
        until=until,
        bucket=bucket,
        decisions=decisions,
        refusals=tuple(refused.most_common(REFUSALS)),
        sign_ins=sign_ins.tally(reader, since, until),
        strengths=methods.strengths(reader),
        open_sessions=sum(opened.values()),
        people_signed_in=len(opened),
        cut_times=counts.cut_times(reader, since, until),
        log=_log(reader),
        apps=len(apps.every(reader)),
        policies={state: states[state] for state in PolicyState},
    )


def _log(reader: Reader) -> LogState:
    newest = newest_checkpoint(reader)
    size, at = (0, None) if newest is None else newest
    return LogState(size=read_tree(reader).size, signed=size, signed_at=at)
