"""What a policy is about, and by which client, as Microsoft documents it."""

from typing import Final

import pytest

from tests.policy.documents import (
    AZURE_MANAGEMENT,
    AZURE_PORTAL,
    DIRECTORY_GRAPH,
    EXCHANGE,
    SECURITY_INFO,
    Case,
    app_with,
    apps,
    check,
    sign_in,
)

TARGETS: Final = (
    Case("D APPS All is the directory's own API too", {}, sign_in(DIRECTORY_GRAPH), True),
    Case("X PACK Office365", apps(includeApplications=["Office365"]), sign_in(EXCHANGE), True),
    Case("D APPS Office365 is not the rest", apps(includeApplications=["Office365"]), sign_in("wiki"), False),
    Case(
        "S Office365 excluded",
        apps(includeApplications=["All"], excludeApplications=["office365"]),
        sign_in(EXCHANGE),
        False,
    ),
    Case("D APPS admin portals", apps(includeApplications=["MicrosoftAdminPortals"]), sign_in(AZURE_PORTAL), True),
    Case(
        "D APPS Azure management is an app group: the portal",
        apps(includeApplications=[AZURE_MANAGEMENT]),
        sign_in(AZURE_PORTAL),
        True,
    ),
    Case(
        "D APPS Azure management itself",
        apps(includeApplications=[AZURE_MANAGEMENT]),
        sign_in(AZURE_MANAGEMENT),
        True,
    ),
    Case(
        "D APPS Azure management excluded",
        apps(includeApplications=["All"], excludeApplications=[AZURE_MANAGEMENT]),
        sign_in(AZURE_PORTAL),
        False,
    ),
    *(
        Case(f"D APPS Office365 holds {name}", apps(includeApplications=["Office365"]), sign_in(app), True)
        for name, app in (
            ("Microsoft Teams", "1fec8e78-bce4-4aaf-ab1b-5451cc387264"),
            ("OfficeHome", "4765445b-32c6-49b0-83e6-1d93765276ca"),
            ("OneDrive SyncEngine", "ab9b8c07-8f02-4f72-87fa-80105867a763"),
        )
    ),
    Case(
        "D APPS Office365 is not Microsoft Graph",
        apps(includeApplications=["Office365"]),
        sign_in("00000003-0000-0000-c000-000000000000"),
        False,
    ),
    Case(
        "D APPS what depends on Azure management is not in it: Azure SQL Database",
        apps(includeApplications=[AZURE_MANAGEMENT]),
        sign_in("022907d3-0f1b-48f7-badc-1ba6abab6d66"),
        False,
    ),
    Case(
        "D APPS Azure management is no more Azure DevOps",
        apps(includeApplications=[AZURE_MANAGEMENT]),
        sign_in("499b84ac-1321-427f-aa17-267ca6975798"),
        False,
    ),
    Case(
        "X PACK AllAgentIdResources",
        apps(includeApplications=["AllAgentIdResources"]),
        sign_in(directory={"applications": [{"appId": "wiki", "appGroups": ["AllAgentIdResources"]}]}),
        True,
    ),
    Case("X PACK AllAgentIdResources: no other", apps(includeApplications=["AllAgentIdResources"]), sign_in(), False),
    Case(
        "D AFIL an app by its attribute",
        apps(applicationFilter={"mode": "include", "rule": 'CustomSecurityAttribute.Set_Level -eq "high"'}),
        sign_in(directory=app_with("Level", "High")),
        True,
    ),
    Case(
        "D AFIL excluded by its attribute",
        apps(
            includeApplications=["All"],
            applicationFilter={"mode": "exclude", "rule": 'CustomSecurityAttribute.Set_Level -eq "high"'},
        ),
        sign_in(directory=app_with("Level", "high")),
        False,
    ),
    Case(
        "D AFIL of a collection contains means a whole value",
        apps(applicationFilter={"mode": "include", "rule": 'CustomSecurityAttribute.Set_Level -contains "hi"'}),
        sign_in(directory=app_with("Level", ["high"])),
        False,
    ),
    Case(
        "D AFIL of a text it means a part",
        apps(applicationFilter={"mode": "include", "rule": 'CustomSecurityAttribute.Set_Level -contains "hi"'}),
        sign_in(directory=app_with("Level", "high")),
        True,
    ),
    Case(
        "D APPS security info only when performed",
        apps(includeUserActions=[SECURITY_INFO]),
        sign_in(context={"userAction": "registerSecurityInformation"}),
        True,
    ),
    Case(
        "D APPS another user action",
        apps(includeUserActions=[SECURITY_INFO]),
        sign_in(context={"userAction": "registerOrJoinDevices"}),
        False,
    ),
    Case(
        "X EVAL named apps do not reach security info",
        apps(includeApplications=["wiki"]),
        sign_in(context={"userAction": "registerSecurityInformation"}),
        False,
    ),
    Case(
        "D APPS an authentication context that is asked for",
        apps(includeAuthenticationContextClassReferences=["c7"]),
        sign_in(context={"includeApplications": ["wiki"], "authenticationContextValue": "C7"}),
        True,
    ),
    Case(
        "D APPS an authentication context that is not",
        apps(includeAuthenticationContextClassReferences=["c7"]),
        sign_in(),
        False,
    ),
    Case(
        "D ACTX contexts go to c99",
        apps(includeAuthenticationContextClassReferences=["c99"]),
        sign_in(context={"authenticationContextValue": "c99"}),
        True,
    ),
    Case(
        "I beside a context the policies on the app apply",
        apps(includeApplications=["wiki"]),
        sign_in(context={"includeApplications": ["wiki"], "authenticationContextValue": "c7"}),
        True,
    ),
)
CLIENTS: Final = (
    Case("D COND none named is every client", {"clientAppTypes": None}, sign_in(clientAppType="other"), True),
    Case("X PACK ALL in any case", {"clientAppTypes": ["ALL"]}, sign_in(clientAppType="other"), True),
    Case(
        "S easUnsupported is retired",
        {"clientAppTypes": ["easUnsupported"]},
        sign_in(clientAppType="exchangeActiveSync"),
        True,
    ),
    Case(
        "S easSupported is a part of Exchange ActiveSync",
        {"clientAppTypes": ["exchangeActiveSync"]},
        sign_in(clientAppType="easSupported"),
        True,
    ),
    Case(
        "S easSupported is not all of Exchange ActiveSync",
        {"clientAppTypes": ["easSupported"]},
        sign_in(clientAppType="exchangeActiveSync"),
        False,
    ),
    Case(
        "D COND native clients are not browsers",
        {"clientAppTypes": ["browser"]},
        sign_in(clientAppType="mobileAppsAndDesktopClients"),
        False,
    ),
    *(
        Case(
            f"S platform {name}",
            {"platforms": {"includePlatforms": [name.upper()], "excludePlatforms": []}},
            sign_in(devicePlatform=name),
            True,
        )
        for name in ("android", "iOS", "windows", "windowsPhone", "macOS", "linux")
    ),
    Case(
        "D COND an excluded platform",
        {"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["windows"]}},
        sign_in(),
        False,
    ),
    Case(
        "D FLOW a device code",
        {"authenticationFlows": {"transferMethods": "deviceCodeFlow,authenticationTransfer"}},
        sign_in(authenticationFlow={"transferMethod": "deviceCodeFlow"}),
        True,
    ),
    Case(
        "D FLOW what once was handed over stays so, beside another flow",
        {"authenticationFlows": {"transferMethods": "deviceCodeFlow"}},
        sign_in(authenticationFlow={"transferMethod": "authenticationTransfer,deviceCodeFlow"}),
        True,
    ),
    Case(
        "D FLOW no flow",
        {"authenticationFlows": {"transferMethods": "deviceCodeFlow"}},
        sign_in(authenticationFlow={"transferMethod": "none"}),
        False,
    ),
    Case("S no flow is named", {"authenticationFlows": {"transferMethods": "none"}}, sign_in(), True),
)


@pytest.mark.parametrize("case", [*TARGETS, *CLIENTS], ids=lambda case: case.source)
def test_what_a_policy_is_about(case: Case) -> None:
    check(case)
