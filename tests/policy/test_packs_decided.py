"""Published packs, decided for sign-ins whose outcome was found by reading the policies; each row says by which."""

from pathlib import Path
from typing import Final, NamedTuple

import pytest
from msgspec.structs import replace

from assay.policy.graph_json import Json, JsonObject
from assay.policy.importers import SourceFile
from assay.policy.offline import Account, GivenSet, account, read_set, read_sign_in

PACKS: Final = Path(__file__).parent / "packs"
INTERNALS: Final = "ceeac9b8-ddf5-48cb-afcb-e2ab8bfd1a57"
EMERGENCY: Final = "2802b872-ccfb-4b29-a9a9-459808dfb11b"
GLOBAL_ADMINISTRATOR: Final = "62e90394-69f5-4237-9190-012177145e10"
EXCHANGE: Final = "00000002-0000-0ff1-ce00-000000000000"
MFA_METHODS: Final = ["password", "softwareOath"]
HOME: Final = {"country": "NL", "clientAppType": "browser", "devicePlatform": "windows"}
COMPANY: Final = {"deviceId": "d", "isCompliant": True, "ownership": "Company"}


def pack_files(name: str) -> list[SourceFile]:
    paths = sorted((PACKS / name).rglob("*.json"))
    return [SourceFile(name=path.name, content=path.read_bytes()) for path in paths]


def read_pack(name: str) -> GivenSet:
    return read_set(pack_files(name), {})


@pytest.fixture(scope="module")
def baseline() -> GivenSet:
    return read_pack("j0eyv_ConditionalAccessBaseline")


@pytest.fixture(scope="module")
def repository() -> GivenSet:
    return read_pack("AlexFilipin_ConditionalAccess")


def decided(given: GivenSet, document: JsonObject) -> Account:
    return account(given, read_sign_in(document), lambda reason: reason.code, applied_only=True)


def sign_in(
    *,
    group: str | None = INTERNALS,
    role: str | None = None,
    app: str = "a-line-of-business-app",
    context: JsonObject | None = None,
    methods: list[Json] | None = None,
    guest: bool = False,
    **conditions: Json,
) -> JsonObject:
    identity: JsonObject = {"userId": "ada"}
    if guest:
        identity |= {"externalUserType": "b2bCollaborationGuest", "externalTenantId": "fabrikam"}
    roles: list[Json] = [{"principalId": "ada", "roleDefinitionId": role}] if role else []
    return {
        "signInIdentity": identity,
        "signInContext": context or {"includeApplications": [app]},
        "signInConditions": {**HOME, **conditions},
        "satisfied": {"authenticationMethods": methods or ["password"]},
        "directory": {
            "users": [{"id": "ada", "memberOf": [group] if group else []}],
            "roleAssignments": roles,
        },
    }


class Row(NamedTuple):
    """A sign-in, what becomes of it, the numbers of the enforced policies that apply, and why."""

    why: str
    document: JsonObject
    decision: str
    failing: set[str]
    satisfied: set[str]


