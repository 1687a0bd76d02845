"""The pages in real Chromium: password and codes by keyboard alone, no violation, and nothing that axe objects to."""

import re
from collections.abc import Iterator
from importlib import resources
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.company import TOTP
from tests.pages.server import Serving
from tests.pages.visits import (
    VISITS,
    devices,
    home,
    offer,
    press_password,
    sessions,
    sign_in,
)

pytestmark = pytest.mark.browser

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
IN_GERMAN = ("home", "sessions", "devices", "sign ins", "own methods", "refused", "second factor")


def test_the_keyboard_alone_reaches_the_app(page: Page, served: Serving) -> None:
    """The POST ends at another host: `form-action 'self'` would block a redirect, so this proves the way around."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    sign_in(page, served, f"{served.app('wiki')}/deep/page")
    expect(page).to_have_title(re.compile("^One more step"))
    expect(page.get_by_label("Code from your authenticator app")).to_be_focused()
    page.keyboard.type(TOTP)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{served.app('wiki')}/deep/page")
    expect(page.get_by_role("heading", name="The app at /deep/page")).to_be_visible()
    assert complaints == []


def test_a_wrong_password_is_announced_and_the_field_is_ready(page: Page, served: Serving) -> None:
    page.goto(f"{served.app('wiki')}/")
    press_password(page, "wrong")
    expect(page).to_have_title(re.compile("^Error: Sign in"))
    expect(page.get_by_role("alert").filter(has_text="not right")).to_be_visible()
    expect(page.get_by_label("User name")).to_have_value("ada")
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_label("Password")).to_have_accessible_description(re.compile("not right"))


def test_another_site_cannot_submit_our_forms(page: Page, served: Serving) -> None:
    """An app is same-site with us: its cookie is sent, and still nothing happens."""
    home(page, served)
    page.goto(f"{served.app('notes')}/")
    form = f'<form method="post" action="{served.url}/sign-out"><button>Win</button></form>'
    page.set_content(form)
    page.get_by_role("button", name="Win").click()
    expect(page.get_by_role("heading", name="Nothing was done")).to_be_visible()
    page.goto(f"{served.url}/")
    expect(page.get_by_role("heading", name="Hello, Ada Lovelace")).to_be_visible()


def test_a_reset_is_asked_for_by_keyboard_alone(page: Page, served: Serving) -> None:
    served.company.resets = ()
    home(page, served)
    page.goto(f"{served.url}/help-desk")
    page.get_by_role("link", name="Help-desk").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("new")
    page.keyboard.press("Tab")
    page.keyboard.type("Lost the key; known by sight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The reset of new is asked for")
    expect(page.get_by_role("heading", name="Grace Hopper")).to_be_visible()
    page.get_by_label("Reason, and how").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Call off (new)")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("No reset is open")).to_be_visible()


def test_a_stranger_is_shown_the_door_by_keyboard_alone(page: Page, served: Serving) -> None:
    sessions(page, served)
    expect(page.get_by_role("link", name="Sessions")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Help-desk").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="This was not me: end it").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("What it had open was cut")
    expect(page.get_by_role("button", name="This was not me")).to_have_count(1)
    page.get_by_role("button", name="Sign out everywhere else").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("signed out everywhere else")
    page.reload()
    expect(page.get_by_role("heading", name="Your sessions")).to_be_visible()


def test_a_device_is_forgotten_and_a_method_removed_by_keyboard_alone(page: Page, served: Serving) -> None:
    devices(page, served)
    page.get_by_role("button", name="Forget this device").last.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The device is forgotten")
    expect(page.get_by_role("heading", name="Firefox 140 on Linux")).to_have_count(0)
    ada = served.company.people["ada"]
    ada.passkeys = {b"k1": ("My laptop", b"")}
    page.get_by_role("link", name="Methods").press("Enter")
    page.get_by_role("button", name="Remove My laptop").press("Enter")
    expect(page.get_by_text("My laptop")).to_have_count(0)


def test_the_offer_of_a_passkey_is_put_off_and_leads_on(page: Page, served: Serving) -> None:
    offer(page, served)
    expect(page.get_by_role("link", name="Add a passkey")).to_have_attribute("href", "/methods")
    page.get_by_role("button", name="Not now, on to Notes").click()
    page.wait_for_url(re.compile("/continue"))


@pytest.fixture(scope="module")
def telephone(browser: Browser) -> Iterator[Page]:
    """One narrow page for all visits: a profile and a page of their own for each took longer than the looking."""
    # axe is injected, which the pages' own policy rightly forbids; every other test runs under it.
    context = browser.new_context(
        viewport={"width": 320, "height": 700}, color_scheme="light", reduced_motion="reduce", bypass_csp=True
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def stranger(telephone: Page) -> Page:
    """The telephone in the hands of nobody we know, in English and by day."""
    telephone.context.clear_cookies()
    telephone.set_extra_http_headers({})
    telephone.emulate_media(color_scheme="light")
    return telephone


@pytest.mark.parametrize("name", VISITS)
def test_accessibility(stranger: Page, served: Serving, name: str) -> None:
    """No finding of axe (WCAG 2.2 A and AA), light and dark, and nothing to scroll sideways at 320 CSS pixels."""
    page = stranger
    visit, title = VISITS[name]
    visit(page, served)
    expect(page).to_have_title(re.compile("^" + re.escape(title)))
    page.evaluate(resources.files("axe_playwright_python").joinpath("axe.min.js").read_text())
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate("axe.run({resultTypes: ['violations']})")
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == [], scheme
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    if name in IN_GERMAN:
        fits_in_german(page)


def fits_in_german(page: Page) -> None:
    """Words are longer in German; the way there was walked in English, and the page is asked for again."""
    page.set_extra_http_headers({"accept-language": "de-AT,de;q=0.9,en;q=0.8"})
    page.goto(page.url)
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_pages_keep_their_contrast_in_forced_colors(browser: Browser, served: Serving) -> None:
    """High-contrast modes drop our colours: buttons and fields still have an edge."""
    context = browser.new_context(forced_colors="active")
    try:
        page = context.new_page()
        page.goto(f"{served.url}/sign-in")
        for control in (page.get_by_role("button", name="Sign in", exact=True), page.get_by_label("Password")):
            edge = control.evaluate("element => getComputedStyle(element).borderTopColor")
            assert edge != page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    finally:
        context.close()
