"""A policy that is rolled out, at the console: each step, what was decided, what waits; an invariant that is broken."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.console.conftest import REPORTED, WIKI_BLOCKED, Company, look
from tests.end_to_end.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME = "CA601 Tried on a few people first"
POLICY = REPORTED | {"id": "7d5b0a9e-3c1f-4c55-9a35-0b8a6a1f0021", "displayName": NAME, "state": "enabled"}


def test_a_step_is_looked_at_confirmed_and_taken_back(company: Company, tmp_path: Path) -> None:
    installed = company.installed
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(POLICY))
    new.write_text(
        json.dumps(POLICY | {"sessionControls": {"signInFrequency": {"isEnabled": True, "type": "hours", "value": 8}}})
    )
    installed.run("policy", "import", str(old))
    installed.run("policy", "roll-out", "start", str(new))
    installed.run("policy", "roll-out", "advance", NAME, "--percent", "100", "--confirm-within", "2h", "--anyway")
    view = f"/policies/{POLICY['id']}"

    page = company.open(view)
    panel = page.get_by_role("region", name="Rollout", exact=True)
    expect(panel).to_contain_text(re.compile(r"Cohort\s*\d+ people, 100 of a hundred"))
    expect(panel).to_contain_text(re.compile(r"Goes back in 1:5\d:\d\d, unless somebody confirms it"))
    expect(panel).to_contain_text("Decisions with the new text since")
    look(company, page)
    with company.in_german() as seat:
        german = seat.open(view).get_by_role("region", name="Einführung")
        expect(german).to_contain_text("wenn niemand bestätigt")

    # By keyboard alone.
    panel.get_by_role("button", name="Confirm").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Confirm").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Confirmed")).to_be_visible()
    expect(panel).not_to_contain_text("Goes back")
    expect(panel.get_by_role("button", name="Confirm")).to_have_count(0)

    # The companion's own page tells of the same rollout; from there it is taken back, twice.
    panel.get_by_role("link", name="the policy in rollout").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{NAME} (rollout)")
    for stage in ("Cohort", "Report-only"):
        expect(panel.locator(".pill")).to_have_text(stage)
        page.goto(company.console + view)
        expect(panel.locator(".pill")).to_have_text(stage)
        panel.get_by_role("button", name="Roll back").click()
        page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
        expect(page.get_by_role("status").filter(has_text="Rolled back")).to_be_visible()
    expect(panel).to_have_count(0)
    assert company.complaints == []
    installed.run("policy", "remove", NAME)


def test_a_policy_is_rolled_out_to_a_cohort_and_to_everybody(company: Company, tmp_path: Path) -> None:
    name = "CA602 Rolled out at the console"
    file, policy = tmp_path / "policy.json", "7d5b0a9e-3c1f-4c55-9a35-0b8a6a1f0022"
    file.write_text(json.dumps(REPORTED | {"id": policy, "displayName": name, "state": "disabled"}))
    company.installed.run("policy", "import", str(file))
    page = company.open(f"/policies/{policy}")
    panel, dialog = page.get_by_role("region", name="Rollout", exact=True), page.get_by_role("dialog")
    panel.get_by_role("button", name="Roll out in stages").click()
    expect(dialog.get_by_role("radio", name="Begin in report-only")).to_be_checked()
    dialog.get_by_role("button", name="Begin", exact=True).click()
    expect(panel.locator(".pill")).to_have_text("Report-only")

    # By keyboard alone: to the people of a group, within an hour.
    panel.get_by_role("button", name="Next step").focus()
    page.keyboard.press("Enter")
    take = dialog.get_by_role("button", name="Take the step")
    expect(take).to_be_disabled()
    dialog.get_by_role("combobox", name="Group").focus()
    page.keyboard.type("writ")
    expect(dialog.get_by_role("option", name="Writers")).to_be_visible()
    page.keyboard.press("Enter")
    dialog.get_by_label("To be confirmed within").select_option("1 hour")
    # What would be so for everybody is proved before the press.
    expect(dialog).to_contain_text("An administrator can still reach the console")
    expect(dialog).to_contain_text("invariant of the owner; with a reason")
    look(company, page)
    take.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Confirm it within 1 hour")).to_be_visible()
    expect(panel).to_contain_text(re.compile(r"Cohort\s*1 person of the group Writers"))
    expect(panel).to_contain_text(re.compile(r"Goes back in (1:00:00|[345]\d:\d\d)"))
    expect(panel.get_by_role("button", name="Next step")).to_have_count(0)

    panel.get_by_role("button", name="Confirm").click()
    dialog.get_by_role("button", name="Confirm").click()
    panel.get_by_role("button", name="Next step").click()
    dialog.get_by_role("radio", name="On for everybody").check()
    dialog.get_by_label("To be confirmed within").select_option("Nobody has to confirm it")
    take.click()
    expect(page.locator("header .pill")).to_have_text("On")
    expect(panel).to_have_count(0)
    # A new text of a policy that is on begins in the editor, and the old one stays on beside it.
    page.goto(f"{company.console}/policies/{policy}/edit")
    page.get_by_label("Description").fill("Another text")
    page.get_by_role("button", name="Roll out in stages").click()
    dialog.get_by_role("button", name="Begin", exact=True).click()
    expect(panel.locator(".pill")).to_have_text("Report-only")
    expect(panel.get_by_role("link", name="the policy in rollout")).to_be_visible()
    expect(page.locator("header .pill")).to_have_text("On")
    assert company.complaints == []
    company.installed.run("policy", "roll-out", "back", name)
    company.installed.run("policy", "remove", name)


@contextmanager
def held_to(installed: Installation, directory: Path, invariants: str) -> Iterator[None]:
    """The service with invariants of its owner, and afterwards again without."""
    file, config = directory / "invariants.yaml", directory / "assay.toml"
    file.write_text(invariants)
    config.write_text(f'[policy]\ninvariants = "{file}"\n')
    installed.stop()
    installed.options = ("--config", str(config))
    try:
        installed.start()
        yield
    finally:
        installed.stop()
        installed.options = ()
        installed.start()


def test_an_invariant_is_broken_for_a_reason(company: Company, tmp_path: Path) -> None:
    wiki = company.apps["wiki"]
    stored = company.installed.json("policy", "show", str(WIKI_BLOCKED["displayName"]))
    assert isinstance(stored, dict)
    (writers,) = stored["definition"]["conditions"]["users"]["includeGroups"]
    rule = f"name: Writers stay out, who: {{inside: {{group: {writers}}}}}, reaches: {wiki}, requires: never"
    # Nothing of the page asks while there is no service.
    company.page.goto("about:blank")
    with held_to(company.installed, tmp_path, f"invariants: [{{{rule}}}]"):
        page = company.open(f"/policies/{WIKI_BLOCKED['id']}")
        page.get_by_role("group", name="State").get_by_role("button", name="Off").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Switch to Off").click()
        expect(dialog.get_by_role("alert")).to_contain_text(
            "this would break an invariant of the owner: Writers stay out"
        )
        expect(page.locator("header .pill")).to_have_text("On")
        assert all("409" in each for each in company.complaints), company.complaints
        company.complaints.clear()
        look(company, page)
        dialog.get_by_label("Why it is done all the same").fill("the wiki moves, until Friday")
        dialog.get_by_role("button", name="Do it all the same").click()
        expect(page.locator("header .pill")).to_have_text("Off")
        assert "the wiki moves, until Friday" in company.installed.run("events", "search", "until Friday", "--json")
        company.installed.run("policy", "on", str(WIKI_BLOCKED["displayName"]))
        assert company.complaints == []
        page.goto("about:blank")
