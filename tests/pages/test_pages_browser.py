"""The pages in real Chromium: password and codes by keyboard alone, no violation, and nothing that axe objects to."""

import re
from collections.abc import Callable
from importlib import resources

import pytest
from playwright.sync_api import Browser, Page, expect

from assay.access.steps import ResetRow, ResetShown
from tests.pages.company import NOON, PASS, PASSWORD, TOTP, Person
from tests.pages.server import Serving

pytestmark = pytest.mark.browser

Visit = Callable[[Page, Serving], None]


def press_password(page: Page, password: str = PASSWORD) -> None:
    """The user name field has the focus when the page opens."""
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")


def sign_in(page: Page, served: Serving, address: str) -> None:
    page.goto(address)
    press_password(page)


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


def first_factor(page: Page, served: Serving) -> None:
    page.goto(f"{served.app('wiki')}/")


def wrong_password(page: Page, served: Serving) -> None:
    page.goto(f"{served.app('wiki')}/")
    press_password(page, "wrong")


def second_factor(page: Page, served: Serving) -> None:
    sign_in(page, served, f"{served.app('wiki')}/")
    page.get_by_text("Use a recovery code instead").click()


def again(page: Page, served: Serving) -> None:
    home(page, served)
    page.goto(f"{served.app('fresh')}/")


def refused(page: Page, served: Serving) -> None:
    home(page, served)
    page.goto(f"{served.app('vault')}/")


def home(page: Page, served: Serving) -> None:
    sign_in(page, served, f"{served.url}/sign-in")
    expect(page.get_by_role("heading", name="Your apps")).to_be_visible()


def link(page: Page, served: Serving) -> None:
    served.company.people["new"] = Person("new", "Grace Hopper")
    served.company.passes[PASS] = "new"
    page.goto(f"{served.url}/enrol/{PASS}")


def methods(page: Page, served: Serving) -> None:
    link(page, served)
    page.get_by_role("button", name="Begin").click()
    page.get_by_text("Set a password").click()
    page.get_by_label("New password").fill("short")
    page.get_by_label("The same again").fill("short")
    page.get_by_role("button", name="Save the password").click()


def authenticator_app(page: Page, served: Serving) -> None:
    link(page, served)
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Set up an authenticator app").click()


def recovery_codes(page: Page, served: Serving) -> None:
    link(page, served)
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="Make recovery codes").click()


def nothing_here(page: Page, served: Serving) -> None:
    page.goto(f"{served.url}/nothing")


def dead_link(page: Page, served: Serving) -> None:
    page.goto(f"{served.url}/enrol/used")


def signed_out(page: Page, served: Serving) -> None:
    page.goto(f"{served.url}/signed-out")


def opened_reset(*, completed: bool = False) -> ResetShown:
    return ResetShown(
        reason="Lost the phone on the train; known by sight",
        requested_by="grace",
        requested_at=NOON,
        approved_by=("margaret",),
        waits_until=NOON,
        completed_at=NOON if completed else None,
    )


def told_of_a_reset(page: Page, served: Serving) -> None:
    served.company.reset = opened_reset()
    home(page, served)
    expect(page.get_by_role("button", name="This was not me: stop it")).to_be_visible()
    served.company.reset = None


def told_that_it_is_done(page: Page, served: Serving) -> None:
    served.company.reset = opened_reset(completed=True)
    home(page, served)
    expect(page.get_by_role("button", name="I know of this")).to_be_visible()
    served.company.reset = None


def help_desk(page: Page, served: Serving) -> None:
    waiting = ResetRow(
        id="r2",
        user_name="katherine.johnson@flight-research.example.com",
        display_name="Katherine Johnson",
        reason="New phone, the old one was wiped; called back on the number we have",
        requested_by="grace",
        requested_at=NOON,
        approved_by=("margaret",),
        begun=False,
        approve=None,
        link=None,
    )
    served.company.resets = (waiting,)
    home(page, served)
    page.get_by_role("link", name="Open", exact=True).click()
    expect(page.get_by_role("heading", name="Help-desk")).to_be_visible()


