"""The whole way of an owner in real Chromium: from the first link to the cut of what is open."""

import json
import re
import subprocess
import sys
from base64 import b32decode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from assay.identities.methods.totp import code_at, counter_at
from tests.end_to_end.browser import chromium, with_authenticator
from tests.end_to_end.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "a quiet river under seven bridges"
CODE = re.compile(r"\b(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\b")
PHISHING_RESISTANT = "00000000-0000-0000-0000-000000000004"
STEP_UP = {
    "id": "7d5b0a9e-3c1f-4c55-9a35-0b8a6a1f0001",
    "displayName": "Wiki: phishing-resistant methods only",
    "state": "enabledForReportingButNotEnforced",
    "conditions": {
        "users": {"includeUsers": ["All"]},
        "applications": {"includeApplications": ["All"]},
        "clientAppTypes": ["all"],
    },
    "grantControls": {"operator": "OR", "builtInControls": [], "authenticationStrength": {"id": PHISHING_RESISTANT}},
}


@pytest.fixture
def browser(installed: Installation, tmp_path: Path) -> Iterator[BrowserContext]:
    with chromium(tmp_path / "person", installed.authority) as context:
        yield context


@pytest.fixture
def verify(installed: Installation, tmp_path: Path) -> Iterator[Path]:
    """An app of another distribution on a unix socket, which knows Assay by its published protocol only."""
    listening = tmp_path / "app" / "verify.sock"
    listening.parent.mkdir(mode=0o700)
    app = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "assay_verify",
            *("--listen", f"unix:{listening}"),
            *("--audience", installed.app_origin("wiki")),
            *("--ca", str(installed.authority), "--connect-to", installed.address),
        ]
    )
    yield listening
    app.terminate()
    app.wait(60)


def enrol_with_passkey(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("Name of the passkey").fill("Test key")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Test key").first).to_be_visible()
    take_recovery_codes(page)


def take_recovery_codes(page: Page) -> list[str]:
    page.get_by_role("button", name=re.compile("recovery codes", re.I)).first.click()
    expect(page.get_by_text(CODE).first).to_be_visible()
    codes = re.findall(CODE, page.inner_text("main"))
    assert len(codes) == 10
    return codes


def enrol_with_password(page: Page, link: str) -> bytes:
    """Password, authenticator app and recovery codes; the app's secret."""
    page.goto(link)
    page.get_by_role("button", name="Begin").click()
    page.get_by_text("Set a password", exact=True).click()
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name=re.compile("password", re.I)).click()
    page.get_by_role("button", name=re.compile("authenticator app", re.I)).click()
    # What is there already is read without waiting for it.
    expect(page.get_by_label("Enter the code that the app shows")).to_be_visible()
    secret = b32decode("".join(page.locator(".key span").all_inner_texts()))
    page.get_by_label("Enter the code that the app shows").fill(code_of(secret))
    page.get_by_role("button", name="Confirm").click()
    take_recovery_codes(page)
    return secret


def code_of(secret: bytes, *, later: int = 0) -> str:
    """The code of now, or of a later step: each is good once, and the next is in the window already."""
    return code_at(secret, counter_at(datetime.now(UTC) + timedelta(seconds=30 * later)))


def sign_out(page: Page, installed: Installation) -> None:
    page.goto(installed.id_origin)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()


