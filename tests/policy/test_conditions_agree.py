"""Each condition's forms say the same of every sign-in: masks, rules matched, proofs, and the slow interpreter.

The masks decide, the rules matched are shown, the symbolic form proves (docs/proofs.md), the interpreter is read out of
the documentation (reference/entra-conditional-access.md §1). Small vocabularies, tried whole: what one form
forgets or adds is seen, whichever it is.
"""

import random
from collections.abc import Iterator
from itertools import islice, product
from math import prod
from typing import Final

import pytest
from msgspec.structs import replace

from assay.policy import compile_policies, explain
from assay.policy.compile import CompiledPolicySet
from assay.policy.conditions import CONDITIONS, SUBJECT_KINDS, subject
from assay.policy.conditions.base import ConditionName
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.enforcement import EVERYTHING
from assay.policy.importers.export import export_policy
from assay.policy.offline.sign_in_document import read_sign_in
from assay.policy.proof.shown import evidences_of
from assay.policy.proof.sign_ins import document
from assay.policy.proof.vocabulary import vocabulary_of
from assay.policy.request import AccessRequest
from assay.policy.symbolic import Thing, Vocabulary, true_of
from tests.policy.build import graph, read
from tests.policy.cases import PLACES
from tests.policy.reference import applies

MOST: Final = 300  # sign-ins of one vocabulary; of a larger one so many by chance
EXCHANGE, ADMIN_CENTER = "00000002-0000-0ff1-ce00-000000000000", "618dd325-23f6-4b6f-8380-4df78026e39b"
AZURE_MANAGEMENT = "797f4846-ba00-4fd7-ba43-dac1f8f63013"  # an app that stands for others (D APPS)
TYPES = "internalGuest,b2bCollaborationGuest"
ONE_TENANT = {"membershipKind": "enumerated", "members": ["tenant-0"]}
EVERYBODY = {"includeUsers": ["All"]}
PROGRAMS = ("includeServicePrincipals", "excludeServicePrincipals")
AGENTS = ("includeAgentIdServicePrincipals", "excludeAgentIdServicePrincipals")


def types(named: str, tenants: object = None) -> dict[str, object]:
    return {"guestOrExternalUserTypes": named, "externalTenants": tenants or {"membershipKind": "all"}}


def everybody_but(**excluded: object) -> dict[str, object]:
    return EVERYBODY | excluded


def filtered(mode: str, rule: str) -> dict[str, object]:
    return {"deviceFilter": {"mode": mode, "rule": rule}}


def locations(include: list[str], exclude: list[str]) -> dict[str, object]:
    return {"includeLocations": include, "excludeLocations": exclude}