def help_desk_asked(page: Page, served: Serving) -> None:
    help_desk(page, served)
    page.get_by_label("Exact user name").fill("new")
    page.get_by_label("Reason, and how").fill("Lost the key; known by sight")
    page.get_by_role("button", name="Ask for a reset").click()
    expect(page.get_by_role("status")).to_contain_text("Somebody else has to approve")


def help_desk_error(page: Page, served: Serving) -> None:
    help_desk(page, served)
    page.get_by_label("Exact user name").fill("no such person")
    page.get_by_label("Reason, and how").fill("Lost the key")
    page.get_by_role("button", name="Ask for a reset").click()


def reset_link(page: Page, served: Serving) -> None:
    help_desk(page, served)
    page.get_by_role("button", name="Show the one-time link").click()


def renewed(page: Page, served: Serving) -> None:
    page.goto(f"{served.url}/methods/renewed")


def device_code(page: Page, served: Serving) -> None:
    home(page, served)
    page.goto(f"{served.url}/device")


def device_code_error(page: Page, served: Serving) -> None:
    device_code(page, served)
    page.get_by_label("Code").fill("XXXX-XXXX")
    page.keyboard.press("Enter")


def device_confirm(page: Page, served: Serving) -> None:
    device_code(page, served)
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.type("BCDF-GHJK")
    page.keyboard.press("Enter")


def device_answered(page: Page, served: Serving) -> None:
    device_confirm(page, served)
    page.get_by_role("button", name="Allow").press("Enter")


def test_a_reset_is_asked_for_by_keyboard_alone(page: Page, served: Serving) -> None:
    served.company.resets = ()
    home(page, served)
    page.goto(f"{served.url}/help-desk")
    page.get_by_role("button", name="Sign out").focus()
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


VISITS: dict[str, tuple[Visit, str]] = {
    "first factor": (first_factor, "Sign in"),
    "wrong password": (wrong_password, "Error: Sign in"),
    "second factor": (second_factor, "One more step"),
    "again": (again, "Sign in again"),
    "refused": (refused, "Access to Vault refused"),
    "home": (home, "Your apps"),
    "link": (link, "Welcome"),
    "methods": (methods, "Error: Your sign-in methods"),
    "authenticator app": (authenticator_app, "Set up an authenticator app"),
    "recovery codes": (recovery_codes, "Your recovery codes"),
    "nothing here": (nothing_here, "Nothing here"),
    "dead link": (dead_link, "This link does not work"),
    "signed out": (signed_out, "Signed out"),
    "told of a reset": (told_of_a_reset, "Your apps"),
    "told that it is done": (told_that_it_is_done, "Your apps"),
    "device code": (device_code, "Let a command line in"),
    "device code, error": (device_code_error, "Error: Let a command line in"),
    "device, confirm": (device_confirm, "Let this command line in?"),
    "device, answered": (device_answered, "The command line is let in"),
    "help-desk": (help_desk, "Help-desk"),
    "help-desk, asked": (help_desk_asked, "Help-desk"),
    "help-desk, error": (help_desk_error, "Error: Help-desk"),
    "reset link": (reset_link, "One-time link"),
    "renewed": (renewed, "Your new sign-in methods are in"),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", VISITS)
def test_accessibility(browser: Browser, served: Serving, name: str, scheme: str) -> None:
    """No serious finding of axe (WCAG 2.2 A and AA), and nothing to scroll sideways at 320 CSS pixels (1.4.10)."""
    # axe is injected, which the pages' own policy rightly forbids; every other test runs under it.
    context = browser.new_context(
        viewport={"width": 320, "height": 700}, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True
    )
    try:
        page = context.new_page()
        visit, title = VISITS[name]
        visit(page, served)
        expect(page).to_have_title(re.compile("^" + re.escape(title)))
        page.evaluate(resources.files("axe_playwright_python").joinpath("axe.min.js").read_text())
        found = page.evaluate("axe.run({resultTypes: ['violations']})")
        assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
    finally:
        context.close()


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