def enter_password(page: Page, user_name: str) -> None:
    page.get_by_label("User name").fill(user_name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_in_with_password(page: Page, user_name: str, code: str) -> None:
    enter_password(page, user_name)
    enter_code(page, code)


def enter_code(page: Page, code: str) -> None:
    page.get_by_label(re.compile("code", re.I)).first.fill(code)
    page.get_by_role("button", name=re.compile("confirm|continue|verify", re.I)).first.click()


def test_the_owner_enrols_a_passkey_protects_an_app_and_a_policy_steps_up_and_revocation_cuts(
    installed: Installation, browser: BrowserContext, verify: Path, tmp_path: Path
) -> None:
    page, authenticator = with_authenticator(browser)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    enrol_with_passkey(page, installed.owner_link())
    link = installed.run("users", "enrol", "owner", "--recover", "--json")
    secret = enrol_with_password(page, json.loads(link)["enrolmentUrl"])
    assert errors == [], "the pages keep to their own content security policy"

    protected = installed.json("apps", "protect", f"unix://{verify}", "--name", "wiki")
    assert "owner" in json.dumps(protected)
    authenticator.touch(ready=False)
    sign_out(page, installed)

    # A report-only policy lets in, and is recorded.
    policy = tmp_path / "policy.json"
    policy.write_text(json.dumps(STEP_UP))
    installed.run("policy", "import", str(policy))
    page.goto(installed.app_origin("wiki"))
    sign_in_with_password(page, "owner", code_of(secret, later=1))
    page.wait_for_url(f"{installed.app_origin('wiki')}/**")
    page.goto(f"{installed.app_origin('wiki')}/json")
    fetched = "() => fetch('/json', {headers: {accept: 'application/json'}}).then(answer => answer.status)"
    assert page.evaluate(fetched) == 200
    installed.eventually("reportOnlyInterrupted", "events", "search", "--json", "--code", "sign-in.succeeded")

    # Switched on, the same request is refused.
    installed.run("policy", "on", STEP_UP["id"])
    assert page.evaluate(fetched) == 401

    # Step-up satisfies it.
    authenticator.touch(ready=True)
    page.goto(installed.app_origin("wiki"))
    page.get_by_role("button", name=re.compile("passkey", re.I)).click()
    page.wait_for_url(f"{installed.app_origin('wiki')}/**")
    page.goto(f"{installed.app_origin('wiki')}/json")
    assert page.evaluate(fetched) == 200

    # Revocation cuts an open WebSocket and a running download.
    page.evaluate(
        """async () => {
            window.cut = {};
            const socket = new WebSocket(`wss://${location.host}/ws`);
            await new Promise((opened, failed) => { socket.onopen = opened; socket.onerror = failed; });
            socket.onclose = () => { window.cut.socket = true; };
            const download = await fetch('/download?bytes=100000000000');
            const reader = download.body.getReader();
            await reader.read();
            (async () => { try { while (!(await reader.read()).done); } catch { window.cut.download = true; } })();
        }"""
    )
    installed.run("sessions", "revoke", "--user", "owner")
    page.wait_for_function("() => window.cut.socket && window.cut.download")
    # A key that is touched would sign in again before anybody sees the page.
    authenticator.touch(ready=False)
    page.goto(installed.app_origin("wiki"))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert installed.run("events", "verify").startswith("good")


def test_a_person_with_password_and_authenticator_app_opens_an_app_and_a_disabled_one_is_out(
    installed: Installation, browser: BrowserContext, verify: Path
) -> None:
    page, authenticator = with_authenticator(browser)
    enrol_with_passkey(page, installed.owner_link())
    authenticator.touch(ready=False)
    sign_out(page, installed)
    added = json.loads(installed.run("users", "add", "alice", "--display-name", "Alice Adams", "--json"))
    secret = enrol_with_password(page, added["enrolmentUrl"])
    installed.run("apps", "protect", f"unix://{verify}", "--name", "wiki")
    sign_out(page, installed)

    # Not assigned: refused, with a reason and a code for the help-desk.
    page.goto(installed.app_origin("wiki"))
    enter_password(page, "alice")
    expect(page.get_by_role("heading", name=re.compile("refused|no access|not", re.I)).first).to_be_visible()
    code = re.search(r"\b[0-9A-HJKMNP-TV-Z]{4}-?[0-9A-HJKMNP-TV-Z]{4}\b", page.inner_text("main"))
    assert code is not None
    installed.eventually("notAssigned", "explain", code[0], "--json")

    installed.run("apps", "assign", "wiki", "--user", "alice")
    page.goto(installed.app_origin("wiki"))
    enter_code(page, code_of(secret, later=1))
    page.wait_for_url(f"{installed.app_origin('wiki')}/**")
    page.goto(f"{installed.app_origin('wiki')}/json")
    assert page.evaluate("() => fetch('/json').then(answer => answer.status)") == 200

    installed.run("users", "disable", "alice")
    assert page.evaluate("() => fetch('/json').then(answer => answer.status)") == 401
    page.goto(installed.app_origin("wiki"))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
