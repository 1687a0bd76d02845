"""Resources by id, group and filter, user actions, authentication contexts."""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from assay.policy.app_groups import APP_GROUPS, groups_of_app, members_of
from assay.policy.condition_set import ALL, NONE, Applications, ConditionSet, Filter, FilterMode
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
from assay.policy.conditions.filters import (
    attribute_values,
    decode_filter,
    encode_filter,
    narrowed,
    narrowed_term,
    rule_of,
)
from assay.policy.definition import ConditionalAccessPolicy, PolicyState
from assay.policy.filter_rule import CUSTOM_SECURITY_ATTRIBUTE, holds
from assay.policy.graph_json import JsonObject, MalformedError, Node, strings
from assay.policy.location_table import LocationTable
from assay.policy.request import AccessRequest, AppTarget, AuthenticationContextTarget, UserAction, UserActionTarget
from assay.policy.symbolic import (
    ACTION,
    APP,
    APP_ATTRIBUTE,
    CONTEXT,
    TARGET,
    TRUE,
    Is,
    Term,
    Vocabulary,
    every,
    in_app_group,
    opposite,
    some,
)

PART = "applications"
REMEMBERED: Final = 8_192  # apps with attributes whose masks are kept
CONTEXTS: Final = frozenset(f"c{number}" for number in range(1, 100))

# `All` reaches the registration of sign-in methods (X EVAL, example 3), but not that of a device: nothing says
# that it does, and a policy that demands a compliant device must leave the way to make one compliant.
REACHED_BY_ALL = frozenset({UserAction.REGISTER_SECURITY_INFO})
WORDS: Final = {
    ALL: Rule.ALL_APPS,
    "Office365": Rule.OFFICE_365,
    "MicrosoftAdminPortals": Rule.MICROSOFT_ADMIN_PORTALS,
}


def _actions(policy: ConditionalAccessPolicy) -> tuple[UserAction, ...]:
    """A policy on user actions is not evaluated in report-only (D RO)."""
    if policy.state is PolicyState.REPORT_ONLY:
        return ()
    return policy.conditions.applications.include_user_actions


def _names(target: AppTarget) -> tuple[str, ...]:
    """The words in includeApplications that mean an app."""
    return (ALL, target.app_id, *dict.fromkeys((*groups_of_app(target.app_id), *sorted(target.groups))))


def index(policies: Policies, _: LocationTable) -> Index:
    """Masks by app id, by user action and by authentication context."""
    include = masks(policies, lambda policy: policy.conditions.applications.include_applications)
    exclude = masks(policies, lambda policy: policy.conditions.applications.exclude_applications)
    everywhere = include.get(ALL, 0)
    filtered = mask(policies, lambda policy: policy.conditions.applications.application_filter is not None)
    contexts = masks(
        policies, lambda policy: policy.conditions.applications.include_authentication_context_class_references
    )
    named = masks(policies, _actions)
    by_action = {
        action: named.get(action, 0) | (everywhere if action in REACHED_BY_ALL else 0) for action in UserAction
    }
    by_app: dict[AppTarget, int] = {}

    def of_app(target: AppTarget) -> int:
        names = _names(target)
        found = union(include, names) & ~union(exclude, names) & ~filtered
        bits, rest = 0, filtered
        while rest:
            lowest = rest & -rest
            if _app_match(policies[lowest.bit_length() - 1], target).satisfied:
                bits |= lowest
            rest ^= lowest
        return found | bits | union(contexts, target.contexts)

    def mask_of(request: AccessRequest) -> int:
        target = request.target
        if isinstance(target, AppTarget):
            found = by_app.get(target)
            if found is None:
                found = of_app(target)
                if len(by_app) >= REMEMBERED:
                    by_app.clear()
                by_app[target] = found
            return found
        if isinstance(target, UserActionTarget):
            return by_action[target.action]
        return contexts.get(target.context, 0)

    return mask_of


def reaches_by_user_action(policies: Policies, action: UserAction) -> int:
    """The bits of the policies that name the user action itself."""
    return mask(policies, lambda policy: action in _actions(policy))


def match(policy: ConditionalAccessPolicy, request: AccessRequest, _: LocationTable) -> Match:
    """How one policy sees the target."""
    applications, target = policy.conditions.applications, request.target
    if isinstance(target, AppTarget):
        return _app_match(policy, target)
    if isinstance(target, AuthenticationContextTarget):
        return Match(configured=True, value=target.context, include=_context_rules(applications, {target.context}))
    action, include = target.action, []
    if action in REACHED_BY_ALL and ALL in applications.include_applications:
        include.append(RuleMatch(rule=Rule.ALL_APPS, value=ALL))
    if action in _actions(policy):
        include.append(RuleMatch(rule=Rule.USER_ACTION, value=action))
    return Match(configured=True, value=action, include=tuple(include))


def _app_match(policy: ConditionalAccessPolicy, target: AppTarget) -> Match:
    """A context that the app asks for applies beside the app's own policies, whatever the policy excludes (I)."""
    applications = policy.conditions.applications
    contexts = _context_rules(applications, target.contexts)
    if contexts:
        return Match(configured=True, value=target.app_id, include=contexts)
    include = _app_rules(applications.include_applications, target)
    exclude = _app_rules(applications.exclude_applications, target, but=ALL)
    found = applications.application_filter
    if found is not None:
        everything = ALL in applications.include_applications
        include, exclude = _filtered(found, target, include, exclude, everything=everything)
    return Match(configured=True, value=target.app_id, include=include, exclude=exclude)


