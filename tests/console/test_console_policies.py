"""Policies written at the console: three views of one draft, its evidence, saving; What If."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import REPORTED, WIKI_BLOCKED, Company, look
from tests.policy.every_part import EVERY_PART, ID

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DRAFTED = REPORTED | {"id": "7d5b0a9e-3c1f-4c55-9a35-0b8a6a1f0011", "displayName": "CA501 Written at the console"}
EDITOR = f"/policies/{DRAFTED['id']}/edit"


def brought(company: Company, directory: Path, policy: dict[str, object]) -> None:
    file = directory / "policy.json"
    file.write_text(json.dumps(policy))
    company.installed.run("policy", "import", str(file))


def code(page: Page) -> str:
    return page.get_by_role("textbox", name="Code").input_value()


def evidence(page: Page, title: str) -> str:
    """What a panel says, once it is about what stands there now."""
    expect(page.locator(".evidence > .asking .dot.on")).to_have_count(0)
    return page.locator(".evidence section").filter(has_text=title).inner_text()


def test_sentence_blocks_and_code_are_one_draft_with_its_evidence_beside_it(company: Company, tmp_path: Path) -> None:
    brought(company, tmp_path, DRAFTED)
    page = company.open(EDITOR)
    page.get_by_role("button", name="Both").click()
    everybody = int(re.findall(r"(\d+) people", evidence(page, "Who is affected"))[0])
    # By keyboard alone: a person is found by a few letters and left out.
    page.get_by_role("combobox", name="Excluded").first.focus()
    page.keyboard.type("chlo")
    expect(page.get_by_role("option", name="Chloé Martin")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".sentence")).to_contain_text("For everybody except Chloé Martin, on all apps")
    assert len(json.loads(code(page))["conditions"]["users"]["excludeUsers"]) == 1
    affected = evidence(page, "Who is affected")
    assert f"{everybody - 1} people" in affected
    assert re.search(r"1 no longer\s+Chloé Martin", affected)
    assert re.search(r"Users, except\s+added:\s+Chloé Martin", evidence(page, "Changes"))
    # The code changes the blocks; what has no block stays whatever is changed there.
    written = json.loads(code(page)) | {"novelty": {"kept": 1}}
    written["grantControls"] = {"operator": "OR", "builtInControls": ["block"]}
    page.get_by_role("textbox", name="Code").fill(json.dumps(written, indent=2))
    expect(page.get_by_role("radio", name="Block access")).to_be_checked()
    expect(page.locator(".others")).to_contain_text('novelty{"kept":1}')
    problems = evidence(page, "Problems")
    assert "Parts that are not evaluated here: novelty.kept" in problems
    assert "no Global Administrator could reach the console" in problems
    # Of people a proof knows what the policy names: whoever is left out may be an administrator.
    expect(page.locator(".proofs li").first).to_contain_text(re.compile("^Proved ?An administrator"), timeout=60_000)
    expect(page.locator(".finding.of-bad").first).to_contain_text("Refused", timeout=60_000)
    page.get_by_role("radio", name="Grant access, and demand").check()
    page.get_by_role("checkbox", name="Require multifactor authentication").check()
    assert json.loads(code(page))["novelty"] == {"kept": 1}
    expect(page.locator(".sentence")).to_contain_text("require multifactor authentication")
    look(company, page)
    # What cannot be read says where, and nothing of it is lost, not by a reload either.
    broken = code(page).replace('"conditions":', '"conditions"', 1)
    page.get_by_role("textbox", name="Code").fill(broken)
    line = broken[: broken.index('"conditions"')].count("\n") + 1
    expect(page.locator("#code-error")).to_contain_text(f"Line {line}, column 16: A colon is expected")
    expect(page.get_by_role("checkbox", name="Require multifactor authentication")).to_be_disabled()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    page.reload()
    expect(page.get_by_text("This is your draft of")).to_be_visible()
    page.get_by_role("button", name="Code", exact=True).click()
    assert code(page) == broken
    # Whoever leaves is asked.
    page.get_by_role("navigation").get_by_role("link", name="People").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert page.url.endswith(EDITOR)
    page.get_by_role("button", name="Discard the draft").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard the draft").click()
    expect(page.get_by_text("No changes").first).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="People").click()
    page.wait_for_url(re.compile("/people$"))
    assert company.complaints == []


def test_a_draft_is_saved_over_what_it_began_from_and_over_nothing_else(company: Company, tmp_path: Path) -> None:
    brought(company, tmp_path, DRAFTED)
    page = company.open(EDITOR)
    name = page.get_by_label("Name")
    name.fill("CA501 Mine")
    # Meanwhile somebody else changes the same policy.
    brought(company, tmp_path, DRAFTED | {"description": "Theirs"})
    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Somebody else saved meanwhile")
    expect(dialog).to_contain_text("Theirs")
    expect(dialog).to_contain_text("CA501 Mine")
    assert all("412" in each for each in company.complaints), company.complaints
    company.complaints.clear()
    look(company, page)
    dialog.get_by_role("button", name="Go on with your draft").click()
    expect(name).to_have_value("CA501 Mine")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved as version")).to_be_visible()
    page.reload()
    expect(name).to_have_value("CA501 Mine")
    expect(page.get_by_text("No changes").first).to_be_visible()
    assert company.complaints == []


def test_a_new_policy_begins_in_report_only(company: Company) -> None:
    page = company.open("/policies/new")
    page.get_by_label("Name").fill("CA502 New at the console")
    page.get_by_role("combobox", name="Included").first.fill("Writers")
    page.get_by_role("option", name="Writers Group", exact=True).click()
    assert "1 person" in evidence(page, "Who is affected")
    page.get_by_role("button", name="Create in report-only").click()
    page.wait_for_url(re.compile("/policies/[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", name="CA502 New at the console")).to_be_visible()
    expect(page.locator("header .pill")).to_have_text("Report-only")
    expect(page.locator(".sentence")).to_contain_text("For group Writers, on all apps")
    assert company.complaints == []


def test_what_if_says_of_each_policy_whether_it_applies_or_what_does_not_fit(company: Company) -> None:
    page = company.open("/what-if")
    for field, text in (("User", "alice"), ("Application", "Wiki")):
        page.get_by_role("combobox", name=field, exact=True).click()
        page.keyboard.type(text)
        expect(page.get_by_role("option", name=text)).to_have_count(1)
        page.keyboard.press("Enter")
    blocks = page.locator(".answers section").filter(has=page.get_by_role("heading", name=re.compile("^Would apply")))
    expect(blocks.first).to_contain_text(f"{WIKI_BLOCKED['displayName']}\nBlock access.", use_inner_text=True)
    # The address carries the question.
    page.reload()
    expect(blocks.first).to_contain_text("CA201")
    look(company, page)
    page.get_by_role("button", name="Take out Alice Adams").click()
    page.get_by_role("combobox", name="User", exact=True).fill("ben")
    page.get_by_role("option", name="Benjamin").click()
    row = page.locator(".answers li").filter(has_text="CA201")
    expect(row).to_contain_text("It is not about this person.")
    row.get_by_role("link").click()
    page.wait_for_url(re.compile(f"/policies/{WIKI_BLOCKED['id']}$"))
    assert company.complaints == []


def test_every_part_is_shown_and_none_is_lost_when_another_is_changed(company: Company) -> None:
    page = company.open("/policies/new")
    page.get_by_role("button", name="Both").click()
    page.get_by_role("textbox", name="Code").fill(json.dumps(EVERY_PART))
    # What only the code changes is shown, and is nothing but what the table says (tests/policy/test_console_parts.py).
    expect(page.locator(".others dt")).to_have_text(
        [
            "conditions.applications.networkAccess.includeTrafficProfiles",
            "conditions.devices.includeDevices",
            "conditions.devices.excludeDevices",
        ]
    )
    wanted = json.loads(json.dumps(EVERY_PART))
    conditions, session = wanted["conditions"], wanted["sessionControls"]
    programs, guests = conditions["clientApplications"], conditions["users"]["excludeGuestsOrExternalUsers"]

    def typed(group: str | None, label: str, now: str, then: str) -> None:
        within = page.get_by_role("group", name=group, exact=True) if group else page.locator(".blocks-form")
        field = within.get_by_label(label, exact=True).last
        expect(field).to_have_value(now)
        field.fill(then)
        field.blur()

    typed("Programs", "Ids, excluded", ID.format(41), "p1, p2")
    programs["excludeServicePrincipals"] = ["p1", "p2"]
    typed("Identities of agents", "Rule", programs["agentIdServicePrincipalFilter"]["rule"], "changed")
    programs["agentIdServicePrincipalFilter"]["rule"] = "changed"
    typed(None, "Ids, included; or All", ID.format(38), "All")
    conditions["agents"]["includeAgentUsers"] = ["All"]
    typed(None, "Ids of tenants", ID.format(37), "t1")
    guests["externalTenants"]["members"] = ["t1"]
    page.get_by_role("group", name="Of these types").last.get_by_role("checkbox", name="Internal guests").check()
    guests["guestOrExternalUserTypes"] = "serviceProvider,otherExternalUser,internalGuest"
    insider = page.get_by_role("group", name="Insider risk", exact=True)
    expect(insider.get_by_role("checkbox", checked=True)).to_have_count(2)
    insider.get_by_role("checkbox", name="Moderate").uncheck()
    conditions["insiderRiskLevels"] = "elevated"
    page.get_by_role("checkbox", name="Authentication transfer").check()
    conditions["authenticationFlows"]["transferMethods"] = "deviceCodeFlow,authenticationTransfer"
    typed(None, "Contexts", "unattended", "attended")
    conditions["agentContext"]["includeAgentContexts"] = ["attended"]
    page.get_by_role("button", name="Take out c7").click()
    conditions["applications"]["includeAuthenticationContextClassReferences"] = []
    typed(None, "Terms of use, by id", "terms", "terms, more")
    wanted["grantControls"]["termsOfUse"] = ["terms", "more"]
    typed(None, "Factors of others, by id", "factor", "")
    wanted["grantControls"]["customAuthenticationFactors"] = []
    typed(None, "Only with these HTTP methods", "GET", "get head")
    session["assay"]["limits"]["methods"] = ["GET", "HEAD"]
    page.get_by_label("Proxy for apps").select_option("No downloads")
    session["cloudAppSecurity"]["cloudAppSecurityType"] = "blockDownloads"
    page.get_by_label("Continuous access evaluation").select_option("")
    session["continuousAccessEvaluation"] = None
    page.get_by_role("checkbox", name="Tokens are bound to the device").uncheck()
    session["secureSignInSession"] = None
    typed(None, "Policy of Global Secure Access, by id", "network", "other")
    session["networkAccessSecurity"]["policyId"] = "other"
    assert json.loads(code(page)) == wanted
    expect(page.locator(".sentence")).to_contain_text("terms of use “more”")
    look(company, page)
    # By the keyboard alone: a policy about programs becomes one about people.
    page.get_by_role("combobox", name="About", exact=True).focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("group", name="Programs", exact=True)).to_have_count(0)
    assert json.loads(code(page))["conditions"]["clientApplications"] is None
    page.get_by_role("button", name="Discard the draft").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard the draft").click()
    assert company.complaints == []
