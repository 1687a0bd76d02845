"""A policy that is rolled out, at the console: its stage, what was decided, what waits, and both answers to it."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.console.conftest import REPORTED, Company, look

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
    expect(panel).to_contain_text(re.compile(r"Goes back in 1:59:\d\d, unless somebody confirms it"))
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