USERS: Final[list[dict[str, object]]] = [
    {"users": EVERYBODY},
    {"users": {"includeUsers": ["None"]}},
    {"users": {"includeUsers": ["user-0", "user-1"]}},
    {"users": {"includeUsers": ["GuestsOrExternalUsers"], "excludeUsers": ["user-0"]}},
    {"users": everybody_but(excludeUsers=["GuestsOrExternalUsers"])},
    {"users": {"includeGroups": ["group-0"], "excludeRoles": ["role-0"]}},
    {"users": {"includeRoles": ["role-0"], "excludeGroups": ["group-0"]}},
    {"users": {"includeUsers": ["user-0"], "includeGroups": ["group-0"], "includeRoles": ["role-0"]}},
    {"users": {"includeGuestsOrExternalUsers": types(TYPES)}},
    {"users": {"includeGuestsOrExternalUsers": types("b2bCollaborationGuest", ONE_TENANT)}},
    {"users": {"includeGuestsOrExternalUsers": types("b2bCollaborationMember,otherExternalUser", ONE_TENANT)}},
    {"users": everybody_but(excludeGuestsOrExternalUsers=types("internalGuest"))},
    {"users": everybody_but(excludeGuestsOrExternalUsers=types(TYPES))},
    {"users": everybody_but(excludeGuestsOrExternalUsers=types(TYPES, ONE_TENANT))},
    {"users": everybody_but(excludeGuestsOrExternalUsers=types("serviceProvider,otherExternalUser"))},
    {"users": {"includeUsers": ["None"]}, "agents": {"includeAgentUsers": ["All"], "excludeAgentUsers": ["user-0"]}},
    {"users": EVERYBODY, "agents": {"excludeAgentUsers": ["All"]}},
    {"users": {"includeUsers": ["None"]}, "agents": {"includeAgentUsers": ["user-0"]}},
    *(
        {"users": {"includeUsers": ["None"]}, "clientApplications": {include: named, exclude: but}}
        for (include, exclude), word in ((PROGRAMS, "ServicePrincipalsInMyTenant"), (AGENTS, "All"))
        for named, but in (([word], []), ([word], ["user-0"]), (["user-0"], []))
    ),
]
APPLICATIONS: Final[list[dict[str, object]]] = [
    {"applications": found}
    for found in (
        {"includeApplications": ["All"]},
        {"includeApplications": ["None"]},
        {"includeApplications": ["app-0"]},
        {"includeApplications": ["All"], "excludeApplications": ["app-0"]},
        {"includeApplications": ["Office365"], "excludeApplications": [EXCHANGE]},
        {"includeApplications": ["All"], "excludeApplications": ["Office365"]},
        {"includeApplications": ["MicrosoftAdminPortals", "app-0"]},
        {"includeApplications": ["All"], "excludeApplications": ["MicrosoftAdminPortals", ADMIN_CENTER]},
        {"includeApplications": [AZURE_MANAGEMENT], "excludeApplications": ["app-0"]},
        {"includeUserActions": ["urn:user:registersecurityinfo"]},
        {"includeUserActions": ["urn:user:registerdevice"]},
        {"includeAuthenticationContextClassReferences": ["c1"]},
        {"includeAuthenticationContextClassReferences": ["c1", "c2"]},
    )
]
PLACED: Final[list[dict[str, object]]] = [
    {"locations": locations(include, exclude)}
    for include, exclude in (
        (["All"], []),
        (["All"], ["AllTrusted"]),
        (["AllTrusted"], []),
        (["AllTrusted"], ["office"]),
        (["office"], []),
        (["wide"], ["office"]),
        (["benelux"], []),
        (["All"], ["benelux"]),
        (["nowhere"], []),
        (["france", "wide"], []),
        (["All"], ["france"]),
        (["tunnel"], []),
        (["All"], ["tunnel", "nowhere"]),
        ([], ["office"]),
    )
]
DEVICES: Final[list[dict[str, object]]] = [
    {"devices": found}
    for found in (
        filtered("include", "device.isCompliant -eq True"),
        filtered("exclude", "device.isCompliant -eq True"),
        filtered("include", "device.isCompliant -ne True"),
        filtered("include", 'device.trustType -eq "ServerAD" -or device.model -startsWith "x"'),
        filtered("exclude", 'device.trustType -eq "ServerAD" -and device.model -contains "x"'),
        filtered("include", 'device.extensionAttribute1 -eq "SAW"'),
        filtered("exclude", 'device.extensionAttribute1 -ne "SAW"'),
        filtered("exclude", 'device.mdmAppId -eq "m"'),
        filtered("include", 'device.physicalIds -contains "zone" -and -not (device.model -in ["x", "y"])'),
        filtered("include", 'device.physicalIds -notContains "zone"'),
        {"includeDevices": ["All"], "excludeDevices": ["Compliant"]},
        {"includeDevices": ["All"], "excludeDevices": ["DomainJoined"]},
        {"includeDevices": ["All"], "excludeDevices": ["Compliant", "DomainJoined"]},
    )
]
PLATFORMS: Final[list[dict[str, object]]] = [
    {"platforms": {"includePlatforms": include, "excludePlatforms": exclude}}
    for include, exclude in (
        (["all"], []),
        (["all"], ["linux"]),
        (["iOS", "android"], []),
        (["iOS", "android"], ["android"]),
        ([], ["macOS"]),
    )
]
CLIENTS: Final[list[dict[str, object]]] = [
    {"clientAppTypes": found}
    for found in (
        ["all"],
        ["browser"],
        ["exchangeActiveSync", "other"],
        ["easSupported"],
        ["browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "other"],
    )
]


def levels(key: str) -> list[dict[str, object]]:
    return [{key: []}, {key: ["high"]}, {key: ["low", "medium"]}, {key: ["none"]}]


# For each condition: what policies say of it, and in what their sign-ins differ (beginnings of dimensions' names).
TABLE: Final[dict[ConditionName, tuple[list[dict[str, object]], tuple[str, ...]]]] = {
    ConditionName.USERS: (USERS, ("sort", "principal", "tenant", "agentAccount", "group ", "role ")),
    ConditionName.APPLICATION: (APPLICATIONS, ("target", "context", "appGroup ")),
    ConditionName.LOCATION: (PLACED, ("address", "country", "gpsCountry", "compliantNetwork")),
    ConditionName.DEVICE_STATE: (DEVICES, ("device.",)),
    ConditionName.DEVICE_PLATFORM: (PLATFORMS, ("platform",)),
    ConditionName.CLIENT_TYPE: (CLIENTS, ("client",)),
    ConditionName.SIGN_IN_RISK: (levels("signInRiskLevels"), ("risk signInRisk",)),
    ConditionName.USER_RISK: (levels("userRiskLevels"), ("risk userRisk",)),
    ConditionName.SERVICE_PRINCIPAL_RISK: (levels("servicePrincipalRiskLevels"), ("risk servicePrincipalRisk",)),
    ConditionName.AGENT_ID_RISK: (
        [{"agentIdRiskLevels": found} for found in (None, "high", "low,medium")],
        ("risk agentIdRisk",),
    ),
    ConditionName.INSIDER_RISK: (
        [{"insiderRiskLevels": found} for found in (None, "minor", "moderate,elevated")],
        ("risk insiderRisk",),
    ),
    ConditionName.AUTHENTICATION_FLOWS: (
        [
            {"authenticationFlows": {"transferMethods": found}}
            for found in ("", "deviceCodeFlow", "deviceCodeFlow,authenticationTransfer")
        ],
        ("flow ",),
    ),
    ConditionName.AGENT_CONTEXT: (
        [{"agentContext": {"includeAgentContexts": found}} for found in ([], ["desk"], ["desk", "lab"])],
        ("agentContext",),
    ),
}


class World:
    """The policies about one condition, their vocabulary, and every sign-in that it tells apart."""

    def __init__(self, name: ConditionName) -> None:
        parts, self.differing = TABLE[name]
        said = [graph(f"policy-{number}", conditions=found) for number, found in enumerate(parts)]
        self.policy_set = read(*said, locations=PLACES)
        self.compiled: CompiledPolicySet = compile_policies(self.policy_set)
        self.evidences = evidences_of(self.compiled.policies)
        self.vocabulary: Vocabulary = vocabulary_of([self.compiled], self.evidences)

    def sign_ins(self) -> Iterator[dict[str, Thing]]:
        dimensions = self.vocabulary.dimensions
        ordinary = {name: found.values[0] for name, found in dimensions.items()}
        names = [name for name in dimensions if name.startswith(self.differing)]
        values = [dimensions[name].values for name in names]
        chance = random.Random(20261129)
        tried = (
            product(*values)
            if prod(map(len, values)) <= MOST
            else (tuple(chance.choice([each[0], *each]) for each in values) for _ in range(50 * MOST))
        )
        all_of = ({**ordinary, **dict(zip(names, each, strict=True))} for each in tried)
        yield from islice((found for found in all_of if self.possible(found)), MOST)

    def possible(self, found: dict[str, Thing]) -> bool:
        return all(true_of(term, found) for term in self.vocabulary.constraints)

    def request(self, found: dict[str, Thing]) -> AccessRequest:
        return read_sign_in(document(found, self.evidences), enforced_by=EVERYTHING).request


def forms(world: World, name: ConditionName) -> Iterator[tuple[dict[str, Thing], AccessRequest, dict[str, list[bool]]]]:
    """Of every sign-in: which policies each form of the condition says it is about."""
    policies = [found.policy for found in world.compiled.policies]
    locations_of = world.compiled.locations
    if name is ConditionName.USERS:
        about = subject.index(policies, SUBJECT_KINDS)
        terms = [subject.symbolic(policy, world.vocabulary, SUBJECT_KINDS) for policy in policies]
    else:
        condition = next(found for found in CONDITIONS if found.name is name)
        assert condition.symbolic is not None
        asked = condition.index(policies, locations_of)
        assert asked is not None
        terms = [condition.symbolic(policy, world.vocabulary) for policy in policies]
    assert None not in terms
    for found in world.sign_ins():
        request = world.request(found)
        if name is ConditionName.USERS:
            bits = about(request.principal)
            matches = [subject.match(policy, request.principal, SUBJECT_KINDS) for policy in policies]
        else:
            bits = asked(request)
            matches = [condition.match(policy, request, locations_of) for policy in policies]
        assert bits >> len(policies) == 0
        yield (
            found,
            request,
            {
                "masks": [bool(bits >> bit & 1) for bit in range(len(policies))],
                "rules matched": [match.satisfied for match in matches],
                "proofs": [term is not None and true_of(term, found) for term in terms],
                "interpreter": [applies(policy, world.policy_set, request) for policy in policies],
            },
        )


@pytest.mark.parametrize("name", TABLE, ids=str)
def test_every_form_says_the_same(name: ConditionName) -> None:
    world = World(name)
    policies: list[ConditionalAccessPolicy] = [found.policy for found in world.compiled.policies]
    seen: list[set[bool]] = [set() for _ in policies]
    for found, _, said in forms(world, name):
        for number, policy in enumerate(policies):
            answers = {form: answers[number] for form, answers in said.items()}
            assert len(set(answers.values())) == 1, (answers, policy.conditions, found)
            seen[number].add(said["masks"][number])
    # A policy that is about every sign-in, or none, holds little: those that say something do tell some apart.
    assert sum(len(answers) == 2 for answers in seen) >= len(policies) - 2


def test_every_condition_is_in_the_table() -> None:
    assert {*TABLE} == {ConditionName.USERS, *(found.name for found in CONDITIONS)}


def holds(written: object, given: object) -> bool:
    """Whether all that was given is written: lists whole, nothing as nothing."""
    if isinstance(given, dict):
        return all(
            holds(written.get(key) if isinstance(written, dict) else None, value) for key, value in given.items()
        )
    return written == given or (not written and not given)


@pytest.mark.parametrize("name", TABLE, ids=str)
def test_what_is_read_is_written_again(name: ConditionName) -> None:
    """Graph's shape of every part (X GRAPH); nothing that was said is lost on the way."""
    parts, _ = TABLE[name]
    for given in parts:
        (found,) = read(graph(conditions=given), locations=PLACES).policies
        assert found.undecided == ()
        conditions = export_policy(found)["conditions"]
        assert holds(conditions, given), (given, conditions)
        assert read(graph(conditions=conditions), locations=PLACES).policies == (found,)


@pytest.mark.parametrize("name", TABLE, ids=str)
def test_what_is_said_of_a_policy_is_the_same_beside_others(name: ConditionName) -> None:
    """What policies share is looked at once for all of them; the account of each is what it is alone, and adds up."""
    world = World(name)
    policies = world.policy_set.policies
    alone = [compile_policies(replace(world.policy_set, policies=(policy,))) for policy in policies]
    sign_ins = list(world.sign_ins())
    for found in sign_ins[:: max(1, len(sign_ins) // 6)]:
        request = world.request(found)
        account = explain(world.compiled, request)
        every = account.every()
        assert every == tuple(each for compiled in alone for each in explain(compiled, request).every())
        about = [applies(policy, world.policy_set, request) for policy in policies]
        assert [all(each.satisfied for each in told.conditions) for told in every] == about
        assert account.policies == tuple(told for told, applied in zip(every, about, strict=True) if applied)
        others = tuple(told for told, applied in zip(every, about, strict=True) if not applied)
        assert (len(account.others), account.others.disabled) == (len(others), 0)
        assert account.others.page(0, len(every)) == others
        assert account.others.page(1, 2) == others[1:3]
        assert sum(account.others.by_condition.values()) == len(others)
        assert {*account.others.by_condition} <= {name, ConditionName.SERVICE_PRINCIPALS}
