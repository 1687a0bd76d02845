"""References to what does not exist here are found, mapped, or accepted one by one."""

import pytest

from assay.policy import KnownIds, dangling_references, map_references
from assay.policy.references import ReferenceKind, named_ids
from assay.policy.strengths import BUILT_IN
from assay.policy.targets import CONSOLE
from tests.policy.build import MFA, WIKI, graph, one

POLICY = one(
    graph(
        conditions={
            "users": {"includeUsers": ["All"], "excludeGroups": ["<BreakGlass>", "known"], "includeRoles": ["role"]},
            "applications": {"includeApplications": ["MicrosoftAdminPortals", WIKI, CONSOLE]},
            "locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted", "office"]},
        },
        grantControls=MFA,
    )
)
KNOWN = KnownIds(groups={"known", "admins"}, roles={"role"}, apps={WIKI}, locations=set())


def test_what_does_not_exist_is_found() -> None:
    found = {(dangling.path, dangling.id) for dangling in dangling_references(POLICY, KNOWN)}
    assert found == {
        ("conditions.users.excludeGroups", "<BreakGlass>"),
        ("conditions.applications.includeApplications", "MicrosoftAdminPortals"),
        ("conditions.locations.excludeLocations", "office"),
    }


def test_programs_and_agents_are_references_too() -> None:
    about = {
        "includeServicePrincipals": ["ServicePrincipalsInMyTenant", "robot"],
        "excludeAgentIdServicePrincipals": ["agent"],
    }
    conditions = {"users": {"includeUsers": ["None"]}, "clientApplications": about}
    programs = one(graph(conditions=conditions, grantControls={"operator": "OR", "builtInControls": ["block"]}))
    assert [(found.kind, found.id) for found in dangling_references(programs, KnownIds())] == [
        ("servicePrincipal", "robot"),
        ("servicePrincipal", "agent"),
    ]
    mapped = map_references(programs, {"robot": "credential", "agent": "other"})
    assert dangling_references(mapped, KnownIds(service_principals={"credential", "other"})) == ()


def test_mapping_and_waiving_resolve() -> None:
    mapped = map_references(POLICY, {"<BreakGlass>": "admins", "MicrosoftAdminPortals": CONSOLE})
    assert mapped.conditions.users.exclude_groups == ("admins", "known")
    assert mapped.conditions.applications.include_applications == (CONSOLE, WIKI)
    assert [dangling.id for dangling in dangling_references(mapped, KNOWN)] == ["office"]
    assert dangling_references(mapped, KNOWN, waived={"office"}) == ()


def test_a_placeholder_of_any_sort_is_mapped_and_waived_in_any_case() -> None:
    """Published packs write `<Group>`, `{{Group}}` and plain words; the last two are in lower case once read."""
    users = {"includeUsers": ["All"], "excludeGroups": ["{{BreakGlass}}", "Group-ReplaceMe", "<Agents>"]}
    template = one(graph(conditions={"users": users}, grantControls=MFA))
    mapping = {"{{BreakGlass}}": "g1", "Group-ReplaceMe": "g2", "<agents>": "g3"}
    assert map_references(template, mapping).conditions.users.exclude_groups == ("g1", "g2", "g3")
    apps = {"includeApplications": [WIKI]}
    told = one(graph(conditions={"users": users, "applications": apps}, grantControls=MFA))
    assert dangling_references(told, KNOWN, waived=mapping) == ()


NAMED: dict[str, tuple[ReferenceKind, dict[str, object]]] = {
    **{
        f"conditions.users.{key}": (kind, {"users": {"includeUsers": ["All"]} | {key: ["x", "y"]}})
        for kind, word in (
            (ReferenceKind.USER, "Users"),
            (ReferenceKind.GROUP, "Groups"),
            (ReferenceKind.ROLE, "Roles"),
        )
        for key in (f"include{word}", f"exclude{word}")
    },
    **{
        f"conditions.applications.{key}": (ReferenceKind.APP, {"applications": {key: ["x", "y"]}})
        for key in ("includeApplications", "excludeApplications")
    },
    **{
        f"conditions.locations.{key}": (ReferenceKind.LOCATION, {"locations": {key: ["x", "y"]}})
        for key in ("includeLocations", "excludeLocations")
    },
    **{
        f"conditions.agents.{key}": (ReferenceKind.USER, {"agents": {key: ["x", "y"]}})
        for key in ("includeAgentUsers", "excludeAgentUsers")
    },
    **{
        f"conditions.clientApplications.{key}": (
            ReferenceKind.SERVICE_PRINCIPAL,
            {"clientApplications": {key: ["x", "y"]}},
        )
        for word in ("ServicePrincipals", "AgentIdServicePrincipals")
        for key in (f"include{word}", f"exclude{word}")
    },
}
LISTS: dict[ReferenceKind, str] = {
    ReferenceKind.USER: "users",
    ReferenceKind.GROUP: "groups",
    ReferenceKind.ROLE: "roles",
    ReferenceKind.APP: "apps",
    ReferenceKind.LOCATION: "locations",
    ReferenceKind.SERVICE_PRINCIPAL: "service_principals",
}


@pytest.mark.parametrize("path", NAMED)
def test_every_list_of_ids_is_looked_up_and_mapped(path: str) -> None:
    """An unknown include opens silently, an unknown exclude locks out: no list may be passed over."""
    kind, conditions = NAMED[path]
    policy = one(graph(conditions=conditions))
    apps = {} if kind is ReferenceKind.APP else {"apps": {WIKI}}
    assert [(each.kind, each.path, each.id) for each in dangling_references(policy, KnownIds(**apps))] == [
        (kind, path, "x"),
        (kind, path, "y"),
    ]
    # Ids of another sort do not count, and one that is there does.
    others = {field: {"x", "y"} for other, field in LISTS.items() if other is not kind}
    assert [each.id for each in dangling_references(policy, KnownIds(**others))] == ["x", "y"]
    assert [each.id for each in dangling_references(policy, KnownIds(**{LISTS[kind]: {"x"}}))] == ["y"]
    assert named_ids([policy], kind) == {"x", "y"}
    assert {each.id for each in dangling_references(map_references(policy, {"X": "z", "y": "z"}), KnownIds())} == {"z"}


def test_a_strength_is_looked_up_and_mapped_and_the_built_in_ones_exist() -> None:
    policy = one(graph(grantControls={"operator": "OR", "authenticationStrength": {"id": "x"}}))
    assert [(each.kind, each.id) for each in dangling_references(policy, KnownIds())] == [("strength", "x")]
    assert dangling_references(policy, KnownIds(strengths={"x"})) == ()
    built_in = next(iter(BUILT_IN))
    assert dangling_references(map_references(policy, {"X": built_in}), KnownIds()) == ()
    app = one(graph(conditions={"applications": {"includeApplications": [built_in]}}))
    assert [each.id for each in dangling_references(app, KnownIds())] == [built_in]
