"""The passkey ceremonies in real Chromium with a virtual authenticator, under the pages' own security policy."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from tests.pages.company import PASS, Person
from tests.pages.server import Serving

pytestmark = pytest.mark.browser


@pytest.fixture
def authenticator(context: BrowserContext, page: Page) -> Iterator[CDPSession]:
    """An authenticator of the device, which checks that it is the person."""
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable", {"enableUI": False})
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    yield session
    session.detach()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser's console says; a violated policy says it there."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text))
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def enrol(page: Page, served: Serving) -> None:
    company = served.company
    company.people["new"] = Person("new", "Grace Hopper")
    company.passes[PASS] = "new"
    page.goto(f"{served.url}/enrol/{PASS}")
    page.get_by_role("button", name="Begin").click()


def test_enrol_with_a_passkey_and_sign_in_by_autofill_and_by_button(
    page: Page, served: Serving, authenticator: CDPSession, complaints: list[str]
) -> None:
    enrol(page, served)
    page.get_by_label("Name of the passkey").fill("Laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("listitem").filter(has_text="Laptop")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_title(re.compile("^Signed out"))
    # The virtual authenticator picks from the autofill list by itself: no button is pressed.
    page.goto(f"{served.app('wiki')}/page")
    page.wait_for_url(f"{served.app('wiki')}/page")
    expect(page.get_by_role("heading", name="The app at /page")).to_be_visible()
    assert complaints == []


def test_the_button_signs_in(page: Page, served: Serving, context: BrowserContext, authenticator: CDPSession) -> None:
    enrol(page, served)
    page.get_by_label("Name of the passkey").fill("Laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Passkeys")).to_be_visible()
    expect(page.get_by_text("1 passkey", exact=True)).to_be_visible()
    # Without conditional mediation, as in browsers that lack it, only the button is left.
    page.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Hello, Grace Hopper")).to_be_visible()


@pytest.mark.parametrize("name", ["", "   "])
def test_the_device_makes_no_passkey_that_would_be_refused_for_want_of_a_name(
    page: Page, served: Serving, authenticator: CDPSession, name: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    enrol(page, served)
    field = page.get_by_label("Name of the passkey")
    field.fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    expect(field).to_be_focused()
    field.fill("Laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("1 passkey", exact=True)).to_be_visible()
    assert len([url for url in asked if url.endswith("/methods/passkey/options")]) == 1


def test_a_refusal_of_the_server_is_shown_and_can_be_repaired(
    page: Page, served: Serving, authenticator: CDPSession
) -> None:
    enrol(page, served)
    page.get_by_label("Name of the passkey").fill("refuse me")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert").filter(has_text="at most 64 characters")).to_be_visible()
    page.get_by_label("Name of the passkey").fill("Laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("1 passkey", exact=True)).to_be_visible()


def test_a_ceremony_that_ends_without_a_passkey_is_explained(
    page: Page, served: Serving, authenticator: CDPSession
) -> None:
    page.goto(f"{served.app('wiki')}/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_have_text("No passkey was used. You can try again.")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_enabled()


def test_without_javascript_passwords_and_codes_do_it_all(served: Serving, context: BrowserContext) -> None:
    browser = context.browser
    assert browser is not None
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(f"{served.url}/sign-in")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    plain.close()
