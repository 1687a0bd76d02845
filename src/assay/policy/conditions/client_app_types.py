"""Client app types: browser, native client, Exchange ActiveSync, other (legacy) clients."""

from msgspec.structs import replace

from assay.policy.condition_set import ConditionSet
from assay.policy.conditions.base import Condition, ConditionName, Index, Match, Policies, Rule, RuleMatch, mask, masks
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.graph_json import JsonObject, Node, strings
from assay.policy.location_table import LocationTable
from assay.policy.request import AccessRequest, ClientApp
from assay.policy.symbolic import CLIENT, TRUE, Term, Vocabulary

PART = "clientAppTypes"
EVERY = "all"
SORTS = frozenset(
    {ClientApp.BROWSER, ClientApp.MOBILE_APPS_AND_DESKTOP_CLIENTS, ClientApp.EXCHANGE_ACTIVE_SYNC, ClientApp.OTHER}
)
RETIRED = {
    "modern": ClientApp.MOBILE_APPS_AND_DESKTOP_CLIENTS,
    "easunsupported": ClientApp.EXCHANGE_ACTIVE_SYNC,
}


def _by_client(policies: Policies) -> dict[ClientApp | None, int] | None:
    """Masks by client app type; None where no policy names any."""
    every = mask(policies, lambda policy: not policy.conditions.client_app_types)
    named = masks(policies, lambda policy: policy.conditions.client_app_types)
    if not named:
        return None
    by_client: dict[ClientApp | None, int] = {client: every | named.get(client, 0) for client in ClientApp}
    by_client[ClientApp.EAS_SUPPORTED] |= named.get(ClientApp.EXCHANGE_ACTIVE_SYNC, 0)
    # Whatever it is, it is one of those.
    by_client[None] = every | mask(policies, lambda policy: SORTS.issubset(policy.conditions.client_app_types))
    return by_client


def index(policies: Policies, _: LocationTable) -> Index:
    """Masks by client app type."""
    by_client = _by_client(policies)
    return None if by_client is None else lambda request: by_client[request.client_app]


def match(policy: ConditionalAccessPolicy, request: AccessRequest, _: LocationTable) -> Match:
    """How one policy sees the client."""
    named, seen = policy.conditions.client_app_types, request.client_app
    # Of Exchange ActiveSync, `easSupported` is the part on supported platforms.
    if seen is None and SORTS.issubset(named):
        meant: tuple[ClientApp | None, ...] = named
    else:
        meant = (seen, ClientApp.EXCHANGE_ACTIVE_SYNC) if seen is ClientApp.EAS_SUPPORTED else (seen,)
    return Match(
        configured=bool(named),
        value=seen or EVERY,
        include=tuple(RuleMatch(rule=Rule.CLIENT_APP, value=client) for client in named if client in meant),
        supplied=seen is not None,
    )


def symbolic(policy: ConditionalAccessPolicy, vocabulary: Vocabulary) -> Term:
    """For proofs: the clients that satisfy the policy, by its index."""
    by_client = _by_client((policy,))
    if by_client is None:
        return TRUE
    return vocabulary.where(CLIENT, lambda seen: bool(by_client[None if seen is None else ClientApp(str(seen))]))


def decode(node: Node, conditions: ConditionSet) -> ConditionSet:
    """A list of client app types; `all` in any case, or nothing, is every client."""
    if any(name.lower() == EVERY for name in node.texts(PART, keep=True)):
        node.ignore(PART)
        return conditions
    return replace(conditions, client_app_types=node.choices(PART, ClientApp, **RETIRED))


def encode(conditions: ConditionSet) -> JsonObject:
    """Graph's shape."""
    return {PART: strings(conditions.client_app_types or (EVERY,))}


CLIENT_APP_TYPES = Condition(
    name=ConditionName.CLIENT_TYPE,
    part=PART,
    decode=decode,
    encode=encode,
    match=match,
    index=index,
    symbolic=symbolic,
)
