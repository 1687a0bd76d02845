"""In what circumstances an agent's account acts (beta, seen in exports only)."""

from msgspec.structs import replace

from assay.policy.condition_set import ConditionSet
from assay.policy.conditions.base import Condition, ConditionName, Index, Match, Policies, Rule, RuleMatch, mask, masks
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.graph_json import JsonObject, Node, strings
from assay.policy.location_table import LocationTable
from assay.policy.request import AccessRequest
from assay.policy.symbolic import AGENT_CONTEXT, TRUE, Term, Vocabulary

PART = "agentContext"


def index(policies: Policies, _: LocationTable) -> Index:
    """Masks by context; no context is none of them."""
    by_context = masks(policies, lambda policy: policy.conditions.agent_contexts)
    if not by_context:
        return None
    anyhow = mask(policies, lambda policy: not policy.conditions.agent_contexts)
    return lambda request: anyhow | by_context.get(request.agent_context or "", 0)


def match(policy: ConditionalAccessPolicy, request: AccessRequest, _: LocationTable) -> Match:
    """How one policy sees the circumstances."""
    named, seen = policy.conditions.agent_contexts, request.agent_context
    return Match(
        configured=bool(named),
        value=seen or "none",
        include=(RuleMatch(rule=Rule.AGENT_CONTEXT, value=seen),) if seen and seen in named else (),
    )


def decode(node: Node, conditions: ConditionSet) -> ConditionSet:
    """`includeAgentContexts`, a list of names."""
    part = node.child(PART)
    if part is None:
        return conditions
    contexts = part.texts("includeAgentContexts")
    part.leave()
    return replace(conditions, agent_contexts=contexts)


def encode(conditions: ConditionSet) -> JsonObject:
    """Graph's shape."""
    contexts = conditions.agent_contexts
    return {PART: {"includeAgentContexts": strings(contexts)} if contexts else None}


def symbolic(policy: ConditionalAccessPolicy, vocabulary: Vocabulary) -> Term:
    """For proofs: the contexts that satisfy the policy."""
    named = policy.conditions.agent_contexts
    return vocabulary.where(AGENT_CONTEXT, lambda seen: seen in named) if named else TRUE


AGENT_CONTEXTS = Condition(
    name=ConditionName.AGENT_CONTEXT,
    part=PART,
    decode=decode,
    encode=encode,
    match=match,
    index=index,
    symbolic=symbolic,
)
