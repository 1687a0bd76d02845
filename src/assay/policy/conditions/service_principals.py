"""Workload and agent identities: by id, by the word for all, by filters on their attributes (D WL, AGENT)."""

from collections.abc import Callable
from typing import Final

from assay.policy.condition_set import ALL, SERVICE_PRINCIPALS_IN_MY_TENANT, ClientApplications, Filter, FilterMode
from assay.policy.conditions.base import Match, Policies, Rule, RuleMatch
from assay.policy.conditions.filters import (
    attribute_values,
    decode_filter,
    encode_filter,
    narrowed,
    narrowed_term,
    rule_of,
)
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.filter_rule import CUSTOM_SECURITY_ATTRIBUTE, holds
from assay.policy.graph_json import JsonObject, Node, strings
from assay.policy.request import Principal
from assay.policy.symbolic import (
    AGENT_IDENTITY,
    PRINCIPAL,
    PRINCIPAL_ATTRIBUTE,
    SORT,
    TRUE,
    WORKLOAD,
    Is,
    Term,
    Vocabulary,
    every,
    opposite,
    some,
)
from assay.values import Value

PART: Final = "clientApplications"
REMEMBERED: Final = 8_192  # identities whose masks are kept


class _Named(Value, frozen=True, kw_only=True):
    """What a policy says about one sort of identity."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]
    every: str
    filter: Filter | None


def _named(policy: ConditionalAccessPolicy, principal: Principal) -> _Named | None:
    """None: the policy is about people, or about the other sort."""
    found = policy.conditions.client_applications
    if found is None:
        return None
    if principal.agent:
        return _Named(
            include=found.include_agent_id_service_principals,
            exclude=found.exclude_agent_id_service_principals,
            every=ALL,
            filter=found.agent_id_service_principal_filter,
        )
    return _Named(
        include=found.include_service_principals,
        exclude=found.exclude_service_principals,
        every=SERVICE_PRINCIPALS_IN_MY_TENANT,
        filter=found.service_principal_filter,
    )


def _passes(found: Filter, principal: Principal) -> bool:
    return holds(rule_of(found, CUSTOM_SECURITY_ATTRIBUTE), attribute_values(principal.attributes))


def match(policy: ConditionalAccessPolicy, principal: Principal) -> Match:
    """How one policy sees the identity; no policy is about one of another tenant, or a managed one (D WL)."""
    named = None if principal.foreign else _named(policy, principal)
    value = f"{'agentIdentity' if principal.agent else 'workloadIdentity'} {principal.id}"
    if named is None:
        return Match(configured=True, value=value)
    rules = {named.every: Rule.ALL_SERVICE_PRINCIPALS, principal.id: Rule.SERVICE_PRINCIPAL_ID}
    include = tuple(RuleMatch(rule=rules[name], value=name) for name in named.include if name in rules)
    exclude = tuple(RuleMatch(rule=rules[name], value=name) for name in named.exclude if name in rules)
    if named.filter is not None:
        passes = _passes(named.filter, principal)
        word = RuleMatch(rule=Rule.SERVICE_PRINCIPAL_FILTER, value=named.filter.rule)
        if named.filter.mode is FilterMode.EXCLUDE:
            exclude = (*exclude, word) if passes else exclude
        else:
            everything = named.every in named.include
            kept = narrowed(named.filter, lambda: passes, included=bool(include), everything=everything)
            include = (*include, *((word,) if passes else ())) if kept else ()
    return Match(configured=True, value=value, include=include, exclude=exclude)


def symbolic(policy: ConditionalAccessPolicy, vocabulary: Vocabulary) -> Term | None:
    """For proofs: the identities that the policy is about."""
    found = policy.conditions.client_applications
    if found is None:
        return some()

    def meant(names: tuple[str, ...], every_one: str) -> Term:
        return some(*(TRUE if name == every_one else Is(PRINCIPAL, name) for name in names))

    def narrowed_to(names: tuple[str, ...], every_one: str, by: Filter | None) -> Term:
        included, everything = meant(names, every_one), every_one in names
        return narrowed_term(by, included, PRINCIPAL_ATTRIBUTE, vocabulary, everything=everything)

    tenants_own = SERVICE_PRINCIPALS_IN_MY_TENANT
    return some(
        every(
            Is(SORT, WORKLOAD),
            narrowed_to(found.include_service_principals, tenants_own, found.service_principal_filter),
            opposite(meant(found.exclude_service_principals, tenants_own)),
        ),
        every(
            Is(SORT, AGENT_IDENTITY),
            narrowed_to(found.include_agent_id_service_principals, ALL, found.agent_id_service_principal_filter),
            opposite(meant(found.exclude_agent_id_service_principals, ALL)),
        ),
    )


def index(policies: Policies) -> Callable[[Principal], int]:
    """A function from a workload identity to the mask of the policies that are about it."""
    about = [(1 << bit, policy) for bit, policy in enumerate(policies) if policy.conditions.client_applications]
    known: dict[Principal, int] = {}

    def mask_of(principal: Principal) -> int:
        found = known.get(principal)
        if found is None:
            found = sum(bit for bit, policy in about if match(policy, principal).satisfied)
            if len(known) >= REMEMBERED:
                known.clear()
            known[principal] = found
        return found

    return mask_of if about else lambda _: 0


def decode(node: Node) -> ClientApplications | None:
    """conditionalAccessClientApplications."""
    part = node.child(PART)
    if part is None:
        return None
    found = ClientApplications(
        include_service_principals=part.ids("includeServicePrincipals", SERVICE_PRINCIPALS_IN_MY_TENANT),
        exclude_service_principals=part.ids("excludeServicePrincipals"),
        service_principal_filter=decode_filter(part, "servicePrincipalFilter", CUSTOM_SECURITY_ATTRIBUTE),
        include_agent_id_service_principals=part.ids("includeAgentIdServicePrincipals", ALL),
        exclude_agent_id_service_principals=part.ids("excludeAgentIdServicePrincipals"),
        agent_id_service_principal_filter=decode_filter(
            part, "agentIdServicePrincipalFilter", CUSTOM_SECURITY_ATTRIBUTE
        ),
    )
    part.leave()
    return found if found != ClientApplications() else None


def encode(found: ClientApplications | None) -> JsonObject | None:
    """Graph's shape; the parts about agents, which only beta has, where there are any."""
    if found is None:
        return None
    written: JsonObject = {
        "includeServicePrincipals": strings(found.include_service_principals),
        "excludeServicePrincipals": strings(found.exclude_service_principals),
        "servicePrincipalFilter": encode_filter(found.service_principal_filter),
    }
    agents: JsonObject = {
        "includeAgentIdServicePrincipals": strings(found.include_agent_id_service_principals),
        "excludeAgentIdServicePrincipals": strings(found.exclude_agent_id_service_principals),
        "agentIdServicePrincipalFilter": encode_filter(found.agent_id_service_principal_filter),
    }
    return written | agents if any(agents.values()) else written
