"""/v1.0/auditLogs/signIns: every attempt to sign in, as Graph's signIn."""

from datetime import datetime
from typing import Final

from assay.access.activity import ShownSignIn
from assay.access.authorize import Permission
from assay.api.graph.reasons import ReasonShape, reason_shapes
from assay.api.graph.resource import Resource
from assay.api.odata.properties import EVERY_OPERATOR, Collection, Kind, Property, members_of
from assay.api.reason_sentences import reason_sentence
from assay.events.decision import DecisionId, short_code
from assay.events.sign_ins import MULTI_FACTOR, SINGLE_FACTOR, SignInOutcome, Strength
from assay.policy.definition import ConditionalAccessPolicy
from assay.values import Wire
from assay.values.asking import Order

CLIENT_APPS: Final = {"browser": "Browser", "mobileAppsAndDesktopClients": "Mobile Apps and Desktop clients"}


class StatusShape(Wire, frozen=True, kw_only=True):
    """Graph's signInStatus; codes as Entra numbers them."""

    error_code: int
    failure_reason: str
    additional_details: str | None


class DeviceShape(Wire, frozen=True, kw_only=True):
    """Graph's deviceDetail: what the client says of itself."""

    browser: str
    operating_system: str
    device_id: str
    is_compliant: bool | None
    is_managed: bool | None


class LocationShape(Wire, frozen=True, kw_only=True):
    """Graph's signInLocation; nothing of it is known yet."""

    city: str | None
    state: str | None
    country_or_region: str | None


class AppliedPolicyShape(Wire, frozen=True, kw_only=True):
    """Graph's appliedConditionalAccessPolicy."""

    id: str
    display_name: str
    result: str
    enforced_grant_controls: tuple[str, ...]
    enforced_session_controls: tuple[str, ...]


class SignInExtras(Wire, frozen=True, kw_only=True):
    """What Graph has no place for: the decision behind it, by which it is explained."""

    decision_id: str | None
    code: str | None
    outcome: str
    reasons: tuple[ReasonShape, ...]
    strength: str | None


class SignInShape(Wire, frozen=True, kw_only=True):
    """Graph's signIn; `correlationId` is the session."""

    id: str
    created_date_time: datetime
    user_id: str | None
    user_principal_name: str | None
    user_display_name: str | None
    app_id: str | None
    app_display_name: str | None
    ip_address: str | None
    client_app_used: str
    correlation_id: str | None
    conditional_access_status: str
    is_interactive: bool
    status: StatusShape
    device_detail: DeviceShape
    location: LocationShape
    user_agent: str | None
    risk_level_during_sign_in: str
    risk_state: str
    authentication_requirement: str
    authentication_methods_used: tuple[str, ...]
    applied_conditional_access_policies: tuple[AppliedPolicyShape, ...]
    assay: SignInExtras


def sign_in_shape(shown: ShownSignIn) -> SignInShape:
    """A sign-in as Graph shows it."""
    row, event = shown.sign_in, shown.event
    reason = event.unmapped.reason
    return SignInShape(
        id=row.id,
        created_date_time=row.at,
        user_id=row.user_id or None,
        user_principal_name=event.user.name if event.user is not None else None,
        user_display_name=shown.display_name or None,
        app_id=row.app_id or None,
        app_display_name=event.service.name if event.service is not None else None,
        ip_address=row.address or None,
        client_app_used=CLIENT_APPS.get(row.client_app, ""),
        correlation_id=row.session_id or None,
        conditional_access_status=row.conditional_access,
        is_interactive=True,
        status=StatusShape(
            error_code=row.error_code,
            failure_reason=reason_sentence(reason) if reason is not None and row.error_code else "",
            additional_details=_more(shown),
        ),
        device_detail=DeviceShape(
            browser=row.browser, operating_system=row.system, device_id="", is_compliant=None, is_managed=None
        ),
        location=LocationShape(city=None, state=None, country_or_region=None),
        user_agent=event.http_request.user_agent if event.http_request is not None else None,
        risk_level_during_sign_in="none",
        risk_state="none",
        authentication_requirement=row.requirement,
        authentication_methods_used=row.methods,
        applied_conditional_access_policies=_policies(shown),
        assay=SignInExtras(
            decision_id=row.decision_id or None,
            code=short_code(DecisionId(row.decision_id)) if row.decision_id else None,
            outcome=row.outcome.value,
            reasons=() if reason is None else reason_shapes((reason,)),
            strength=row.strength.value or None,
        ),
    )


