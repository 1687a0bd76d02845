"""Who is at the console, and for how long: few permissions, a session that ends meanwhile, the way out, German."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.console.conftest import Company, Seat, look

pytestmark = [pytest.mark.browser, pytest.mark.slow]

VIEWS_OF = {
    "Reports Reader": ("/", "/sign-ins", "/decisions"),
    "Helpdesk Administrator": ("/people",),
    "User Administrator": ("/people",),
    "Directory Readers": ("/people", "/apps"),
}
MAY_CHANGE = {
    "Helpdesk Administrator": ["Revoke sessions"],
    "User Administrator": ["Revoke sessions", "Disable account"],
}
IN_GERMAN = {
    "/": "Überblick",
    "/sign-ins": "Anmeldungen",
    "/decisions": "Entscheidungen",
    "/policies": "Richtlinien",
    "/policies/import": "Richtlinien importieren",
    "/policies/new": "Neue Richtlinie",
    "/what-if": "Was wäre wenn",
    "/people": "Personen",
    "/apps": "Apps",
    "/sessions": "Sitzungen",
}
# Words of the English catalogue that stand on every view or on many; German has none of them.
ENGLISH = re.compile(
    r"\b(Sign-ins|Decisions|Policies|People|Sessions|Search|Keyboard|Success|Filter by|Loading|and|the)\b"
)


@pytest.fixture(scope="module")
def rhea(company: Company) -> Iterator[Seat]:
    with company.seat("rhea") as seat:
        yield seat


@pytest.fixture
def reader(company: Company, rhea: Seat) -> Iterator[Seat]:
    company.installed.run("users", "roles", "assign", "Reports Reader", "--user", "rhea")
    rhea.complaints.clear()
    rhea.authenticator.touch(ready=True)
    yield rhea
    company.installed.run("users", "roles", "remove", "Reports Reader", "--user", "rhea")


@pytest.mark.parametrize("role", VIEWS_OF)
def test_a_role_sees_what_it_permits_and_is_refused_nothing_meanwhile(company: Company, rhea: Seat, role: str) -> None:
    company.installed.run("users", "roles", "assign", role, "--user", "rhea")
    rhea.complaints.clear()
    page = rhea.open("/")
    views = VIEWS_OF[role]
    links = page.get_by_role("navigation").get_by_role("link")
    expect(links).to_have_count(len(views))
    assert [urlsplit(each.get_attribute("href") or "").path for each in links.all()] == list(views)
    for view in views:
        page = rhea.open(view)
        ways = [page.url]
        if page.locator("tr[data-row='0'] a").count():
            page.locator("tr[data-row='0'] a").click()
            page.wait_for_url(re.compile(rf"{view}/[^?]+"))
            expect(page.locator("[aria-busy=true]")).to_have_count(0)
            ways.append(page.url)
        assert page.get_by_role("alert").count() == 0, page.url
        led_to = page.locator("main a[href^='/']").evaluate_all("all => all.map(each => each.pathname.split('/')[1])")
        assert {f"/{first}" for first in led_to} <= set(views), ways
        for name in ("Revoke sessions", "Disable account", "Enable account"):
            allowed = view == "/people" and name in MAY_CHANGE.get(role, ())
            expect(page.get_by_role("button", name=name)).to_have_count(1 if allowed else 0)
    page.keyboard.press("Control+k")
    page.keyboard.type("alice")
    expect(page.locator(".palette-state")).to_have_text("" if "/people" in views else "Nothing matches.")
    expect(page.get_by_role("option").filter(has_text="Alice Adams")).to_have_count(1 if "/people" in views else 0)
    page.keyboard.press("Escape")
    assert rhea.complaints == []
    page = rhea.open("/sessions")
    expect(page.get_by_role("alert")).to_contain_text("The permission Session.Read.All is missing")
    expect(page.get_by_role("alert")).to_contain_text(f"You hold: {role}")
    assert rhea.complaints == []
    company.installed.run("users", "roles", "remove", role, "--user", "rhea")


def test_a_session_that_ends_meanwhile_is_said_and_sign_in_leads_back_to_the_same_view(
    company: Company, reader: Seat
) -> None:
    page = reader.open("/sign-ins?$filter=assay/outcome%20eq%20'block'")
    page.get_by_role("button", name="Live").click()
    expect(page.locator(".dot.on")).to_be_visible()
    where = page.url
    company.installed.run("sessions", "revoke", "--user", "rhea")
    dialog = page.get_by_role("dialog")
    # Nothing was touched: the stream that was cut says it.
    expect(dialog).to_contain_text("You are signed out")
    assert page.url == where
    assert all("401" in each or "ERR_" in each for each in reader.complaints), reader.complaints
    reader.complaints.clear()
    page.keyboard.press("Escape")
    look(reader, page)
    dialog.get_by_role("button", name="Sign in again").click()
    # What the dialog stood over has the same address, and rows.
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.wait_for_url(where)
    expect(page.locator("tr[data-row='0']")).to_be_visible()


def test_a_change_after_the_session_ended_says_so_too(company: Company, reader: Seat) -> None:
    page = reader.open("/decisions")
    company.installed.run("sessions", "revoke", "--user", "rhea")
    page.locator("tr[data-row='0'] a").click()
    expect(page.get_by_role("dialog")).to_contain_text("You are signed out")
    page.get_by_role("button", name="Sign in again").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.wait_for_url(re.compile("/decisions/"))
    expect(page.locator("aside.panel h2").first).to_be_visible()


def test_who_signs_out_is_signed_out_and_hears_where_it_failed(reader: Seat) -> None:
    page = reader.open("/")
    for status in (0, 403, 503):
        page.route(
            re.compile("/.assay/sign-out"),
            lambda route, _, status=status: route.fulfill(status=status) if status else route.abort(),
        )
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("dialog")).to_contain_text("You are still signed in")
        page.get_by_role("button", name="Close").click()
        page.unroute(re.compile("/.assay/sign-out"))
    reader.authenticator.touch(ready=False)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    page.goto(reader.console)
    expect(page.get_by_label("User name")).to_be_visible()


def test_every_view_is_there_in_german_and_fits_on_a_telephone(company: Company) -> None:
    with company.in_german() as seat:
        for view, title in IN_GERMAN.items():
            page = seat.open(view)
            assert page.locator("html").get_attribute("lang") == "de"
            expect(page.locator("h1").first).to_contain_text(title)
            shell = page.locator("nav, h1, .bar, .filters, thead, .block h2, .soft:not(.reason)").all_inner_texts()
            assert [each for each in shell if ENGLISH.search(each)] == [], view
            page.set_viewport_size({"width": 360, "height": 740})
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, view
            page.set_viewport_size({"width": 1280, "height": 800})
        assert seat.complaints == []
