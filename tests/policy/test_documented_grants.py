"""What satisfies the grant controls, as Microsoft documents it."""

from typing import Final, NamedTuple

import pytest

from assay.policy.graph_json import Json, JsonObject
from tests.policy.documents import (
    COMPANY,
    MFA,
    PASSWORD,
    REGISTERED,
    STRENGTHS,
    answer,
    built_in,
    done,
    guest,
    policy,
    program,
    programs,
    sign_in,
    strength,
    users,
)


class Demand(NamedTuple):
    """Grant controls for everybody, a sign-in, the decision, and the first control of each thing to ask for."""

    source: str
    grant: Json
    document: JsonObject
    decision: str
    asked: tuple[str, ...] = ()


SECOND: Final = ("microsoftAuthenticatorPush", "softwareOath", "hardwareOath", "sms", "voice")
ALONE: Final = (
    "windowsHelloForBusiness",
    "fido2",
    "x509CertificateMultiFactor",
    "deviceBasedPush",
    "temporaryAccessPassOneTime",
    "temporaryAccessPassMultiUse",
    "federatedMultiFactor",
)
PASSWORDLESS: Final = ("windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor", "deviceBasedPush")
NEVER: Final = ("password", "sms", "email", "qrCodePin", "federatedSingleFactor", "x509CertificateSingleFactor")


def card(**parts: Json) -> JsonObject:
    return sign_in(satisfied=done({"method": "x509CertificateMultiFactor", **parts}))


