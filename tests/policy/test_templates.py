"""Policies to begin with: each is decided here, can be met at our gateway, and is one that Graph would store."""

from typing import Final

import pytest

from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.templates import Template, templates
from assay.policy.unenforced import unenforced_paths
from assay.policy.validity import contradiction
from tests.policy.build import one

# Graph's templateScenarios.
SCENARIOS: Final = {"new", "secureFoundation", "zeroTrust", "remoteWork", "protectAdmins", "emergingThreats"}


def made_of(template: Template) -> ConditionalAccessPolicy:
    found = template.details
    parts: dict[str, object] = {"conditions": found.conditions}
    if found.grant_controls is not None:
        parts["grantControls"] = found.grant_controls
    if found.session_controls is not None:
        parts["sessionControls"] = found.session_controls
    return one({"id": template.id, "displayName": template.name, "state": "enabled", **parts})


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.name)
def test_a_template_makes_a_policy_that_is_decided_and_can_be_met(template: Template) -> None:
    policy = made_of(template)
    assert policy.undecided == ()
    assert unenforced_paths(policy, (), {}) == ()
    assert contradiction(policy) is None
    assert policy.grant_controls is not None or policy.session_controls is not None
    assert template.description
    assert {*template.scenarios.split(",")} <= SCENARIOS


def test_each_is_its_own() -> None:
    assert len({template.id for template in templates()}) == len({each.name for each in templates()}) == 10
