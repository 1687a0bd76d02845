"""The vocabulary of policy sets: everything in which two sign-ins can differ that any of their policies tells apart."""

from collections.abc import Iterable, Iterator, Mapping

from assay.policy.app_groups import APP_GROUPS, members_of
from assay.policy.compile import CompiledPolicySet
from assay.policy.condition_set import ALL, ALL_TRUSTED, GUESTS_OR_EXTERNAL_USERS, NONE, SERVICE_PRINCIPALS_IN_MY_TENANT
from assay.policy.conditions.base import ConditionName
from assay.policy.conditions.filters import rule_of
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.device import TrustType
from assay.policy.filter_rule import (
    CUSTOM_SECURITY_ATTRIBUTE,
    DEVICE,
    NEGATIVE,
    And,
    Comparison,
    FilterOperator,
    FilterRule,
    Not,
    Or,
    fold,
)
from assay.policy.proof.constraints import constraints
from assay.policy.proof.places import places_of
from assay.policy.proof.shown import Evidences, shown_dimensions
from assay.policy.proof.words import Test, representatives
from assay.policy.request import ClientApp, InsiderRiskLevel, Platform, RiskLevel, TransferMethod, UserAction
from assay.policy.symbolic import (
    ACTION,
    AGENT_ACCOUNT,
    AGENT_CONTEXT,
    APP,
    APP_ATTRIBUTE,
    CLIENT,
    CONTEXT,
    CONTEXT_ALONE,
    MANAGED,
    PLATFORM,
    PRINCIPAL,
    PRINCIPAL_ATTRIBUTE,
    REGISTERED,
    SEVERAL,
    SORT,
    SORTS,
    TARGET,
    TENANT,
    Dimension,
    Vocabulary,
    element,
    level,
    of_device,
    one_of_several,
)
from assay.policy.targets import NAMED_TARGETS

TOKENS = frozenset({ALL, NONE, ALL_TRUSTED, GUESTS_OR_EXTERNAL_USERS, SERVICE_PRINCIPALS_IN_MY_TENANT, *APP_GROUPS})
SOMEBODY, ANOTHER_APP, ANOTHER_TENANT, ANOTHER_CONTEXT = "somebody", "another-app", "another-tenant", "another"
COLLECTIONS = frozenset({"physicalIds", "systemLabels"})
RISKS = (ConditionName.SIGN_IN_RISK, ConditionName.USER_RISK)
OTHER_RISKS = (ConditionName.SERVICE_PRINCIPAL_RISK, ConditionName.AGENT_ID_RISK)


def vocabulary_of(
    sets: Iterable[CompiledPolicySet],
    evidences: Evidences,
    *,
    users: Iterable[str] = (),
    groups: Iterable[str] = (),
    roles: Iterable[str] = (),
    apps: Iterable[str] = (),
) -> Vocabulary:
    """All that the sets tell apart, and the ids that the question itself names; raises TooManyError."""
    given = tuple(sets)
    compiled = [found for each in given for found in each.policies]
    policies = [found.policy for found in compiled]
    places = places_of(each.policy_set.locations for each in given)
    properties = dict(_properties(policies))
    elements = {name: found for name, found in properties.items() if name in COLLECTIONS}
    attributes = tuple(_attributes(policies))
    elements |= {dimension: several for dimension, _, several in attributes}
    dimensions = (
        *_people(policies, users, groups, roles),
        *_targets(policies, apps),
        *_of_attributes(attributes),
        *_circumstances(policies),
        *places.dimensions,
        *_devices(properties),
        *shown_dimensions(compiled, evidences),
    )
    by_name = {dimension.name: dimension for dimension in dimensions}
    return Vocabulary(
        dimensions=by_name,
        constraints=tuple(constraints(by_name)),
        locations=given[0].locations,
        elements=elements,
        held_by=places.held_by,
        alike=places.alike,
    )


def _ids(several: Iterable[Iterable[str]], *more: str) -> tuple[str, ...]:
    """Every id once, in the order of their names, without words that mean several."""
    return tuple(sorted({name for each in several for name in each if name not in TOKENS} | set(more)))


def _people(
    policies: list[ConditionalAccessPolicy], users: Iterable[str], groups: Iterable[str], roles: Iterable[str]
) -> Iterator[Dimension]:
    named = [policy.conditions.users for policy in policies]
    programs = [found for policy in policies if (found := policy.conditions.client_applications) is not None]
    ids = _ids(
        (
            *(each.include_users + each.exclude_users for each in named),
            *(each.include_agent_users + each.exclude_agent_users for each in named),
            *(each.include_service_principals + each.exclude_service_principals for each in programs),
            *(each.include_agent_id_service_principals for each in programs),
            *(each.exclude_agent_id_service_principals for each in programs),
            users,
        )
    )
    yield Dimension(name=SORT, values=tuple(SORTS))
    yield Dimension(name=PRINCIPAL, values=(SOMEBODY, *ids))
    tenants = _ids(each.include_external_tenants + each.exclude_external_tenants for each in named)
    yield Dimension(name=TENANT, values=(None, ANOTHER_TENANT, *tenants))
    yield Dimension(name=AGENT_ACCOUNT, values=(False, True))
    for group in _ids((*(each.include_groups + each.exclude_groups for each in named), groups)):
        yield Dimension(name=f"group {group}", values=(False, True))
    for role in _ids((*(each.include_roles + each.exclude_roles for each in named), roles)):
        yield Dimension(name=f"role {role}", values=(False, True))


