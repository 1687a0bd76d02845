"""The page of a refusal says what this person can do about it, and nothing that would not help."""

import pytest

from assay.access.exchange import Redirect
from assay.access.import_policies import ImportOptions
from assay.access.steps import Refused
from tests.access.admin.graph import block, location, policy, source
from tests.access.house import BY, House

ELSEWHERE = "33333333-3333-4333-8333-333333333333"
ABROAD = {"includeLocations": ["All"], "excludeLocations": [ELSEWHERE]}
PASSKEY = {"operator": "OR", "authenticationStrength": {"id": "00000000-0000-0000-0000-000000000004"}}


@pytest.mark.parametrize(
    ("several", "remedies"),
    [
        ([block(locations=ABROAD)], ["useOtherNetwork"]),
        ([block()], ["askHelpDesk"]),
        ([policy(grant=PASSKEY)], ["registerPasskey"]),
        ([policy(grant=PASSKEY), block(locations=ABROAD)], ["registerPasskey", "useOtherNetwork"]),
        ([policy(grant=PASSKEY), block(users={"includeUsers": ["All"]})], ["askHelpDesk"]),
    ],
    ids=["place", "block", "method", "method-and-place", "method-does-not-help"],
)
async def test_who_is_refused_is_told_what_would_let_them_in(
    house: House, several: list[dict[str, object]], remedies: list[str]
) -> None:
    alice = await house.person("alice")
    await alice.password()
    await alice.totp()
    wiki = await house.app("wiki", assigned=["alice"])
    of_wiki = [
        {**each, "conditions": {**conditions, "applications": {"includeApplications": [wiki.id]}}}
        for each in several
        if isinstance(conditions := each["conditions"], dict)
    ]
    files = (source({"value": [location(ELSEWHERE, "203.0.113.0/24"), *of_wiki]}),)
    await house.policies.import_files(BY, files, ImportOptions())
    asked = await alice.ask(wiki)
    assert isinstance(asked, Redirect)
    step = await alice.follow(asked)
    assert isinstance(step, Refused)
    assert [each.code for each in step.remedies] == remedies
