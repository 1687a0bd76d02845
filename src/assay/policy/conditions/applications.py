"""Apps by id, `All`, `None`, and user actions."""

from msgspec.structs import replace

from assay.policy.conditions.base import Condition, ConditionName, Index, Match, Policies, Rule, RuleMatch, mask, masks
from assay.policy.definition import ALL, NONE, Applications, ConditionalAccessPolicy, ConditionSet, PolicyState
from assay.policy.graph_json import JsonObject, MalformedError, Node, strings
from assay.policy.location_table import LocationTable
from assay.policy.request import AccessRequest, AppTarget, UserAction
from assay.values import AppId

PART = "applications"
APP_GROUPS = ("Office365", "MicrosoftAdminPortals", "AllAgentIdResources")  # groups of apps that Graph keeps

# `All` reaches the registration of sign-in methods (X EVAL, example 3), but not that of a device: nothing says
# that it does, and a policy that demands a compliant device must leave the way to make one compliant.
REACHED_BY_ALL = frozenset({UserAction.REGISTER_SECURITY_INFO})


def _actions(policy: ConditionalAccessPolicy) -> tuple[UserAction, ...]:
    """A policy on user actions is not evaluated in report-only (D RO)."""
    if policy.state is PolicyState.REPORT_ONLY:
        return ()
    return policy.conditions.applications.include_user_actions


def index(policies: Policies, _: LocationTable) -> Index:
    """Masks by app id and by user action."""
    include = masks(policies, lambda policy: policy.conditions.applications.include_applications)
    exclude = masks(policies, lambda policy: policy.conditions.applications.exclude_applications)
    everywhere = include.get(ALL, 0)
    by_app = {
        AppId(app): (include.get(app, 0) | everywhere) & ~exclude.get(app, 0) for app in include.keys() | exclude.keys()
    }
    named = masks(policies, _actions)
    by_action = {
        action: named.get(action, 0) | (everywhere if action in REACHED_BY_ALL else 0) for action in UserAction
    }

    def mask_of(request: AccessRequest) -> int:
        target = request.target
        if isinstance(target, AppTarget):
            return by_app.get(target.app_id, everywhere)
        return by_action[target.action]

    return mask_of


def reaches_by_user_action(policies: Policies, action: UserAction) -> int:
    """The bits of the policies that name the user action itself."""
    return mask(policies, lambda policy: action in _actions(policy))


def match(policy: ConditionalAccessPolicy, request: AccessRequest, _: LocationTable) -> Match:
    """How one policy sees the target."""
    applications, target = policy.conditions.applications, request.target
    if isinstance(target, AppTarget):
        return Match(
            configured=True,
            value=target.app_id,
            include=_app_rules(applications.include_applications, target.app_id),
            exclude=_app_rules(applications.exclude_applications, target.app_id, everything=False),
        )
    action, include = target.action, []
    if action in REACHED_BY_ALL and ALL in applications.include_applications:
        include.append(RuleMatch(rule=Rule.ALL_APPS, value=ALL))
    if action in _actions(policy):
        include.append(RuleMatch(rule=Rule.USER_ACTION, value=action))
    return Match(configured=True, value=action, include=tuple(include))


def _app_rules(named: tuple[str, ...], app_id: AppId, *, everything: bool = True) -> tuple[RuleMatch, ...]:
    rules = []
    if everything and ALL in named:
        rules.append(RuleMatch(rule=Rule.ALL_APPS, value=ALL))
    if app_id in named:
        rules.append(RuleMatch(rule=Rule.APP_ID, value=app_id))
    return tuple(rules)


def decode(node: Node, conditions: ConditionSet) -> ConditionSet:
    """conditionalAccessApplications; filters, authentication contexts and traffic profiles are undecided."""
    part = node.child(PART)
    if part is None:
        return conditions
    applications = Applications(
        include_applications=part.ids("includeApplications", ALL, NONE, *APP_GROUPS),
        exclude_applications=part.ids("excludeApplications", *APP_GROUPS),
        include_user_actions=part.choices("includeUserActions", UserAction),
    )
    if NONE in applications.include_applications and len(applications.include_applications) > 1:
        raise MalformedError((*part.path, "includeApplications"), "noneBesideOthers")
    part.leave()
    return replace(conditions, applications=applications)


def encode(conditions: ConditionSet) -> JsonObject:
    """Graph's shape."""
    applications = conditions.applications
    return {
        PART: {
            "includeApplications": strings(applications.include_applications),
            "excludeApplications": strings(applications.exclude_applications),
            "includeUserActions": strings(applications.include_user_actions),
        }
    }


APPLICATIONS = Condition(
    name=ConditionName.APPLICATION, part=PART, decode=decode, encode=encode, match=match, index=index
)
