"""How the session was handed over, now or ever since it began: device code, authentication transfer (D FLOW)."""

from msgspec.structs import replace

from assay.policy.condition_set import ConditionSet
from assay.policy.conditions.base import (
    Condition,
    ConditionName,
    Index,
    Match,
    Policies,
    Rule,
    RuleMatch,
    mask,
    masks,
    union,
)
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.graph_json import JsonObject, Node
from assay.policy.location_table import LocationTable
from assay.policy.request import AccessRequest, TransferMethod
from assay.policy.symbolic import TRUE, Term, Vocabulary, handed_over, some

PART = "authenticationFlows"
RULES = {
    TransferMethod.DEVICE_CODE_FLOW: Rule.DEVICE_CODE_FLOW,
    TransferMethod.AUTHENTICATION_TRANSFER: Rule.AUTHENTICATION_TRANSFER,
}


def index(policies: Policies, _: LocationTable) -> Index:
    """Masks by transfer method; a session may have been handed over by several."""
    by_method = masks(policies, lambda policy: policy.conditions.transfer_methods)
    if not by_method:
        return None
    anyhow = mask(policies, lambda policy: not policy.conditions.transfer_methods)
    return lambda request: anyhow | union(by_method, request.flows)


def match(policy: ConditionalAccessPolicy, request: AccessRequest, _: LocationTable) -> Match:
    """How one policy sees the hand-over."""
    named = policy.conditions.transfer_methods
    return Match(
        configured=bool(named),
        value=",".join(sorted(request.flows)) or "none",
        include=tuple(RuleMatch(rule=RULES[method], value=method) for method in named if method in request.flows),
    )


def decode(node: Node, conditions: ConditionSet) -> ConditionSet:
    """conditionalAccessAuthenticationFlows."""
    part = node.child(PART)
    if part is None:
        return conditions
    methods = part.flags("transferMethods", TransferMethod)
    part.leave()
    return replace(conditions, transfer_methods=methods)


def encode(conditions: ConditionSet) -> JsonObject:
    """Graph's shape."""
    methods = conditions.transfer_methods
    return {PART: {"transferMethods": ",".join(methods)} if methods else None}


def symbolic(policy: ConditionalAccessPolicy, _: Vocabulary) -> Term:
    """For proofs: any of the flows that the policy names."""
    methods = policy.conditions.transfer_methods
    return some(*map(handed_over, methods)) if methods else TRUE


AUTHENTICATION_FLOWS = Condition(
    name=ConditionName.AUTHENTICATION_FLOWS,
    part=PART,
    decode=decode,
    encode=encode,
    match=match,
    index=index,
    symbolic=symbolic,
)
