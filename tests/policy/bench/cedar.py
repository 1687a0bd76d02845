"""Cedar (cedarpy): each policy forbids, unless what it demands is there; one policy permits everything."""

import json
from importlib.metadata import version
from typing import ClassVar

import cedarpy

from assay.policy import AccessRequest, AppTarget
from assay.policy.condition_set import ALL, ConditionSet
from assay.policy.definition import ConditionalAccessPolicy
from tests.policy.bench.peer import Peer, blocks, demand, longest_age


class Cedar(Peer):
    """Policies and entities are parsed once; a question is a dictionary, as cedarpy takes it."""

    name: ClassVar[str] = "cedarpy"
    prepared: ClassVar[str] = f"cedarpy {version('cedarpy')}: `PolicySet` and `Entities` parsed once"

    def prepare(self, requests: list[AccessRequest]) -> None:
        rules = "\n".join(_forbid(policy) for policy in self.policies)
        self._policies = cedarpy.PolicySet.from_str(f"permit(principal, action, resource);\n{rules}")
        people = {request.principal.id: request.principal for request in requests}
        entities = [
            {
                "uid": {"type": "User", "id": person.id},
                "attrs": {},
                "parents": [
                    *({"type": "Group", "id": group} for group in sorted(person.groups)),
                    *({"type": "Role", "id": role} for role in sorted(person.roles)),
                ],
            }
            for person in people.values()
        ]
        self._entities = cedarpy.Entities.from_json_str(json.dumps(entities))

    def question(self, request: AccessRequest) -> dict[str, object]:
        assert isinstance(request.target, AppTarget)
        return {
            "principal": f'User::"{request.principal.id}"',
            "action": 'Action::"open"',
            "resource": f'App::"{request.target.app_id}"',
            # As text: cedarpy makes text of a dictionary at each call.
            "context": json.dumps(self.facts(request)),
        }

    def ask(self, question: object) -> object:
        return cedarpy.is_authorized(question, self._policies, self._entities)

    def unmet(self, answer: object) -> list[ConditionalAccessPolicy]:
        assert isinstance(answer, cedarpy.AuthzResult)
        if answer.allowed:
            return []
        # policy0 permits; the others have the order in which they were written.
        return [self.policies[int(name.removeprefix("policy")) - 1] for name in answer.diagnostics.reasons]


def _forbid(policy: ConditionalAccessPolicy) -> str:
    users, applications = policy.conditions.users, policy.conditions.applications
    included = _entities(("User", users.include_users), ("Group", users.include_groups), ("Role", users.include_roles))
    apps = _entities(("App", applications.include_applications))
    # In the head where the language allows it.
    principal = f"principal in {included[0]}" if len(included) == 1 else "principal"
    resource = f"resource == {apps[0]}" if len(apps) == 1 else "resource"
    when, unless = [], []
    if len(included) > 1:
        when.append(f"principal in [{', '.join(included)}]")
    if len(apps) > 1:
        when.append(f"[{', '.join(apps)}].contains(resource)")
    if applications.exclude_applications:
        unless.append(f"[{', '.join(_entities(('App', applications.exclude_applications)))}].contains(resource)")
    included_by, excluded_by = _circumstances(policy.conditions)
    unless += excluded_by
    if users.exclude_groups:
        unless.append(f"principal in [{', '.join(_entities(('Group', users.exclude_groups)))}]")
    if not blocks(policy):
        unless.append(_satisfied(policy))
    whens = "".join(f" when {{ {condition} }}" for condition in (*when, *included_by))
    unlesses = "".join(f" unless {{ {condition} }}" for condition in unless)
    return f"forbid({principal}, action, {resource}){whens}{unlesses};"


def _circumstances(conditions: ConditionSet) -> tuple[list[str], list[str]]:
    """Platform, client and location: when, and unless."""
    when, unless = [], []
    platforms, locations = conditions.platforms, conditions.locations
    if platforms is not None and not platforms.include_all:
        when.append(f"{_texts(platforms.include_platforms)}.contains(context.platform)")
    if platforms is not None and platforms.exclude_platforms:
        unless.append(f"{_texts(platforms.exclude_platforms)}.contains(context.platform)")
    if conditions.client_app_types:
        when.append(f"{_texts(conditions.client_app_types)}.contains(context.client)")
    if locations is not None and ALL not in locations.include_locations:
        when.append(f"context.locations.containsAny({_texts(locations.include_locations)})")
    if locations is not None and locations.exclude_locations:
        unless.append(f"context.locations.containsAny({_texts(locations.exclude_locations)})")
    return when, unless


def _satisfied(policy: ConditionalAccessPolicy) -> str:
    fact, age = demand(policy), longest_age(policy)
    parts = [] if fact is None else [f"context.{fact}", "!context.legacy"]
    if age is not None:
        parts.append(f"context.age < {age}")
    return " && ".join(parts) or "true"


def _entities(*several: tuple[str, tuple[str, ...]]) -> list[str]:
    return [f'{kind}::"{name}"' for kind, names in several for name in names if name != ALL]


def _texts(values: tuple[str, ...]) -> str:
    return json.dumps([str(value) for value in values])
