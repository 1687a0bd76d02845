"""A person's own sign-ins, as the log keeps them: newest first, a page at a time."""

from typing import Final

from assay.access.own_pages import Visit
from assay.access.own_steps import OwnSignIn, SignInsPage
from assay.access.premises import Premises
from assay.access.steps import Outcome
from assay.access.visitor import Visitor
from assay.events import short_code
from assay.events.decision import DecisionId
from assay.events.records import sign_ins
from assay.events.records.search import content
from assay.events.records.sign_ins import ListedSignIn
from assay.events.sign_ins import SignInOutcome
from assay.store import Reader
from assay.values import EventId, Reason, UserId
from assay.values.asking import Ask, Compare, Found, Operator, Order, Position

SIGN_INS = "/sign-ins"
PAGE: Final = 25
NEWEST_FIRST: Final = Order(field="at", descending=True)


class OwnSignIns:
    """The flow behind `/sign-ins`."""

    def __init__(self, premises: Premises, *, visit: Visit) -> None:
        self._premises = premises
        self._visit = visit

    async def page(self, visitor: Visitor, before: str = "") -> Outcome:
        """Sign-ins before the one with this event id; "" begins with the newest."""
        visit = await self._visit(visitor, SIGN_INS)
        if isinstance(visit, Outcome):
            return visit
        user_id = visit.session.user_id
        found = await self._premises.store.read(lambda reader: _look(reader, user_id, before))
        page = SignInsPage(
            user_name=visit.user_name,
            help_desk=visit.help_desk,
            sign_ins=tuple(map(_row, found.rows)),
            older=found.rows[-1].sign_in.id if found.next is not None else "",
            first=not before,
        )
        return Outcome(step=page)


def _look(reader: Reader, user_id: UserId, before: str) -> Found[ListedSignIn]:
    """Ids are handed out, not places in the log: those would tell how much happens in the house."""
    last = sign_ins.by_id(reader, EventId(before)) if before else None
    if before and (last is None or last.sign_in.user_id != user_id):
        return Found(rows=())
    ask = Ask(
        order=NEWEST_FIRST,
        where=Compare(field="user_id", operator=Operator.EQ, value=user_id),
        after=None if last is None else Position(values=(last.sign_in.at, last.sign_in.leaf_index)),
        limit=PAGE,
    )
    return sign_ins.page(reader, ask)


def _row(listed: ListedSignIn) -> OwnSignIn:
    row, said = listed.sign_in, content(listed.leaf)
    reason = said.unmapped.reason if said is not None else None
    more = dict(reason.parameters).get("more", "0") if reason is not None else "0"
    return OwnSignIn(
        at=row.at,
        result=row.outcome,
        # Of a sign-in that succeeded there is nothing to explain.
        reason=None if row.outcome is SignInOutcome.ALLOW else reason or _of(row.reason),
        app=said.service.name if said is not None and said.service is not None else "",
        address=row.address,
        user_agent=said.http_request.user_agent if said is not None and said.http_request is not None else "",
        more=int(more),
        short_code=short_code(DecisionId(row.decision_id)) if row.decision_id else "",
    )


def _of(code: str) -> Reason | None:
    return Reason.of(code) if code else None