def _targets(policies: list[ConditionalAccessPolicy], apps: Iterable[str]) -> Iterator[Dimension]:
    named = [policy.conditions.applications for policy in policies]
    lists = [each.include_applications + each.exclude_applications for each in named]
    named_apps = _ids((*lists, apps, map(str, NAMED_TARGETS)))
    # An app may stand for others, by which it is met as well.
    ids = _ids((named_apps, *map(members_of, named_apps)))
    yield Dimension(
        name=TARGET,
        values=(
            APP + ANOTHER_APP,
            *(APP + name for name in ids),
            *(ACTION + action for action in UserAction),
            CONTEXT_ALONE,
        ),
    )
    contexts = _ids(each.include_authentication_context_class_references for each in named)
    # Contexts are c1 to c99: one that no policy names is like any other such.
    other = next((name for name in (f"c{number}" for number in range(99, 0, -1)) if name not in contexts), None)
    yield Dimension(name=CONTEXT, values=(None, *((other,) if other else ()), *contexts))
    for group in APP_GROUPS:
        yield Dimension(name=f"appGroup {group}", values=(False, True))


def _attributes(policies: list[ConditionalAccessPolicy]) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Of each custom security attribute that a filter compares its dimension, what it can be alone, and of several."""
    tests: dict[str, list[Comparison]] = {}
    for policy in policies:
        applications, programs = policy.conditions.applications, policy.conditions.client_applications
        filters = [(APP_ATTRIBUTE, applications.application_filter)]
        if programs is not None:
            filters += [
                (PRINCIPAL_ATTRIBUTE, programs.service_principal_filter),
                (PRINCIPAL_ATTRIBUTE, programs.agent_id_service_principal_filter),
            ]
        for whose, found in filters:
            if found is not None:
                for comparison in _comparisons(rule_of(found, CUSTOM_SECURITY_ATTRIBUTE)):
                    tests.setdefault(whose + comparison.property, []).append(comparison)
    for dimension in sorted(tests):
        alone, several = (
            representatives(test for each in tests[dimension] for test in _tests(each, collection=collection))
            for collection in (False, True)
        )
        yield dimension, alone, several


def _of_attributes(found: Iterable[tuple[str, tuple[str, ...], tuple[str, ...]]]) -> Iterator[Dimension]:
    for dimension, alone, several in found:
        yield Dimension(name=dimension, values=(None, *alone, SEVERAL))
        for text in several:
            yield Dimension(name=one_of_several(dimension, text), values=(False, True))


def _circumstances(policies: list[ConditionalAccessPolicy]) -> Iterator[Dimension]:
    yield Dimension(name=CLIENT, values=(ClientApp.BROWSER, *(each for each in ClientApp if each != "browser"), None))
    yield Dimension(name=PLATFORM, values=(Platform.WINDOWS, *(each for each in Platform if each != "windows"), None))
    for name in (*RISKS, *OTHER_RISKS):
        yield Dimension(name=level(name), values=tuple(RiskLevel))
    yield Dimension(name=level(ConditionName.INSIDER_RISK), values=tuple(InsiderRiskLevel))
    for flow in TransferMethod:
        yield Dimension(name=f"flow {flow}", values=(False, True))
    contexts = _ids(policy.conditions.agent_contexts for policy in policies)
    yield Dimension(name=AGENT_CONTEXT, values=(None, ANOTHER_CONTEXT, *contexts))


def _devices(properties: Mapping[str, tuple[str, ...]]) -> Iterator[Dimension]:
    yield Dimension(name=REGISTERED, values=(False, True))
    yield Dimension(name=MANAGED, values=(False, True))
    yield Dimension(name=of_device("isCompliant"), values=(None, True, False))
    yield Dimension(name=of_device("trustType"), values=(None, *TrustType))
    for name, found in properties.items():
        if name in COLLECTIONS:
            for text in found:
                yield Dimension(name=element(name, text), values=(False, True))
        else:
            yield Dimension(name=of_device(name), values=(None, *found))


def _properties(policies: list[ConditionalAccessPolicy]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The texts that each property can be, for every property of devices that a filter compares."""
    tests: dict[str, list[Test]] = {}
    for policy in policies:
        devices = policy.conditions.devices
        if devices is not None and devices.device_filter is not None:
            for comparison in _comparisons(rule_of(devices.device_filter, DEVICE)):
                collection = comparison.property in COLLECTIONS
                tests.setdefault(comparison.property, []).extend(_tests(comparison, collection=collection))
    for name in sorted(tests):
        if name not in ("isCompliant", "trustType"):
            yield name, representatives(tests[name])


def _comparisons(rule: FilterRule) -> Iterator[Comparison]:
    match rule:
        case Comparison():
            yield rule
        case Not():
            yield from _comparisons(rule.rule)
        case And() | Or():
            for part in rule.rules:
                yield from _comparisons(part)


def _tests(comparison: Comparison, *, collection: bool) -> Iterator[Test]:
    operator = NEGATIVE.get(comparison.operator, comparison.operator)
    if collection and operator is FilterOperator.CONTAINS:
        operator = FilterOperator.EQ  # of a collection, one whole element
    for value in comparison.values:
        if value is not None:
            yield operator, fold(str(value))
