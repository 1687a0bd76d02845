"""/v1.0/assay/overview: the state of access at a glance, each figure with the list of its rows."""

from datetime import datetime, timedelta
from typing import Annotated, Final
from urllib.parse import quote

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from assay.access.authorize import Permission
from assay.access.overview import Glance, Overview
from assay.api.graph.log import LogStateShape, log_state
from assay.api.reason_sentences import code_sentence
from assay.events.sign_ins import SignInOutcome, Strength
from assay.policy import Outcome, PolicyState
from assay.values import InvalidInputError, Wire


class Figure(Wire, frozen=True, kw_only=True):
    """A number, and where in the console its rows are."""

    count: int
    href: str


class DecisionBucket(Wire, frozen=True, kw_only=True):
    """Decisions from `start` on, for the width of a bucket; `notAssigned` is not counted in `block` once more."""

    start: datetime
    allow: int = 0
    step_up: int = 0
    block: int = 0
    not_assigned: int = 0


class DecisionSeries(Wire, frozen=True, kw_only=True):
    """Buckets in which there was a decision, oldest first."""

    bucket_seconds: int
    buckets: tuple[DecisionBucket, ...]
    total: Figure


class Refusal(Wire, frozen=True, kw_only=True):
    """A reason of refusals, how often, and the `$filter` of /assay/decisions that lists them."""

    reason: str
    message: str
    count: int
    filter: str
    href: str


class PeopleByStrength(Wire, frozen=True, kw_only=True):
    """Enabled people by the best that they can prove."""

    password_only: int
    mfa: int
    phishing_resistant: int
    nothing: int


class SignInsByStrength(Wire, frozen=True, kw_only=True):
    """Successful sign-ins by what was proved."""

    password_only: Figure
    mfa: Figure
    phishing_resistant: Figure


class MethodStrength(Wire, frozen=True, kw_only=True):
    """Both, people and sign-ins."""

    people: PeopleByStrength
    sign_ins: SignInsByStrength


class CutBucket(Wire, frozen=True, kw_only=True):
    """Cuts that took at most `leMs`, and longer than the bound before."""

    le_ms: float
    count: int


class TimeToCut(Wire, frozen=True, kw_only=True):
    """How long cuts took, from when access was found withdrawn to the reset; quantiles are bounds of buckets."""

    buckets: tuple[CutBucket, ...]
    p50: float | None
    p99: float | None
    count: int


class SignInCounts(Wire, frozen=True, kw_only=True):
    """Sign-ins by how they ended; interrupted: a control was asked for."""

    success: Figure
    interrupted: Figure
    failure: Figure


class PolicyCounts(Wire, frozen=True, kw_only=True):
    """Policies by state."""

    on: int
    report_only: int
    off: int


class OverviewShape(Wire, frozen=True, kw_only=True):
    """What happened between two instants, and what is so now."""

    from_date_time: datetime
    to_date_time: datetime
    decisions: DecisionSeries
    top_refusals: tuple[Refusal, ...]
    sign_ins: SignInCounts
    method_strength: MethodStrength
    open_sessions: Figure
    people_signed_in: Figure
    time_to_cut: TimeToCut
    log: LogStateShape
    people: Figure
    apps: Figure
    policies: PolicyCounts


From = Annotated[str | None, QueryParameter(name="from", description="RFC 3339; without it, a day before `to`")]
To = Annotated[str | None, QueryParameter(name="to", description="RFC 3339; without it, now")]


@get("/assay/overview", opt={"permission": Permission.ORGANIZATION_READ_ALL})
async def show_overview(glance: NamedDependency[Glance], since: From = None, until: To = None) -> OverviewShape:
    """The state of access at a glance."""
    return _shape(await glance.look(_instant("from", since), _instant("to", until)))


ROUTES: Final = (show_overview,)


