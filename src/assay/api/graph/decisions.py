"""/v1.0/assay/decisions: what the engine decided, and the whole account of each decision."""

from datetime import datetime
from typing import Final

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from assay.access.activity import ShownDecision
from assay.access.authorize import Permission
from assay.access.explain import Decisions
from assay.api.graph.reasons import AppliedShape, ReasonShape, applied_shapes, reason_shapes
from assay.api.graph.resource import Resource
from assay.api.odata.properties import EVERY_OPERATOR, Collection, Kind, Property, members_of
from assay.api.routes.decisions import OthersAfter, OthersAsked, decision_shape
from assay.api.shapes.decisions import DecisionShape
from assay.policy import Outcome
from assay.values import Wire
from assay.values.asking import Order


class ListedDecisionShape(Wire, frozen=True, kw_only=True):
    """Equal decisions from `createdDateTime` to `lastDateTime`; names are those of today."""

    id: str
    code: str
    created_date_time: datetime
    last_date_time: datetime
    count: int
    user_id: str | None
    user_principal_name: str | None
    app_id: str | None
    app_display_name: str | None
    outcome: str
    reasons: tuple[ReasonShape, ...]
    applied_policies: tuple[AppliedShape, ...]
    session_id: str | None
    ip_address: str | None


@get("/assay/decisions/{code:str}", opt={"permission": Permission.DECISION_READ_ALL})
async def show_decision(
    code: FromPath[str],
    decisions: NamedDependency[Decisions],
    others: OthersAsked = "0",
    others_after: OthersAfter = "0",
) -> DecisionShape:
    """One decision by id or short code, made again: each condition, the value seen, whether it matched."""
    return decision_shape(await decisions.explain(code), others=others, after=others_after)


ROUTES: Final = (show_decision,)


def listed_decision(shown: ShownDecision) -> ListedDecisionShape:
    """A decision as lists show it."""
    record = shown.record
    return ListedDecisionShape(
        id=record.uid,
        code=record.short_code,
        created_date_time=record.at,
        last_date_time=record.last_at,
        count=record.count,
        user_id=record.user_id,
        user_principal_name=shown.user_name or None,
        app_id=record.app_id,
        app_display_name=shown.app_name or None,
        outcome=record.outcome,
        reasons=reason_shapes(record.reasons),
        applied_policies=applied_shapes(record.applied),
        session_id=record.session_id,
        ip_address=shown.address or None,
    )


DECISIONS: Final = Resource(
    path="/assay/decisions",
    permission=Permission.DECISION_READ_ALL,
    asked=Collection(
        name="assay/decisions",
        properties=(
            Property(path="id", field="id"),
            Property(path="code", field="short_code"),
            Property(path="createdDateTime", field="at", kind=Kind.INSTANT, operators=EVERY_OPERATOR, ordered=True),
            Property(path="userId", field="user_id", nullable=True),
            Property(path="userPrincipalName", field="user_key", folded=True, nullable=True),
            Property(path="appId", field="app_id", nullable=True),
            Property(path="sessionId", field="session_id", nullable=True),
            Property(path="outcome", field="outcome", spelled={each: each for each in Outcome}),
            Property(path="reason", field="reason"),
        ),
        selectable=members_of(ListedDecisionShape),
        order=Order(field="at", descending=True),
        key=(("at", Kind.INSTANT), ("id", Kind.TEXT)),
    ),
    shape=ListedDecisionShape,
    words="Decisions, newest first; equal ones of a moment are one row with a count.",
    find=lambda graph, ask: graph.reading.activity.decisions(ask),
    show=listed_decision,
)
