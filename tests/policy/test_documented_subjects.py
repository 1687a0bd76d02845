"""Whom a policy is about, as Microsoft documents it."""

from typing import Final

import pytest

from assay.policy.graph_json import JsonObject
from tests.policy.documents import (
    ADMIN,
    Case,
    check,
    guest,
    guests,
    program,
    programs,
    role,
    sign_in,
    users,
)

NESTED: Final[JsonObject] = {
    "groups": [{"id": "oslo", "members": ["ada"]}, {"id": "norway", "members": ["oslo"]}, {"id": "oslo2"}]
}
AGENT: Final[JsonObject] = {"users": [{"id": "ada", "isAgent": True}]}
SIX_TYPES: Final = (
    "internalGuest",
    "b2bCollaborationGuest",
    "b2bCollaborationMember",
    "b2bDirectConnectUser",
    "otherExternalUser",
    "serviceProvider",
)
SUBJECTS: Final = (
    Case("D USERS nested membership counts", users(includeGroups=["norway"]), sign_in(directory=NESTED), True),
    Case(
        "X CIPP a group by its name",
        users(includeUsers=["All"], excludeGroups=["Break Glass"]),
        sign_in(directory={"groups": [{"id": "g", "displayName": "break glass", "members": ["ada"]}]}),
        False,
    ),
    *(
        Case(
            f"X CIPP, Fortigi a person by {key}",
            users(includeUsers=["Ada@Contoso.com"]),
            sign_in(directory={"users": [{"id": "ada", key: "ada@contoso.com"}]}),
            True,
        )
        for key in ("userPrincipalName", "displayName")
    ),
    Case(
        "U a person by id and by name at once",
        users(includeUsers=["ada"], excludeUsers=["Ada@Contoso.com"]),
        sign_in(directory={"users": [{"id": "ada", "userPrincipalName": "ada@contoso.com"}]}),
        False,
    ),
    Case(
        "U of a name that two people have nobody is sure",
        users(includeUsers=["All"], excludeUsers=["Ada L."]),
        sign_in(directory={"users": [{"id": "1", "displayName": "Ada L."}, {"id": "ada1", "displayName": "ada l."}]}),
        True,
    ),
    Case(
        "X Fortigi an app by its name",
        {"applications": {"includeApplications": ["The Wiki"]}},
        sign_in(directory={"applications": [{"appId": "wiki", "displayName": "the wiki"}]}),
        True,
    ),
    Case(
        "U a name that two groups have means neither",
        users(includeUsers=["All"], excludeGroups=["Break Glass"]),
        sign_in(
            directory={
                "groups": [
                    {"id": "g", "displayName": "Break Glass", "members": ["ada"]},
                    {"id": "h", "displayName": "Break Glass"},
                ]
            }
        ),
        True,
    ),
    Case("D USERS another group does not", users(includeGroups=["oslo2"]), sign_in(directory=NESTED), False),
    Case(
        "D USERS exclude beats include, through groups in groups",
        users(includeUsers=["All"], excludeGroups=["norway"]),
        sign_in(directory=NESTED),
        False,
    ),
    Case("D USERS a built-in role of the tenant", users(includeRoles=[ADMIN]), sign_in(directory=role()), True),
    Case(
        "D USERS an excluded role beats All",
        users(includeUsers=["All"], excludeRoles=[ADMIN]),
        sign_in(directory=role()),
        False,
    ),
    Case(
        "D USERS a role of an administrative unit never matches",
        users(includeRoles=[ADMIN]),
        sign_in(directory=role(directoryScopeId="/administrativeUnits/1")),
        False,
    ),
    Case(
        "D USERS a custom role never matches",
        users(includeRoles=[ADMIN]),
        sign_in(directory=role(isBuiltIn=False)),
        False,
    ),
    Case(
        "D PIM1 an eligible role is not active",
        users(includeRoles=[ADMIN]),
        sign_in(directory=role(assignmentType="eligible")),
        False,
    ),
    *(
        Case(
            f"S {word}, in Graph's word, is active",
            users(includeRoles=[ADMIN]),
            sign_in(directory=role(assignmentType=word)),
            True,
        )
        for word in ("Assigned", "Activated")
    ),
    Case("S nobody at all is included", users(), sign_in(), False),
    *(
        Case(f"D EXT All includes {kind}", users(includeUsers=["All"]), sign_in(who=guest(kind)), True)
        for kind in SIX_TYPES
    ),
    *(
        Case(
            f"D EXT the old token is all six types: {kind}",
            users(includeUsers=["GuestsOrExternalUsers"]),
            sign_in(who=guest(kind)),
            True,
        )
        for kind in SIX_TYPES
    ),
    *(
        Case(
            f"S {kind} is none of the other types",
            users(includeGuestsOrExternalUsers=guests(",".join(other for other in SIX_TYPES if other != kind))),
            sign_in(who=guest(kind)),
            False,
        )
        for kind in SIX_TYPES
    ),
    Case(
        "X PACK types in one string with commas",
        users(includeGuestsOrExternalUsers=guests("b2bCollaborationGuest,serviceProvider")),
        sign_in(who=guest("serviceProvider")),
        True,
    ),
    Case(
        "S enumerated tenants: this one",
        users(includeGuestsOrExternalUsers=guests("internalGuest", membershipKind="enumerated", members=["CONTOSO"])),
        sign_in(who=guest("internalGuest")),
        True,
    ),
    Case(
        "S enumerated tenants: another one",
        users(includeGuestsOrExternalUsers=guests("internalGuest", membershipKind="enumerated", members=["fabrikam"])),
        sign_in(who=guest("internalGuest")),
        False,
    ),
    Case(
        "S only guests of the enumerated tenants are excluded",
        users(
            includeUsers=["All"],
            excludeGuestsOrExternalUsers=guests("internalGuest", membershipKind="enumerated", members=["fabrikam"]),
        ),
        sign_in(who=guest("internalGuest")),
        True,
    ),
    *(
        Case(
            f"D EXT a home elsewhere makes a {user_type} one of B2B collaboration: {kind}",
            users(includeGuestsOrExternalUsers=guests(kind)),
            sign_in(directory={"users": [{"id": "ada", "userType": user_type, "homeTenantId": "contoso"}]}),
            applies,
        )
        for user_type, kind, applies in (
            ("guest", "b2bCollaborationGuest", True),
            ("guest", "internalGuest", False),
            ("member", "b2bCollaborationMember", True),
            ("member", "b2bCollaborationGuest", False),
        )
    ),
    Case(
        "D EXT a guest whose home is elsewhere is excluded as one of B2B collaboration",
        users(includeUsers=["All"], excludeGuestsOrExternalUsers=guests("b2bCollaborationGuest")),
        sign_in(directory={"users": [{"id": "ada", "userType": "guest", "homeTenantId": "contoso"}]}),
        False,
    ),
    Case(
        "S externalTenantId alone is an external user",
        users(includeUsers=["GuestsOrExternalUsers"]),
        sign_in(who={"userId": "gil", "externalTenantId": "contoso"}),
        True,
    ),
    Case(
        "D USERS an excluded role that is only eligible excludes nobody",
        users(includeUsers=["All"], excludeRoles=[ADMIN]),
        sign_in(directory=role(assignmentType="eligible")),
        True,
    ),
    Case(
        "X PACK a policy for members excludes every external type",
        users(includeUsers=["All"], excludeGuestsOrExternalUsers=guests(",".join(SIX_TYPES))),
        sign_in(who=guest("b2bCollaborationMember")),
        False,
    ),
    Case(
        "X PACK agents: accounts of agents, beside users None",
        {**users(includeUsers=["None"]), "agents": {"includeAgentUsers": ["All"]}},
        sign_in(directory=AGENT),
        True,
    ),
    Case(
        "X PACK agents: a person is none",
        {**users(includeUsers=["None"]), "agents": {"includeAgentUsers": ["All"]}},
        sign_in(),
        False,
    ),
    Case(
        "X PACK agentIdRiskLevels with commas",
        {**users(includeUsers=["None"]), "agents": {"includeAgentUsers": ["All"]}, "agentIdRiskLevels": "medium,high"},
        sign_in(directory=AGENT, agentIdRiskLevel="medium"),
        True,
    ),
    Case(
        "X PACK agentContext",
        {"agentContext": {"includeAgentContexts": ["agentUserSessionsInitiatedFromEndpoints"]}},
        sign_in(agentContext="agentUserSessionsInitiatedFromEndpoints"),
        True,
    ),
    Case(
        "X PACK agentContext: not in it",
        {"agentContext": {"includeAgentContexts": ["agentUserSessionsInitiatedFromEndpoints"]}},
        sign_in(),
        False,
    ),
    Case("D WL one's own program", programs(includeServicePrincipals=["ServicePrincipalsInMyTenant"]), program(), True),
    Case("X EVAL by object id", programs(includeServicePrincipals=["ROBOT"]), program(), True),
    Case(
        "D WL excluded",
        programs(includeServicePrincipals=["ServicePrincipalsInMyTenant"], excludeServicePrincipals=["robot"]),
        program(),
        False,
    ),
    *(
        Case(
            f"D WL {tenancy} programs never match",
            programs(includeServicePrincipals=["ServicePrincipalsInMyTenant", "robot"]),
            program({"tenancy": tenancy}),
            False,
        )
        for tenancy in ("multiTenant", "managedIdentity")
    ),
    Case("D AGENT policies on users are about no program", users(includeUsers=["All"]), program(), False),
    Case(
        "D AFIL a filter on programs",
        programs(
            includeServicePrincipals=["ServicePrincipalsInMyTenant"],
            servicePrincipalFilter={"mode": "exclude", "rule": 'CustomSecurityAttribute.Set_Kind -eq "known"'},
        ),
        program({"customSecurityAttributes": {"Set": {"Kind": "known"}}}),
        False,
    ),
    Case(
        "X PACK agent identities: all but the approved, one of them",
        programs(
            includeAgentIdServicePrincipals=["All"],
            agentIdServicePrincipalFilter={
                "mode": "exclude",
                "rule": 'CustomSecurityAttribute.Set_Kind -contains "approved"',
            },
        ),
        program({"isAgent": True, "customSecurityAttributes": {"Set": {"Kind": ["approved", "x"]}}}),
        False,
    ),
    Case(
        "X PACK agent identities: all but the approved, another",
        programs(
            includeAgentIdServicePrincipals=["All"],
            agentIdServicePrincipalFilter={
                "mode": "exclude",
                "rule": 'CustomSecurityAttribute.Set_Kind -contains "approved"',
            },
        ),
        program({"isAgent": True, "customSecurityAttributes": {"Set": {"Kind": ["approved too"]}}}),
        True,
    ),
)


@pytest.mark.parametrize("case", SUBJECTS, ids=lambda case: case.source)
def test_whom_a_policy_is_about(case: Case) -> None:
    check(case)