def _instant(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
        if read.tzinfo is not None:
            # So far from the edges of what can be counted that nothing overflows.
            read - timedelta(days=1_000), read + timedelta(days=1_000)
            return read
    except (ValueError, OverflowError):
        pass
    raise InvalidInputError(f"{name} is no instant: {text[:40]!r}", remedy="write 2026-01-31T09:00:00Z")


def _shape(seen: Overview) -> OverviewShape:
    time = f"ge {_text(seen.since)} and {{}} lt {_text(seen.until)}"
    within = "createdDateTime " + time.format("createdDateTime")
    strengths, cut = seen.strengths, seen.cut_times
    people = strengths.none + strengths.password_only + strengths.mfa + strengths.phishing_resistant
    return OverviewShape(
        from_date_time=seen.since,
        to_date_time=seen.until,
        decisions=DecisionSeries(
            bucket_seconds=seen.bucket // timedelta(seconds=1),
            buckets=_buckets(seen),
            total=Figure(count=sum(each.count for each in seen.decisions), href=_href("/decisions", within)),
        ),
        top_refusals=tuple(_refusal(reason, count, within) for reason, count in seen.refusals),
        sign_ins=_sign_ins(seen, within),
        method_strength=MethodStrength(
            people=PeopleByStrength(
                password_only=strengths.password_only,
                mfa=strengths.mfa,
                phishing_resistant=strengths.phishing_resistant,
                nothing=strengths.none,
            ),
            sign_ins=SignInsByStrength(
                password_only=_of_strength(seen, Strength.PASSWORD_ONLY, within),
                mfa=_of_strength(seen, Strength.MFA, within),
                phishing_resistant=_of_strength(seen, Strength.PHISHING_RESISTANT, within),
            ),
        ),
        open_sessions=Figure(count=seen.open_sessions, href="/sessions"),
        people_signed_in=Figure(count=seen.people_signed_in, href="/sessions"),
        time_to_cut=TimeToCut(
            buckets=tuple(CutBucket(le_ms=bound / 1_000, count=count) for bound, count in cut.counts),
            p50=_milliseconds(cut.quantile(0.5)),
            p99=_milliseconds(cut.quantile(0.99)),
            count=cut.count,
        ),
        log=log_state(seen.log),
        people=Figure(count=people, href=_href("/people", "accountEnabled eq true")),
        apps=Figure(count=seen.apps, href="/apps"),
        policies=PolicyCounts(
            on=seen.policies[PolicyState.ENABLED],
            report_only=seen.policies[PolicyState.REPORT_ONLY],
            off=seen.policies[PolicyState.DISABLED],
        ),
    )


def _buckets(seen: Overview) -> tuple[DecisionBucket, ...]:
    sums: dict[datetime, dict[str, int]] = {}
    for each in seen.decisions:
        kind = "notAssigned" if each.reason == "notAssigned" else each.outcome
        bucket = sums.setdefault(each.at, {})
        bucket[kind] = bucket.get(kind, 0) + each.count
    return tuple(
        DecisionBucket(
            start=start,
            allow=counts.get(Outcome.ALLOW.value, 0),
            step_up=counts.get(Outcome.STEP_UP.value, 0),
            block=counts.get(Outcome.BLOCK.value, 0),
            not_assigned=counts.get("notAssigned", 0),
        )
        for start, counts in sums.items()
    )


def _refusal(reason: str, count: int, within: str) -> Refusal:
    condition = f"reason eq '{reason}' and outcome eq 'block' and {within}"
    return Refusal(
        reason=reason,
        message=code_sentence(reason),
        count=count,
        filter=condition,
        href=_href("/decisions", condition),
    )


def _sign_ins(seen: Overview, within: str) -> SignInCounts:
    def of(*outcomes: SignInOutcome) -> Figure:
        named = ", ".join(f"'{outcome}'" for outcome in outcomes)
        count = sum(seen.sign_ins.outcomes[outcome] for outcome in outcomes)
        return Figure(count=count, href=_href("/sign-ins", f"assay/outcome in ({named}) and {within}"))

    return SignInCounts(
        success=of(SignInOutcome.ALLOW),
        interrupted=of(SignInOutcome.STEP_UP),
        failure=of(SignInOutcome.BLOCK, SignInOutcome.FAILED, SignInOutcome.THROTTLED),
    )


def _of_strength(seen: Overview, strength: Strength, within: str) -> Figure:
    return Figure(
        count=seen.sign_ins.strengths[strength], href=_href("/sign-ins", f"assay/strength eq '{strength}' and {within}")
    )


def _href(view: str, condition: str) -> str:
    return f"{view}?$filter={quote(condition, safe='')}"


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _milliseconds(bound: int | None) -> float | None:
    return None if bound is None else bound / 1_000
