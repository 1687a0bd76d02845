"""From where, with which device and how risky, as Microsoft documents it."""

from typing import Final

import pytest

from tests.policy.documents import (
    COMPANY,
    COMPLIANT_NETWORK,
    REGISTERED,
    Case,
    check,
    device_filter,
    locations,
    program,
    programs,
    sign_in,
)

SAW: Final = 'device.extensionAttribute1 -eq "SAW"'
PLACES: Final = (
    Case("D NET All is any address", locations("All"), sign_in(), True),
    Case("D NET AllTrusted: a trusted range", locations("AllTrusted"), sign_in(ipAddress="198.51.100.7"), True),
    Case("D NET AllTrusted: a range that is not", locations("AllTrusted"), sign_in(ipAddress="2001:db8::7"), False),
    Case("D NET any of the named", locations("office", "six"), sign_in(ipAddress="2001:db8::7"), True),
    Case("D NET a country by its table", locations("north"), sign_in(country="no"), True),
    Case("D NET another country", locations("north"), sign_in(country="DK"), False),
    Case(
        "D NET all but the allowed blocks an address without a country",
        locations("All", exclude=("north",)),
        sign_in(),
        True,
    ),
    Case("D NET the forbidden lets an address without a country pass", locations("north"), sign_in(), False),
    Case("D NET unless the location holds unknown countries", locations("odd"), sign_in(), True),
    Case("D NET and then it excuses too", locations("All", exclude=("odd",)), sign_in(), False),
    Case("D NET by GPS, whatever the address says", locations("phone"), sign_in(country="DK", gpsCountry="NO"), True),
    Case(
        "D NET an address does not stand in for GPS",
        locations("All", exclude=("phone",)),
        sign_in(country="NO"),
        True,
    ),
    Case("D NET GPS shared from there", locations("All", exclude=("phone",)), sign_in(gpsCountry="NO"), False),
    Case(
        "D NET the compliant network is a location",
        locations("All", exclude=(COMPLIANT_NETWORK,)),
        sign_in(compliantNetwork=True),
        False,
    ),
    Case("D NET outside the compliant network", locations("All", exclude=(COMPLIANT_NETWORK,)), sign_in(), True),
    Case("D NET it is no trusted address", locations("AllTrusted"), sign_in(compliantNetwork=True), False),
    Case("S every level is configured away", {"signInRiskLevels": [], "userRiskLevels": None}, sign_in(), True),
    Case("D IDT a level is no threshold", {"signInRiskLevels": ["medium"]}, sign_in(signInRiskLevel="high"), False),
    Case("D IDT none is a level", {"signInRiskLevels": ["none"]}, sign_in(), True),
    Case(
        "S hidden is a level of its own",
        {"userRiskLevels": ["high"]},
        sign_in(userRiskLevel="hidden"),
        False,
    ),
    Case(
        "D POL both risks in one policy are ANDed",
        {"signInRiskLevels": ["high"], "userRiskLevels": ["high"]},
        sign_in(userRiskLevel="high"),
        False,
    ),
    Case(
        "X PACK insider risk with commas",
        {"insiderRiskLevels": "moderate,elevated"},
        sign_in(insiderRiskLevel="elevated"),
        True,
    ),
    Case("S insider risk none", {"insiderRiskLevels": "minor"}, sign_in(), False),
    Case(
        "S service principal risk",
        {**programs(includeServicePrincipals=["robot"]), "servicePrincipalRiskLevels": ["high"]},
        program(servicePrincipalRiskLevel="high"),
        True,
    ),
    Case(
        "S service principal risk: another level",
        {**programs(includeServicePrincipals=["robot"]), "servicePrincipalRiskLevels": ["high"]},
        program(servicePrincipalRiskLevel="low"),
        False,
    ),
)
DEVICES: Final = (
    Case("D DEV unregistered, positive, include", device_filter("device.isCompliant -eq True"), sign_in(), False),
    Case(
        "D DEV unregistered, positive, exclude",
        device_filter("device.isCompliant -eq True", "exclude"),
        sign_in(),
        True,
    ),
    Case("D DEV unregistered, negative, include", device_filter("device.isCompliant -ne True"), sign_in(), True),
    Case(
        "D DEV unregistered, negative, exclude: the hole",
        device_filter('device.extensionAttribute1 -ne "SAW"', "exclude"),
        sign_in(),
        False,
    ),
    Case(
        "D DEV -eq False never is an unregistered device",
        device_filter("device.isCompliant -eq False"),
        sign_in(),
        False,
    ),
    *(
        Case(f"D DEV unregistered: {operator}", device_filter(f'device.model {operator} "x"'), sign_in(), applies)
        for operator, applies in (
            ("-eq", False),
            ("-startsWith", False),
            ("-endsWith", False),
            ("-contains", False),
            ("-ne", True),
            ("-notStartsWith", True),
            ("-notEndsWith", True),
            ("-notContains", True),
        )
    ),
    Case("D DEV unregistered: -in", device_filter('device.model -in ["x"]'), sign_in(), False),
    Case("D DEV unregistered: -notIn", device_filter('device.model -notIn ["x"]'), sign_in(), True),
    Case(
        "S deviceInfo: of a registered device isCompliant is false where it is not said",
        device_filter("device.isCompliant -eq False"),
        sign_in(deviceInfo={"deviceId": "d"}),
        True,
    ),
    Case(
        "U isCompliant that nobody knows is not false",
        device_filter("device.isCompliant -eq False"),
        sign_in(deviceInfo={"deviceId": "d", "isCompliant": None}),
        False,
    ),
    *(
        Case(
            f"X EVAL, SIGN {word} is {trust}",
            device_filter(f'device.trustType -eq "{trust}"'),
            sign_in(deviceInfo={"trustType": word}),
            True,
        )
        for word, trust in (
            ("EntraID", "AzureAD"),
            ("Azure AD joined", "AzureAD"),
            ("Hybrid Azure AD joined", "ServerAD"),
            ("Microsoft Entra registered", "Workplace"),
        )
    ),
    Case("U -not turns the answer about null", device_filter('-not (device.model -eq "x")'), sign_in(), True),
    Case(
        "D DYN text compares without case",
        device_filter('device.model -eq "BOOK 3"'),
        sign_in(deviceInfo=COMPANY),
        True,
    ),
    Case(
        "D DEV contains is a part of a text",
        device_filter('device.model -contains "ook"'),
        sign_in(deviceInfo=COMPANY),
        True,
    ),
    Case(
        "D DEV contains is a whole element of a list",
        device_filter('device.systemLabels -contains "Cloud"'),
        sign_in(deviceInfo={**COMPANY, "systemLabels": ["CloudPC"]}),
        False,
    ),
    Case(
        "X PACK unquoted and quoted True",
        device_filter('device.isCompliant -eq "True"'),
        sign_in(deviceInfo=COMPANY),
        True,
    ),
    Case(
        "D DEV property names in any case", device_filter('device.DEVICEID -eq "d"'), sign_in(deviceInfo=COMPANY), True
    ),
    Case(
        "D DYN -and binds stronger than -or",
        device_filter('device.model -eq "x" -and device.model -eq "y" -or device.trustType -eq "ServerAD"'),
        sign_in(deviceInfo=COMPANY),
        True,
    ),
    Case(
        "I extension attributes of a device that is only registered, include",
        device_filter(SAW),
        sign_in(deviceInfo=REGISTERED),
        False,
    ),
    Case(
        "I extension attributes of a device that is only registered, exclude",
        device_filter(SAW, "exclude"),
        sign_in(deviceInfo=REGISTERED),
        True,
    ),
    Case(
        "D DEV extension attributes of a managed device",
        device_filter(SAW),
        sign_in(deviceInfo={**REGISTERED, "isManaged": True}),
        True,
    ),
    Case(
        "X PACK includeDevices All, excludeDevices Compliant: a compliant one",
        {"devices": {"includeDevices": ["All"], "excludeDevices": ["Compliant"]}},
        sign_in(deviceInfo=COMPANY),
        False,
    ),
    Case(
        "X PACK includeDevices All, excludeDevices Compliant: none",
        {"devices": {"includeDevices": ["All"], "excludeDevices": ["Compliant"]}},
        sign_in(),
        True,
    ),
    Case(
        "S deviceStates of its own: a hybrid joined one",
        {"deviceStates": {"includeStates": ["All"], "excludeStates": ["Compliant", "DomainJoined"]}},
        sign_in(deviceInfo={"deviceId": "d", "trustType": "ServerAD"}),
        False,
    ),
)


@pytest.mark.parametrize("case", [*PLACES, *DEVICES], ids=lambda case: case.source)
def test_from_where_and_with_what(case: Case) -> None:
    check(case)