def _more(shown: ShownSignIn) -> str | None:
    """That one row stands for attempts that were only counted."""
    parameters = dict(shown.event.unmapped.reason.parameters) if shown.event.unmapped.reason is not None else {}
    return f"{parameters['more']} more since {parameters['since']}" if {"more", "since"} <= parameters.keys() else None


def _policies(shown: ShownSignIn) -> tuple[AppliedPolicyShape, ...]:
    decision = shown.event.unmapped.decision
    if decision is None:
        return ()
    return tuple(
        AppliedPolicyShape(
            id=each.policy,
            display_name=each.name,
            result=each.result,
            enforced_grant_controls=_grants(shown.policies.get(each.policy)),
            enforced_session_controls=_sessions(shown.policies.get(each.policy)),
        )
        for each in decision.applied
    )


def _grants(policy: ConditionalAccessPolicy | None) -> tuple[str, ...]:
    controls = policy.grant_controls if policy is not None else None
    if controls is None:
        return ()
    strength = ("RequireAuthenticationStrength",) if controls.authentication_strength else ()
    return (*(each.value.capitalize() for each in controls.built_in_controls), *strength)


def _sessions(policy: ConditionalAccessPolicy | None) -> tuple[str, ...]:
    controls = policy.session_controls if policy is not None else None
    if controls is None:
        return ()
    held = {
        "SignInFrequency": controls.sign_in_frequency is not None,
        "PersistentBrowser": controls.persistent_browser is not None,
        "Limits": controls.limits is not None,
        "DisableResilienceDefaults": controls.disable_resilience_defaults,
    }
    return tuple(name for name, there in held.items() if there)


SIGN_INS: Final = Resource(
    path="/auditLogs/signIns",
    permission=Permission.AUDIT_LOG_READ_ALL,
    asked=Collection(
        name="auditLogs/signIns",
        properties=(
            Property(path="id", field="id"),
            Property(path="createdDateTime", field="at", kind=Kind.INSTANT, operators=EVERY_OPERATOR, ordered=True),
            Property(path="userId", field="user_id"),
            Property(path="userPrincipalName", field="user_key", folded=True, text_search=True, ordered=True),
            Property(path="appId", field="app_id"),
            Property(path="appDisplayName", field="app_key", folded=True, text_search=True, ordered=True),
            Property(path="ipAddress", field="address", text_search=True, ordered=True),
            Property(path="correlationId", field="session_id"),
            Property(path="status/errorCode", field="error_code", kind=Kind.NUMBER, operators=EVERY_OPERATOR),
            Property(
                path="conditionalAccessStatus",
                field="conditional_access",
                spelled={each: each for each in ("success", "failure", "notApplied")},
            ),
            Property(
                path="authenticationRequirement",
                field="requirement",
                spelled={each: each for each in (SINGLE_FACTOR, MULTI_FACTOR)},
            ),
            Property(
                path="clientAppUsed", field="client_app", spelled={name: kept for kept, name in CLIENT_APPS.items()}
            ),
            Property(path="deviceDetail/browser", field="browser", text_search=True),
            Property(path="deviceDetail/operatingSystem", field="system", text_search=True),
            Property(path="assay/outcome", field="outcome", spelled={each: each for each in SignInOutcome}),
            Property(path="assay/reason", field="reason"),
            Property(path="assay/strength", field="strength", spelled={each: each for each in Strength if each}),
            Property(path="assay/decisionId", field="decision_id"),
        ),
        selectable=members_of(SignInShape),
        order=Order(field="at", descending=True),
        key=(("at", Kind.INSTANT), ("leaf_index", Kind.NUMBER)),
    ),
    shape=SignInShape,
    words="Attempts to sign in, newest first.",
    find=lambda graph, ask: graph.reading.activity.sign_ins(ask),
    show=sign_in_shape,
    one=lambda graph, sign_in_id: graph.reading.activity.sign_in(sign_in_id),
    one_words="One attempt, by id.",
)