ROWS: Final = (
    Row(
        "everybody (CA000) and internals (CA200) need MFA; CA205 is met by the compliant device; CA209 asks nothing",
        sign_in(deviceInfo=COMPANY),
        "interrupted",
        {"CA000", "CA200"},
        {"CA205", "CA209"},
    ),
    Row(
        "the same with a second factor",
        sign_in(deviceInfo=COMPANY, methods=list(MFA_METHODS)),
        "granted",
        set(),
        {"CA000", "CA200", "CA205", "CA209"},
    ),
    Row(
        "CA205: a Windows device must be compliant or hybrid joined, which nothing in a sign-in makes it; "
        "CA202 and CA206 are about devices that are neither the company's nor compliant",
        sign_in(methods=list(MFA_METHODS)),
        "blocked",
        {"CA205"},
        {"CA000", "CA200", "CA202", "CA206", "CA209"},
    ),
    Row(
        "CA001 blocks every country but those allowed, and North Korea is none of them",
        sign_in(deviceInfo=COMPANY, methods=list(MFA_METHODS), country="KP"),
        "blocked",
        {"CA001"},
        {"CA000", "CA200", "CA205", "CA209"},
    ),
    Row(
        "CA002 blocks legacy clients; CA000 asks them for what they cannot do (D COND); CA200 is not about them",
        sign_in(deviceInfo=COMPANY, clientAppType="other"),
        "blocked",
        {"CA002", "CA000", "CA205"},
        {"CA209"},
    ),
    Row(
        "CA004 blocks the device code flow; in it no device is compliant (D GRANT), so CA205 is not met",
        sign_in(deviceInfo=COMPANY, methods=list(MFA_METHODS), authenticationFlow={"transferMethod": "deviceCodeFlow"}),
        "blocked",
        {"CA004", "CA205"},
        {"CA000", "CA200", "CA209"},
    ),
    Row(
        "CA201 blocks internals at high risk",
        sign_in(deviceInfo=COMPANY, methods=list(MFA_METHODS), userRiskLevel="high"),
        "blocked",
        {"CA201"},
        {"CA000", "CA200", "CA205", "CA209"},
    ),
    Row(
        "levels do not compare: medium is not high (D COND)",
        sign_in(deviceInfo=COMPANY, methods=list(MFA_METHODS), userRiskLevel="medium"),
        "granted",
        set(),
        {"CA000", "CA200", "CA205", "CA209"},
    ),
    Row(
        "CA204 blocks platforms other than four: Linux is none of them",
        sign_in(deviceInfo=COMPANY, methods=list(MFA_METHODS), devicePlatform="linux"),
        "blocked",
        {"CA204"},
        {"CA000", "CA200", "CA209"},
    ),
    Row(
        "CA401 keeps guests out of all apps but Office 365",
        sign_in(group=None, guest=True, methods=list(MFA_METHODS)),
        "blocked",
        {"CA401"},
        {"CA000", "CA400", "CA402", "CA403"},
    ),
    Row(
        "Exchange is of Office 365: CA401 excludes it; CA006 limits the session on a device that is not the company's",
        sign_in(group=None, guest=True, app=EXCHANGE, methods=list(MFA_METHODS)),
        "granted",
        set(),
        {"CA000", "CA006", "CA400", "CA402", "CA403"},
    ),
    Row(
        "an administrator: CA101 wants MFA, CA102 a sign-in of the last 12 hours, CA103 no persistent browser",
        sign_in(group=None, role=GLOBAL_ADMINISTRATOR, methods=list(MFA_METHODS)),
        "granted",
        set(),
        {"CA000", "CA101", "CA102", "CA103"},
    ),
    Row(
        "CA102: 13 hours are too long ago",
        sign_in(
            group=None,
            role=GLOBAL_ADMINISTRATOR,
            methods=[{"method": "password", "minutesAgo": 780}, {"method": "softwareOath", "minutesAgo": 780}],
        ),
        "interrupted",
        {"CA000", "CA101", "CA102"},
        {"CA103"},
    ),
    Row(
        "CA003 alone names the registration of devices, and All does not reach it (policy.md)",
        sign_in(context={"userAction": "registerOrJoinDevices"}),
        "interrupted",
        {"CA003"},
        set(),
    ),
    Row(
        "the accounts for emergencies are excluded from every policy that they could meet",
        sign_in(group=EMERGENCY, country="KP"),
        "granted",
        set(),
        set(),
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.why[:50])
def test_the_baseline(row: Row, baseline: GivenSet) -> None:
    found = decided(baseline, row.document)
    results = {
        each.display_name.split("-")[0]: each.result
        for each in found.applied_conditional_access_policies
        if not each.result.startswith("reportOnly")
    }
    failing = {name for name, result in results.items() if result == "failure"}
    assert (found.decision, failing, {*results} - failing) == (row.decision, row.failing, row.satisfied)


def test_report_only_is_told_and_enforces_nothing(baseline: GivenSet) -> None:
    """CA105 would ask administrators for a method that resists phishing (D RO: only user action is missing)."""
    document = sign_in(group=None, role=GLOBAL_ADMINISTRATOR, methods=list(MFA_METHODS))
    found = decided(baseline, document)
    only = {each.display_name[:5]: each.result for each in found.applied_conditional_access_policies}
    assert only["CA105"] == "reportOnlyInterrupted"


def test_all_of_a_pack_that_reports_only_enforces_nothing(repository: GivenSet) -> None:
    """Every policy of this repository is published as report-only, and so lets everybody in."""
    found = decided(repository, sign_in(group=None))
    assert (found.decision, found.conditional_access_status) == ("granted", "notApplied")
    assert {each.result[:10] for each in found.applied_conditional_access_policies} == {"reportOnly"}
    # It names the compliant network and holds no location: that one is known everywhere.
    assert found.set_problems == ()


def test_a_pack_with_a_file_that_cannot_be_read_grants_nothing() -> None:
    files = pack_files("AlexFilipin_ConditionalAccess")
    cut = replace(files[0], content=files[0].content[:-20])
    found = decided(read_set([cut, *files[1:]], {}), sign_in(group=None))
    assert found.decision == "blocked"
    assert [reason.code for reason in found.reasons] == ["policySetCannotBeRead"]