DEMANDS: Final = (
    *(Demand(f"D AS1 multifactor: {name}", strength(2), sign_in(satisfied=done(name)), "granted") for name in ALONE),
    *(
        Demand(
            f"D AS1 multifactor: {first} and {second}", strength(2), sign_in(satisfied=done(first, second)), "granted"
        )
        for first in (PASSWORD, "federatedSingleFactor")
        for second in SECOND
    ),
    *(
        Demand(
            f"D AS1 not multifactor: {name} alone",
            strength(2),
            sign_in(satisfied=done(name)),
            "interrupted",
            ("authenticationStrength",),
        )
        for name in NEVER
    ),
    *(
        Demand(f"D GRANT mfa is that strength: {name}", MFA, sign_in(satisfied=done(name)), "granted")
        for name in ("windowsHelloForBusiness", "federatedMultiFactor")
    ),
    Demand("D GRANT mfa: a password alone", MFA, sign_in(satisfied=done(PASSWORD)), "interrupted", ("mfa",)),
    *(
        Demand(
            f"D AS1 passwordless: {name}",
            strength(3),
            sign_in(satisfied=done(name)),
            *(("granted",) if name in PASSWORDLESS else ("interrupted", ("authenticationStrength",))),
        )
        for name in ALONE
    ),
    *(
        Demand(
            f"X PACK phishing-resistant: {name}",
            strength(4),
            sign_in(satisfied=done(name)),
            *(("granted",) if name in PASSWORDLESS[:3] else ("interrupted", ("authenticationStrength",))),
        )
        for name in ALONE
    ),
    Demand(
        "S a custom strength by its id",
        strength("sms-only"),
        sign_in(satisfied=done("sms")),
        "granted",
    ),
    Demand(
        "D AS3 a key of an allowed model",
        strength("keys"),
        sign_in(satisfied=done({"method": "fido2", "aaguid": "AA-2"})),
        "granted",
    ),
    Demand(
        "D AS3 a key of another model",
        strength("keys"),
        sign_in(satisfied=done({"method": "fido2", "aaguid": "bb"})),
        "interrupted",
        ("authenticationStrength",),
    ),
    Demand(
        "D AS3 any issuer and any policy", strength("cards"), card(issuerSki="0b", policyOids=["9", "1.3"]), "granted"
    ),
    Demand(
        "D AS3 the issuer alone",
        strength("cards"),
        card(issuerSki="0A", policyOids=["9"]),
        "interrupted",
        ("authenticationStrength",),
    ),
    Demand(
        "D AS3 only the first five policies count",
        strength("cards"),
        card(issuerSki="0A", policyOids=["1", "2", "3", "4", "5", "1.2"]),
        "interrupted",
        ("authenticationStrength",),
    ),
    Demand("D GRANT a compliant device", built_in("compliantDevice"), sign_in(deviceInfo=COMPANY), "granted"),
    Demand("D GRANT 53000 no compliant device", built_in("compliantDevice"), sign_in(), "blocked"),
    Demand("D GRANT a hybrid joined device", built_in("domainJoinedDevice"), sign_in(deviceInfo=COMPANY), "granted"),
    Demand(
        "D GRANT 53001 no hybrid joined device",
        built_in("domainJoinedDevice"),
        sign_in(deviceInfo=REGISTERED),
        "blocked",
    ),
    Demand(
        "D GRANT in a device code flow the device is another one",
        built_in("compliantDevice"),
        sign_in(deviceInfo=COMPANY, authenticationFlow={"transferMethod": "deviceCodeFlow"}),
        "blocked",
    ),
    Demand(
        "D GRANT an approved app",
        built_in("approvedApplication"),
        sign_in(satisfied={"approvedApplication": True}),
        "granted",
    ),
    Demand(
        "D EXT a guest brings no protected app",
        built_in("compliantApplication"),
        sign_in(who=guest("b2bCollaborationGuest"), satisfied={"compliantApplication": True}),
        "blocked",
    ),
    Demand(
        "S terms of use are asked for",
        {"operator": "OR", "termsOfUse": ["T"]},
        sign_in(),
        "interrupted",
        ("termsOfUse",),
    ),
    Demand(
        "D TOU accepted terms satisfy silently",
        {"operator": "OR", "termsOfUse": ["T"]},
        sign_in(satisfied={"termsOfUse": ["t"]}),
        "granted",
    ),
    Demand(
        "S a custom control",
        {"operator": "OR", "customAuthenticationFactors": ["Duo"]},
        sign_in(satisfied={"customAuthenticationFactors": ["duo"]}),
        "granted",
    ),
    Demand(
        "D GRANT a password change comes after multifactor authentication",
        built_in("mfa", "passwordChange", operator="AND"),
        sign_in(satisfied=done(PASSWORD)),
        "interrupted",
        ("mfa", "passwordChange"),
    ),
    Demand(
        "D LIFEHT a password change beside a strength",
        {**built_in("passwordChange", operator="AND"), "authenticationStrength": {"id": STRENGTHS[2]}},
        sign_in(satisfied=done("fido2", passwordChange=True)),
        "granted",
    ),
    Demand(
        "D EXT a guest cannot change a password here",
        built_in("mfa", "passwordChange", operator="AND"),
        sign_in(who=guest("b2bCollaborationGuest"), satisfied=done("fido2")),
        "blocked",
    ),
    Demand(
        "D GRANT remediation of risk beside a strength",
        {**built_in("riskRemediation", operator="AND"), "authenticationStrength": {"id": STRENGTHS[2]}},
        sign_in(satisfied=done("fido2", riskRemediation=True)),
        "granted",
    ),
    Demand(
        "D GRANT remediation of risk signs in every time, though no frequency says so",
        {**built_in("riskRemediation", operator="AND"), "authenticationStrength": {"id": STRENGTHS[2]}},
        sign_in(satisfied=done({"method": "fido2", "minutesAgo": 6}, riskRemediation=True)),
        "interrupted",
        ("signInFrequency", "authenticationStrength"),
    ),
    Demand(
        "D WL and: lower case",
        built_in("mfa", "compliantDevice", operator="and"),
        sign_in(satisfied=done("fido2")),
        "blocked",
    ),
    Demand(
        "X PACK or: lower case",
        built_in("mfa", "compliantDevice", operator="or"),
        sign_in(satisfied=done("fido2")),
        "granted",
    ),
    Demand(
        "D POL OR: what can still be asked for", built_in("compliantDevice", "mfa"), sign_in(), "interrupted", ("mfa",)
    ),
    Demand(
        "D POL OR: a device alone satisfies", built_in("compliantDevice", "mfa"), sign_in(deviceInfo=COMPANY), "granted"
    ),
    Demand(
        "D POL the order of prompts",
        {**built_in("mfa", operator="AND"), "termsOfUse": ["t"], "customAuthenticationFactors": ["c"]},
        sign_in(),
        "interrupted",
        ("mfa", "termsOfUse", "customAuthenticationFactor"),
    ),
    Demand(
        "D EXT multifactor authentication of a collaboration guest is done here",
        MFA,
        sign_in(who=guest("b2bCollaborationGuest")),
        "interrupted",
        ("mfa",),
    ),
    Demand(
        "D EXT a direct connect user without the claim is blocked",
        MFA,
        sign_in(who=guest("b2bDirectConnectUser")),
        "blocked",
    ),
    Demand(
        "D EXT a direct connect user with the claim",
        MFA,
        sign_in(who=guest("b2bDirectConnectUser"), satisfied=done("federatedMultiFactor")),
        "granted",
    ),
    Demand(
        "D EXT an internal guest has a password here to change",
        built_in("mfa", "passwordChange", operator="AND"),
        sign_in(who=guest("internalGuest"), satisfied=done("fido2")),
        "interrupted",
        ("passwordChange",),
    ),
    Demand(
        "D EXT terms of use are not for direct connect users",
        {"operator": "OR", "termsOfUse": ["t"]},
        sign_in(who=guest("b2bDirectConnectUser"), satisfied={"termsOfUse": ["t"]}),
        "blocked",
    ),
    Demand(
        "S a limit binds its combination in whatever order the methods stand",
        strength("mixed"),
        sign_in(satisfied=done(PASSWORD, {"method": "x509CertificateSingleFactor", "issuerSki": "CD"})),
        "interrupted",
        ("authenticationStrength",),
    ),
    Demand(
        "S and lets pass what it allows",
        strength("mixed"),
        sign_in(satisfied=done(PASSWORD, {"method": "x509CertificateSingleFactor", "issuerSki": "AB"})),
        "granted",
    ),
    *(
        Demand(f"D COND legacy clients: {name} blocks", grant, sign_in(clientAppType=client), "blocked")
        for client in ("exchangeActiveSync", "other")
        for name, grant in (
            ("mfa", MFA),
            ("terms of use", {"operator": "OR", "termsOfUse": ["t"]}),
            ("a custom control", {"operator": "OR", "customAuthenticationFactors": ["c"]}),
            ("a compliant device", built_in("compliantDevice")),
        )
    ),
    Demand("X PACK no grant controls", None, sign_in(), "granted"),
)


NOBODY: Final = (
    ("D WL a program can be asked nothing", programs(includeServicePrincipals=["robot"]), program()),
    (
        "D AGENT nobody answers for an agent's account",
        users(includeUsers=["All"]),
        sign_in(directory={"users": [{"id": "ada", "isAgent": True}]}),
    ),
)


@pytest.mark.parametrize(("source", "conditions", "document"), NOBODY, ids=[row[0] for row in NOBODY])
def test_who_cannot_be_asked_is_refused(source: str, conditions: JsonObject, document: JsonObject) -> None:
    found = answer(policy(MFA, **conditions), document)
    assert (found.decision, found.ask_for) == ("blocked", ()), source
    assert [each.result for each in found.applied_conditional_access_policies] == ["failure"], source


@pytest.mark.parametrize("demand", DEMANDS, ids=lambda demand: demand.source)
def test_what_satisfies(demand: Demand) -> None:
    found = answer(policy(demand.grant), demand.document)
    assert found.set_problems == ()
    assert (found.decision, tuple(each.any_of[0].control for each in found.ask_for)) == (demand.decision, demand.asked)
