"""References to what does not exist here are found, mapped, or accepted one by one."""

from assay.policy import KnownIds, dangling_references, map_references
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
