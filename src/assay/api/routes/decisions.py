"""/v1/decisions: the account of a recorded decision."""

from typing import Annotated, Final

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from assay.access.explain import Account, Decisions
from assay.api.shapes.decisions import (
    AskedShape,
    ConditionShape,
    ControlShape,
    DecisionShape,
    ExplainedPolicyShape,
    OthersShape,
    ReasonShape,
    SpeaksAgainstShape,
    WayChangeShape,
    WayInShape,
)
from assay.policy import AccessRequest, AppTarget, PolicyExplanation, Target
from assay.policy.conditions.base import RuleMatch
from assay.policy.explain import Others
from assay.policy.request import AuthenticationContextTarget
from assay.policy.targets import NAMED_TARGETS
from assay.values import InvalidInputError

DIGITS, MANY = 9, 999_999_999
OTHERS_LIMIT: Final = 100  # of one answer: each takes a tenth of a millisecond
OthersAsked = Annotated[
    str, QueryParameter(name="others", description=f"How many that do not apply, 0 to {OTHERS_LIMIT}")
]
OthersAfter = Annotated[str, QueryParameter(name="othersAfter", description="How many of those come before")]


@get("/decisions/{code:str}")
async def explain_decision(
    code: FromPath[str],
    decisions: NamedDependency[Decisions],
    others: OthersAsked = "0",
    others_after: OthersAfter = "0",
) -> DecisionShape:
    """Explain the decision with this id or short code."""
    return decision_shape(await decisions.explain(code), others=others, after=others_after)


ROUTES: Final = (explain_decision,)


def decision_shape(account: Account, *, others: str = "0", after: str = "0") -> DecisionShape:
    """The account of a decision, with a page of the policies that do not apply; raises InvalidInputError."""
    most, skip = _number(others, "others", OTHERS_LIMIT), _number(after, "othersAfter", MANY)
    record, decision = account.record, account.explanation.decision
    return DecisionShape(
        id=record.uid,
        code=record.short_code,
        at=record.at,
        last_at=record.last_at,
        count=record.count,
        user=account.user_name,
        app=account.app_name,
        outcome=record.outcome,
        assignment=decision.assignment.value,
        conditional_access=decision.conditional_access.value,
        reasons=tuple(ReasonShape(code=each.code, parameters=dict(each.parameters)) for each in record.reasons),
        same=account.same,
        policy_set_hash=record.policy_set_hash,
        engine_then=record.engine_version,
        engine_now=account.engine_now,
        asked=_asked(account.request),
        policies=tuple(map(_policy, account.explanation.policies)),
        others=_others(account.explanation.others, skip, most),
        way_in=_way_in(account),
    )


def _way_in(account: Account) -> WayInShape | None:
    found, places = account.way_in, dict(account.places)
    if found is None:
        return None
    changes = (
        None
        if found.changes is None
        else tuple(
            WayChangeShape(change=each.kind.value, subject=places.get(each.subject, each.subject))
            for each in found.changes
        )
    )
    return WayInShape(changes=changes, exhaustive=found.exhaustive)


def _number(text: str, name: str, most: int) -> int:
    if text.isascii() and text.isdigit() and len(text) <= DIGITS and int(text) <= most:
        return int(text)
    raise InvalidInputError(f"{name} is no number from 0 to {most}: {text[:40]!r}")


def _others(found: Others, skip: int, most: int) -> OthersShape:
    return OthersShape(
        count=len(found),
        disabled=found.disabled,
        by_condition=tuple(
            SpeaksAgainstShape(condition=name.value, count=count) for name, count in found.by_condition.items()
        ),
        policies=tuple(map(_policy, found.page(skip, most))),
    )


def _asked(request: AccessRequest) -> AskedShape:
    return AskedShape(
        user_id=request.principal.id,
        user_type=request.principal.kind.value if request.principal.kind else "workloadIdentity",
        groups=tuple(sorted(request.principal.groups)),
        roles=tuple(sorted(request.principal.roles)),
        assigned=request.assigned,
        target=_named(request.target),
        client_app="all" if request.client_app is None else request.client_app.value,
        platform=None if request.platform is None else request.platform.value,
        address=None if request.address is None else str(request.address),
        methods=tuple(proof.method.value for proof in request.proofs),
    )


def _named(target: Target) -> str:
    if isinstance(target, AppTarget):
        return NAMED_TARGETS.get(target.app_id, target.app_id)
    return target.context if isinstance(target, AuthenticationContextTarget) else target.action.value


def _policy(explained: PolicyExplanation) -> ExplainedPolicyShape:
    return ExplainedPolicyShape(
        id=explained.policy,
        display_name=explained.display_name,
        state=explained.state.value,
        result=explained.result.value,
        conditions=tuple(
            ConditionShape(
                condition=each.condition.value,
                configured=each.configured,
                value=each.value,
                satisfied=each.satisfied,
                include=tuple(map(_rule, each.include)),
                exclude=tuple(map(_rule, each.exclude)),
                undecided=each.undecided,
            )
            for each in explained.conditions
        ),
        controls=tuple(
            ControlShape(
                control=str(each.control),
                group=each.group,
                satisfied=each.satisfied,
                satisfied_by=tuple(method.value for method in each.satisfied_by),
                missing=tuple(method.value for method in each.missing),
            )
            for each in explained.controls
        ),
        undecided=explained.undecided,
    )


def _rule(rule: RuleMatch) -> str:
    return f"{rule.rule.value}:{rule.value}" if rule.value else rule.rule.value
