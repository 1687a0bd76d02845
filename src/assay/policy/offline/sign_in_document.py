"""A sign-in as a document: the body of Graph's `evaluate`, and what else a decision depends on (docs/decide.md)."""

from datetime import UTC, datetime

from assay.policy.conditions.applications import CONTEXTS
from assay.policy.definition import Undecided
from assay.policy.enforcement import EVERYTHING, EnforcementPoint
from assay.policy.graph_json import Json, MalformedError, Node
from assay.policy.offline.conditions import Conditions, read_conditions
from assay.policy.offline.directory import NO_DIRECTORY, Directory, read_directory
from assay.policy.offline.expected import Expected, read_expected
from assay.policy.offline.identity import principal_of, read_identity
from assay.policy.offline.reading import identifiers, instant
from assay.policy.offline.satisfied import read_satisfied
from assay.policy.request import (
    AccessRequest,
    AppTarget,
    AuthenticationContextTarget,
    Target,
    UserAction,
    UserActionTarget,
)
from assay.values import AppId, Value

# Where a document names no time at all; nothing of a decision depends on the date.
NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
# Graph's userAction, and the words that policies have for the same.
ACTIONS = {
    "registerSecurityInformation": UserAction.REGISTER_SECURITY_INFO,
    "registerOrJoinDevices": UserAction.REGISTER_DEVICE,
}

# What a document has beside Graph's body.
_OF_DOCUMENTS = frozenset({"description", "directory", "satisfied", "expected", "at"})


class SignIn(Value, frozen=True, kw_only=True):
    """One sign-in, read; `notes`: what was assumed where the document says nothing."""

    request: AccessRequest
    notes: tuple[str, ...]
    description: str = ""
    expected: Expected | None = None
    applied_policies_only: bool = False


def read_sign_in(
    value: Json, *, directory: Directory = NO_DIRECTORY, enforced_by: EnforcementPoint = EVERYTHING
) -> SignIn:
    """The sign-in of a document; `directory` stands in where it has none; MalformedError says what is wrong, where."""
    kept: list[Undecided] = []
    node = Node(value, (), kept)
    node.ignore("$schema")  # for editors
    description = node.text("description") or ""
    given = node.child("directory")
    known = directory if given is None else read_directory(given)
    identity = read_identity(_part(node, "signInIdentity"))
    target = _target(_part(node, "signInContext"), known)
    conditions = read_conditions(node.child("signInConditions"))
    at = instant(node, "at")
    shown = read_satisfied(node.child("satisfied"), at)
    expected = read_expected(node.child("expected", bare=True))
    applied_only = node.boolean("appliedPoliciesOnly") or False
    node.finish()
    moment = at or shown.latest or NO_TIME
    principal, notes = principal_of(identity, known)
    if at is None and shown.latest is None and any(proof.minutes for proof in shown.proofs):
        notes = (*notes, f"at is not given: the sign-in is at {NO_TIME.isoformat()}, which only ages are counted from")
    device = shown.device_of(conditions.device)
    return SignIn(
        request=AccessRequest(
            principal=principal,
            assigned=None,
            target=target,
            client_app=conditions.client_app,
            platform=conditions.platform,
            address=conditions.address,
            country=_country(conditions),
            gps_country=conditions.gps_country,
            compliant_network=conditions.compliant_network,
            device=device,
            flows=conditions.flows,
            sign_in_risk=conditions.sign_in_risk,
            user_risk=conditions.user_risk,
            service_principal_risk=conditions.service_principal_risk,
            agent_id_risk=conditions.agent_id_risk,
            insider_risk=conditions.insider_risk,
            agent_context=conditions.agent_context,
            proofs=tuple(proof.proof(moment) for proof in shown.proofs),
            satisfied=shown.satisfied(moment),
            at=moment,
            enforced_by=enforced_by,
        ),
        notes=(*notes, *conditions.notes(registered=device is not None)),
        description=description,
        expected=expected,
        applied_policies_only=applied_only,
    )


def read_evaluate(value: Json) -> SignIn:
    """The body of Graph's `evaluate` and no more: who and what there is, is known where it is asked."""
    if isinstance(value, dict):
        for key in value:
            if key.lower() in _OF_DOCUMENTS:
                raise MalformedError((key,), "unknownKey")
    return read_sign_in(value)


def _part(node: Node, key: str) -> Node:
    found = node.child(key, bare=True)
    if found is None:
        raise MalformedError((*node.path, key), "required")
    return found


def _country(conditions: Conditions) -> str | None:
    """An address alone has a country that nobody here can look up: Graph's flag for unknown countries decides."""
    if conditions.country is None and conditions.address is not None:
        return ""
    return conditions.country


def _target(node: Node, directory: Directory) -> Target:
    """Graph's applicationContext, authContext or userActionContext; a context may stand beside the app that asks."""
    apps = identifiers(node, "includeApplications")
    context = node.text("authenticationContextValue")
    action = node.text("userAction")
    node.finish()
    if context is not None and context.lower() not in CONTEXTS:
        raise MalformedError(
            (*node.path, "authenticationContextValue"), "unknownWord", value=context, known="c1 to c99"
        )
    if action is not None and not apps and context is None:
        return UserActionTarget(action=_action(action, (*node.path, "userAction")))
    if len(apps) > 1 or action is not None:
        raise MalformedError(node.path, "oneTarget")
    contexts = frozenset() if context is None else frozenset({context.lower()})
    for app in apps:
        known = directory.apps.get(app)
        return AppTarget(
            app_id=AppId(app),
            contexts=contexts,
            attributes=known.attributes if known else (),
            groups=known.groups if known else frozenset(),
        )
    if context is None:
        raise MalformedError(node.path, "oneTarget")
    return AuthenticationContextTarget(context=context.lower())


def _action(text: str, path: tuple[str, ...]) -> UserAction:
    for name, action in ACTIONS.items():
        if name.lower() == text.lower() or action.value == text.lower():
            return action
    raise MalformedError(path, "unknownWord", value=text[:100], known=", ".join(ACTIONS))