def _filtered(
    found: Filter,
    target: AppTarget,
    include: tuple[RuleMatch, ...],
    exclude: tuple[RuleMatch, ...],
    *,
    everything: bool,
) -> tuple[tuple[RuleMatch, ...], tuple[RuleMatch, ...]]:
    passes = holds(rule_of(found, CUSTOM_SECURITY_ATTRIBUTE), attribute_values(target.attributes))
    word = (RuleMatch(rule=Rule.APP_FILTER, value=found.rule),) if passes else ()
    if found.mode is FilterMode.EXCLUDE:
        return include, (*exclude, *word)
    kept = narrowed(found, lambda: passes, included=bool(include), everything=everything)
    return ((*include, *word) if kept else ()), exclude


def _context_rules(applications: Applications, asked: Iterable[str]) -> tuple[RuleMatch, ...]:
    named = applications.include_authentication_context_class_references
    if not named:
        return ()
    return tuple(RuleMatch(rule=Rule.AUTHENTICATION_CONTEXT, value=context) for context in named if context in asked)


def _app_rules(named: tuple[str, ...], target: AppTarget, *, but: str = "") -> tuple[RuleMatch, ...]:
    if not named:
        return ()
    return tuple(
        RuleMatch(rule=WORDS.get(name, Rule.APP_ID), value=name)
        for name in _names(target)
        if name in named and name != but
    )


def decode(node: Node, conditions: ConditionSet) -> ConditionSet:
    """conditionalAccessApplications."""
    part = node.child(PART)
    if part is None:
        return conditions
    applications = Applications(
        include_applications=part.ids("includeApplications", ALL, NONE, *APP_GROUPS),
        exclude_applications=part.ids("excludeApplications", *APP_GROUPS),
        application_filter=decode_filter(part, "applicationFilter", CUSTOM_SECURITY_ATTRIBUTE),
        include_user_actions=part.choices("includeUserActions", UserAction),
        include_authentication_context_class_references=_contexts(part),
        include_traffic_profiles=_traffic_profiles(part),
    )
    if NONE in applications.include_applications and len(applications.include_applications) > 1:
        raise MalformedError((*part.path, "includeApplications"), "noneBesideOthers")
    part.leave()
    return replace(conditions, applications=applications)


def _contexts(part: Node) -> tuple[str, ...]:
    key, known = "includeAuthenticationContextClassReferences", []
    for name in part.texts(key):
        if name.lower() in CONTEXTS:
            known.append(name.lower())
        else:
            part.undecided(key, name, element=True)
    return tuple(dict.fromkeys(known))


def _traffic_profiles(part: Node) -> tuple[str, ...]:
    """Deprecated, under two names with the same value."""
    found: dict[str, None] = {}
    for key in ("networkAccess", "globalSecureAccess"):
        inner = part.child(key)
        if inner is not None:
            for profile in (inner.text("includeTrafficProfiles") or "").split(","):
                if profile.strip():
                    found[profile.strip()] = None
            inner.leave()
    return tuple(found)


def encode(conditions: ConditionSet) -> JsonObject:
    """Graph's shape; the deprecated traffic profiles only where there are some."""
    applications = conditions.applications
    written: JsonObject = {
        "includeApplications": strings(applications.include_applications),
        "excludeApplications": strings(applications.exclude_applications),
        "applicationFilter": encode_filter(applications.application_filter),
        "includeUserActions": strings(applications.include_user_actions),
        "includeAuthenticationContextClassReferences": strings(
            applications.include_authentication_context_class_references
        ),
    }
    if applications.include_traffic_profiles:
        written["networkAccess"] = {"includeTrafficProfiles": ",".join(applications.include_traffic_profiles)}
    return {PART: written}


def symbolic(policy: ConditionalAccessPolicy, vocabulary: Vocabulary) -> Term | None:
    """For proofs: apps by id, group and filter, contexts, user actions."""
    applications = policy.conditions.applications
    targets = vocabulary.values(TARGET)
    is_app = vocabulary.where(TARGET, lambda target: str(target).startswith(APP))

    def meant(name: str) -> Term:
        if name == ALL:
            return TRUE
        if name in APP_GROUPS:
            return in_app_group(name)
        return some(*(Is(TARGET, APP + app) for app in (name, *members_of(name)) if APP + app in targets))

    excluded = some(*(meant(name) for name in applications.exclude_applications if name != ALL))
    included = narrowed_term(
        applications.application_filter,
        some(*map(meant, applications.include_applications)),
        APP_ATTRIBUTE,
        vocabulary,
        everything=ALL in applications.include_applications,
    )
    asked = applications.include_authentication_context_class_references
    actions = {
        *_actions(policy),
        *(REACHED_BY_ALL if ALL in applications.include_applications else ()),
    }
    return some(
        *(Is(CONTEXT, context) for context in asked),
        every(is_app, included, opposite(excluded)),
        *(Is(TARGET, ACTION + action) for action in actions),
    )


APPLICATIONS = Condition(
    name=ConditionName.APPLICATION,
    part=PART,
    decode=decode,
    encode=encode,
    match=match,
    index=index,
    symbolic=symbolic,
)
