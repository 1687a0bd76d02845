"""conditionalAccessPolicy from and to Graph's JSON."""

from uuid import UUID, uuid5

from assay.policy.condition_set import ConditionSet
from assay.policy.conditions import CONDITIONS, service_principals, subject
from assay.policy.definition import AuthenticationStrengthPolicy, ConditionalAccessPolicy, PolicyState
from assay.policy.graph_json import JsonObject, MalformedError, Node, canonical_id
from assay.policy.importers.grant_controls import read_grant, write_grant
from assay.policy.importers.session_controls import read_session, write_session
from assay.values import PolicyId

LOCATIONS = "LocationInfo"
_TEMPLATES = UUID("7a4f2c3e-7f0a-5d1b-9a43-5d3f0c9d8e21")  # name space of ids made from a template's name


def read_policy(node: Node) -> tuple[ConditionalAccessPolicy, AuthenticationStrengthPolicy | None]:
    """A policy and its inline custom strength; a template without id gets one made from its name."""
    node.ignore("createdDateTime", "modifiedDateTime", "partialEnablementStrategy")
    # What CIPP and IntuneManagement write beside a policy, to make elsewhere what it names; locations are read apart.
    node.ignore(LOCATIONS, "AuthContextInfo")
    name = node.text("displayName")
    state = node.choice("state", PolicyState)
    if node.text("deletedDateTime") and state is not None:
        state = PolicyState.DISABLED  # of deletedItems: it may be restored, and is in force no more
    policy_id = node.text("id")
    description, template = node.text("description"), node.text("templateId")
    if not name and node.holds("display_name"):
        hint = "display_name is Terraform's word; export the policy that it deployed from Graph"
        raise MalformedError(node.path, "notGraph", hint=hint)
    if not node.holds("conditions") and node.holds("details"):
        raise MalformedError((*node.path, "details"), "templateWhole")
    if not name:
        raise MalformedError((*node.path, "displayName"), "required")
    if state is None:
        raise MalformedError((*node.path, "state"), "requiredOneOf", known=", ".join(PolicyState))
    conditions = _conditions(node)
    grant, strength = read_grant(node)
    session = read_session(node)
    node.leave(deeper=True)
    policy = ConditionalAccessPolicy(
        id=PolicyId(canonical_id(policy_id) if policy_id else str(uuid5(_TEMPLATES, name))),
        display_name=name,
        state=state,
        conditions=conditions,
        grant_controls=grant,
        session_controls=session,
        description=description or "",
        template_id=template,
        undecided=tuple(node.kept),
    )
    return policy, strength


def _conditions(node: Node) -> ConditionSet:
    part = node.child("conditions")
    if part is None:
        raise MalformedError((*node.path, "conditions"), "required")
    for_users, for_others = part.holds(subject.PART), part.holds(subject.WORKLOADS)
    if not (for_users or for_others):
        raise MalformedError((*part.path, subject.PART), "required")
    if not part.holds("applications"):
        raise MalformedError((*part.path, "applications"), "required")
    conditions = ConditionSet(
        users=subject.decode(part, ConditionSet()), client_applications=service_principals.decode(part)
    )
    for condition in CONDITIONS:
        conditions = condition.decode(part, conditions)
    part.leave(deeper=True)
    return conditions


def write_policy(policy: ConditionalAccessPolicy) -> JsonObject:
    """Graph's shape, without the undecided parts."""
    conditions: JsonObject = {
        **subject.encode(policy.conditions.users),
        subject.WORKLOADS: service_principals.encode(policy.conditions.client_applications),
    }
    for condition in CONDITIONS:
        conditions |= condition.encode(policy.conditions)
    return {
        "id": policy.id,
        "templateId": policy.template_id,
        "displayName": policy.display_name,
        "description": policy.description or None,
        "state": policy.state.value,
        "conditions": conditions,
        "grantControls": write_grant(policy.grant_controls),
        "sessionControls": write_session(policy.session_controls),
    }
