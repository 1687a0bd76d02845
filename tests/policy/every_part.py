"""A policy in which every part of Graph's conditionalAccessPolicy that the engine reads says something."""

ID = "7d5b0a9e-3c1f-4c55-9a35-0b8a6a1f00{:02}"
TENANTS = "#microsoft.graph.conditionalAccessEnumeratedExternalTenants"


def guests(kind: str, number: int) -> dict[str, object]:
    tenants = {"@odata.type": TENANTS, "membershipKind": "enumerated", "members": [ID.format(number)]}
    return {"guestOrExternalUserTypes": kind, "externalTenants": tenants}


def sides(name: str, number: int) -> dict[str, object]:
    return {f"include{name}": [ID.format(number)], f"exclude{name}": [ID.format(number + 1)]}


EVERY_PART: dict[str, object] = {
    "id": ID.format(21),
    "templateId": "t",
    "displayName": "CA503 Every part",
    "description": "All that there is",
    "state": "disabled",
    "conditions": {
        "users": {
            **sides("Users", 30),
            **sides("Groups", 32),
            **sides("Roles", 34),
            "includeGuestsOrExternalUsers": guests("internalGuest", 36),
            "excludeGuestsOrExternalUsers": guests("serviceProvider,otherExternalUser", 37),
        },
        "agents": sides("AgentUsers", 38),
        "clientApplications": {
            **sides("ServicePrincipals", 40),
            "servicePrincipalFilter": {"mode": "include", "rule": 'CustomSecurityAttribute.A_B -eq "programs"'},
            **sides("AgentIdServicePrincipals", 42),
            "agentIdServicePrincipalFilter": {"mode": "exclude", "rule": 'CustomSecurityAttribute.A_B -eq "agents"'},
        },
        "applications": {
            **sides("Applications", 44),
            "applicationFilter": {"mode": "exclude", "rule": 'CustomSecurityAttribute.A_B -eq "apps"'},
            "includeUserActions": ["urn:user:registerdevice"],
            "includeAuthenticationContextClassReferences": ["c7"],
            "networkAccess": {"includeTrafficProfiles": "m365"},
        },
        "clientAppTypes": ["browser"],
        "platforms": {"includePlatforms": ["all"], "excludePlatforms": ["linux"]},
        "locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]},
        "devices": {
            "deviceFilter": {"mode": "exclude", "rule": 'device.model -eq "devices"'},
            "includeDevices": ["All"],
            "excludeDevices": ["Compliant"],
        },
        "signInRiskLevels": ["high"],
        "userRiskLevels": ["medium"],
        "servicePrincipalRiskLevels": ["low"],
        "agentIdRiskLevels": "high",
        "insiderRiskLevels": "moderate,elevated",
        "authenticationFlows": {"transferMethods": "deviceCodeFlow"},
        "agentContext": {"includeAgentContexts": ["unattended"]},
    },
    "grantControls": {
        "operator": "AND",
        "builtInControls": ["mfa"],
        "customAuthenticationFactors": ["factor"],
        "termsOfUse": ["terms"],
        "authenticationStrength": {"id": "00000000-0000-0000-0000-000000000004"},
    },
    "sessionControls": {
        "signInFrequency": {
            "isEnabled": True,
            "value": 4,
            "type": "hours",
            "frequencyInterval": "timeBased",
            "authenticationType": "secondaryAuthentication",
        },
        "persistentBrowser": {"isEnabled": True, "mode": "never"},
        "assay": {"limits": {"readOnly": True, "methods": ["GET"]}},
        "disableResilienceDefaults": True,
        "applicationEnforcedRestrictions": {"isEnabled": True},
        "cloudAppSecurity": {"isEnabled": True, "cloudAppSecurityType": "monitorOnly"},
        "continuousAccessEvaluation": {"mode": "strictLocation"},
        "secureSignInSession": {"isEnabled": True},
        "networkAccessSecurity": {"isEnabled": True, "policyId": "network"},
        "globalSecureAccessFilteringProfile": {"isEnabled": True, "profileId": "filtering"},
    },
}
