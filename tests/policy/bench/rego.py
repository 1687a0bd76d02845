"""Rego (regopy, which is rego-cpp): each policy adds its name to a set where it stands against the request."""

import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import ClassVar

from regopy import Input, Interpreter  # type: ignore[import-untyped]  # it ships no types

from assay.policy import AccessRequest, AppTarget
from assay.policy.condition_set import ALL, Users
from assay.policy.definition import ConditionalAccessPolicy
from tests.policy.bench.peer import Peer, blocks, demand, longest_age

ENTRYPOINT = "assay/unmet"


class Rego(Peer):
    """The rules are compiled into a bundle once; a question is an `Input`, made before the clock runs."""

    name: ClassVar[str] = "regopy"
    prepared: ClassVar[str] = f"regopy {version('regopy')}: rules compiled into a bundle once, `Input` built beforehand"

    def prepare(self, requests: list[AccessRequest]) -> None:
        self._by_name = {str(policy.id): policy for policy in self.policies}
        interpreter = Interpreter()
        interpreter.well_formed_checks_enabled = False
        interpreter.add_module("assay.rego", f"package assay\n\nimport rego.v1\n\n{_rules(self.policies)}\n")
        self._bundle = interpreter.build(None, [ENTRYPOINT])
        assert self._bundle.ok
        self._interpreter = Interpreter()
        self._interpreter.well_formed_checks_enabled = False

    def question(self, request: AccessRequest) -> Input:
        assert isinstance(request.target, AppTarget)
        person = request.principal
        facts = self.facts(request)
        return Input(
            facts
            | {
                "user": str(person.id),
                "app": str(request.target.app_id),
                "groups": {str(group): True for group in sorted(person.groups)},
                "roles": {str(role): True for role in sorted(person.roles)},
                "locations": dict.fromkeys(self.locations(request), True),
            }
        )

    def ask(self, question: object) -> object:
        self._interpreter.set_input(question)
        return self._interpreter.query_bundle_entrypoint(self._bundle, ENTRYPOINT)

    def unmet(self, answer: object) -> list[ConditionalAccessPolicy]:
        found = json.loads(str(answer))
        return [self._by_name[name] for name in found["expressions"][0]]


def _rules(policies: Sequence[ConditionalAccessPolicy]) -> str:
    satisfied = {_satisfied(policy) for policy in policies} - {None}
    helpers = [f"{_name(*each)} if {{ {'; '.join(_body(*each))} }}" for each in sorted(satisfied, key=str)]
    return "\n".join([*helpers, *(rule for policy in policies for rule in _unmet(policy))])


def _unmet(policy: ConditionalAccessPolicy) -> list[str]:
    """`unmet contains "p7" if { … }`, once for each way to be included."""
    conditions = policy.conditions
    users, applications = conditions.users, conditions.applications
    body = [f"input.app != {json.dumps(app)}" for app in applications.exclude_applications]
    if ALL not in applications.include_applications:
        body.append(_among("input.app", applications.include_applications))
    body += [f"not input.groups[{json.dumps(group)}]" for group in users.exclude_groups]
    platforms, locations = conditions.platforms, conditions.locations
    if platforms is not None and not platforms.include_all:
        body.append(_among("input.platform", platforms.include_platforms))
    if platforms is not None:
        body += [f"input.platform != {json.dumps(platform)}" for platform in platforms.exclude_platforms]
    if conditions.client_app_types:
        body.append(_among("input.client", conditions.client_app_types))
    if locations is not None:
        body += _any_key("input.locations", locations.include_locations)
        body += [f"not input.locations[{json.dumps(place)}]" for place in locations.exclude_locations]
    satisfied = _satisfied(policy)
    if satisfied is not None:
        body.append(f"not {_name(*satisfied)}")
    head = f"unmet contains {json.dumps(policy.id)}"
    return [f"{head} if {{ {'; '.join([*whom, *body] or ['true'])} }}" for whom in _whom(users)]


def _whom(users: Users) -> list[list[str]]:
    if ALL in users.include_users:
        return [[]]
    ways = []
    if users.include_users:
        ways.append([_among("input.user", users.include_users)])
    if users.include_groups:
        ways.append(_any_key("input.groups", users.include_groups))
    if users.include_roles:
        ways.append(_any_key("input.roles", users.include_roles))
    return ways


def _among(what: str, values: Sequence[str]) -> str:
    if len(values) == 1:
        return f"{what} == {json.dumps(values[0])}"
    return f"{what} in {{{', '.join(json.dumps(str(value)) for value in values)}}}"


def _any_key(what: str, values: Sequence[str]) -> list[str]:
    if len(values) == 1:
        return [f"{what}[{json.dumps(values[0])}]"]
    key = what.removeprefix("input.")[:-1]
    return [f"some {key} in {{{', '.join(json.dumps(str(value)) for value in values)}}}", f"{what}[{key}]"]


def _satisfied(policy: ConditionalAccessPolicy) -> tuple[str | None, int | None] | None:
    return None if blocks(policy) else (demand(policy), longest_age(policy))


def _name(fact: str | None, age: int | None) -> str:
    return f"satisfied_{fact}_{age}"


def _body(fact: str | None, age: int | None) -> list[str]:
    body = [] if fact is None else [f"input.{fact}", "not input.legacy"]
    return [*body, *([] if age is None else [f"input.age < {age}"])] or ["true"]
