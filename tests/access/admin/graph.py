"""Policies and locations as Graph exports them."""

import json

from assay.policy import SourceFile

ALL_APPS = {"includeApplications": ["All"]}
ALL_USERS = {"includeUsers": ["All"]}


def policy(
    policy_id: str = "11111111-1111-4111-8111-111111111111",
    name: str = "Require MFA",
    *,
    state: str = "enabled",
    users: object = None,
    apps: object = None,
    grant: object = None,
    **conditions: object,
) -> dict[str, object]:
    """One conditionalAccessPolicy."""
    return {
        "id": policy_id,
        "displayName": name,
        "state": state,
        "conditions": {
            "users": ALL_USERS if users is None else users,
            "applications": ALL_APPS if apps is None else apps,
            "clientAppTypes": ["all"],
            **conditions,
        },
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]} if grant is None else grant,
    }


def block(policy_id: str = "22222222-2222-4222-8222-222222222222", **more: object) -> dict[str, object]:
    """A policy that blocks whom it applies to."""
    return policy(policy_id, "Block", grant={"operator": "OR", "builtInControls": ["block"]}, **more)  # type: ignore[arg-type]  # keywords pass through


def location(location_id: str = "33333333-3333-4333-8333-333333333333", network: str = "192.0.2.0/24") -> object:
    """One ipNamedLocation."""
    return {
        "@odata.type": "#microsoft.graph.ipNamedLocation",
        "id": location_id,
        "displayName": "Office",
        "isTrusted": True,
        "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": network}],
    }


def source(content: object, name: str = "export.json") -> SourceFile:
    """A file of it."""
    return SourceFile(name=name, content=json.dumps(content).encode())
