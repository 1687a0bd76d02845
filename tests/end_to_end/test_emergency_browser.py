"""An emergency access account in real Chromium: its key is registered, it signs in, everybody hears, it is reviewed."""

import re
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.end_to_end.browser import chromium, with_authenticator
from tests.end_to_end.installation import Installation, installation
from tests.end_to_end.test_emergency import a_port
from tests.end_to_end.test_owner_browser import enrol_with_password

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    file = tmp_path / "assay.toml"
    file.write_text(f'[mail]\ntransport = "file"\nsender = "assay@example.com"\ndirectory = "{tmp_path / "mail"}"\n')
    file.chmod(0o600)
    with installation(tmp_path, port=a_port(), options=("--config", str(file))) as running:
        yield running


def alarms(installed: Installation, count: int) -> list[str]:
    """What the owner's mailbox holds of alarms, once it is so many."""
    end = time.monotonic() + 60
    while True:
        mails = [
            message_from_bytes(file.read_bytes(), policy=default)
            for file in (installed.directory / "mail").glob("*.eml")
        ]
        found = [str(mail["Subject"]) for mail in mails if mail["To"] == "owner@example.net"]
        alarm = [subject for subject in found if "ALARM" in subject]
        if len(alarm) >= count or time.monotonic() > end:
            return alarm
        time.sleep(0.05)


def cried(installed: Installation, words: str) -> None:
    """The service says so on its stderr, where nothing has to work but the terminal."""
    while words not in (line := installed.lines.get(timeout=60) or ""):
        assert line, "the service ended"


def register_key(page: Page, link: str, name: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("Name of the passkey").fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text(name).first).to_be_visible()


def test_the_account_signs_in_with_its_key_and_nobody_can_say_they_did_not_know(
    installed: Installation, tmp_path: Path
) -> None:
    with chromium(tmp_path / "owner", installed.authority) as browser:
        enrol_with_password(browser.new_page(), installed.owner_link())
    installed.run("users", "edit", "owner", "--email", "owner@example.net")
    printed = installed.run("break-glass", "enrol", "1")
    link = re.search(r"https://\S+/enrol/\S+", printed)
    assert link is not None

    with chromium(tmp_path / "emergency", installed.authority) as browser:
        page, authenticator = with_authenticator(browser)
        register_key(page, link[0], "Key in the safe")
        expect(page.get_by_text("needs two hardware keys")).to_be_visible()
        expect(page.get_by_text("Set a password", exact=True)).to_have_count(0)
        cried(installed, "break-glass-1 signed in (enrolment)")
        authenticator.touch(ready=False)
        # Begun by the link, the session opens no other page.
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()

        # Before the page asks: a request that waits already is not answered by a key that is touched later.
        authenticator.touch(ready=True)
        page.goto(f"{installed.id_origin}/sign-in")
        expect(page.get_by_role("button", name="Sign out")).to_be_visible()
        cried(installed, "break-glass-1 signed in (emergency)")

        assert len(alarms(installed, 2)) == 2, "the enrolment and this use, to everybody who administers"
        reviews = installed.json("break-glass", "reviews")
        assert isinstance(reviews, dict)
        (use,) = [each for each in reviews["value"] if each["open"]]
        assert (use["user"], use["purpose"]) == ("break-glass-1", "emergency")
        installed.run("break-glass", "review", use["id"], "--by", "Ada", "--finding", "a test of the whole way")
        assert installed.run("break-glass", "reviews") == "no review is open\n"

        assert "connections" in installed.run("sessions", "revoke", "--user", "break-glass-1")
        # A key that is touched would sign in again before anybody sees the page.
        authenticator.touch(ready=False)
        page.goto(installed.id_origin)
        expect(page.get_by_label("User name")).to_be_visible()
