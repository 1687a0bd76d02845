"""Lists while things happen: rows of another filter, people of one name, where it begins; what opens over a view."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.console.bench import answer_with_rows
from tests.console.conftest import REPORTED, Company, in_a_loop, look, rows
from tests.end_to_end.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
FILLED_ANEW = """() => {
    const shown = [...document.querySelectorAll('tbody tr')];
    const first = Number(shown[0].getAttribute('aria-rowindex'));
    if (!shown.every((row) => window.pool.has(row))) return 'rows were made';
    const ordered = shown.every((row, at) => Number(row.getAttribute('aria-rowindex')) === first + at);
    return ordered ? 'no row was made, and they stand in their order' : 'out of order';
}"""
HEAR = """async () => {
    const stream = new EventSource('/v1.0/assay/live');
    await new Promise((opened) => (stream.onopen = opened));
    window.heard = false;
    stream.addEventListener('decision', () => { stream.close(); window.heard = true; });
    // Through the gateway, which decides about it and tells everybody who watches.
    await fetch('/v1.0/assay/me').then((answer) => answer.text());
}"""


def guess(company: Company, name: str) -> None:
    """Somebody tries a password in vain."""

    async def tried() -> None:
        stranger = Person(company.installed, name)
        async with stranger.client:
            await stranger._post("/sign-in/password", user_name=name, password="guessed")

    in_a_loop(tried())


def test_the_overview_comes_to_its_end_whatever_happens_meanwhile(company: Company) -> None:
    page = company.context.new_page()
    held: list[Route] = []
    aborted: list[str] = []
    page.on("requestfailed", lambda request: aborted.append(request.url))
    page.clock.install()
    page.route(re.compile("/v1.0/assay/overview"), lambda route: held.append(route))
    with page.expect_response(re.compile("/v1.0/assay/live")), page.expect_request(re.compile("/assay/overview")):
        page.goto(company.console)
    page.evaluate(HEAR)
    page.wait_for_function("() => window.heard")
    page.clock.run_for(25_000)
    page.evaluate("() => 0")
    assert len(held) == 1, "one at a time"
    assert [url for url in aborted if "overview" in url] == [], "and none given up"
    with page.expect_request(re.compile("/assay/overview")):
        held[0].continue_()
    expect(page.locator(".figures strong").first).to_be_visible()
    while len(held) < 2:
        page.wait_for_timeout(20)
    assert len(held) == 2, "asked once more for what happened meanwhile"
    page.close()


def test_rows_of_the_filter_of_before_do_not_come_into_the_new_list(company: Company) -> None:
    page = company.open("/sign-ins")
    page.get_by_role("button", name="Live").click()
    expect(page.locator(".dot.on")).to_be_visible()
    held: list[Route] = []
    page.route(lambda url: "/auditLogs/signIns" in url and "$count" not in url, lambda route: held.append(route))
    with page.expect_request(lambda request: "/auditLogs/signIns" in request.url):
        # Somebody at whom no other test guesses: what comes again is only counted, and is no row that is new.
        guess(company, "owner")
    page.keyboard.press("/")
    page.keyboard.type("chloe")
    page.wait_for_url(re.compile("chloe"))
    expect(page.locator("table.rows tbody tr[data-row]").filter(has_not_text="Chloé Martin")).to_have_count(0)
    before = rows(page)
    with page.expect_response(lambda answer: "$count" not in answer.url and "/signIns" in answer.url):
        held[0].continue_()
    page.evaluate(SETTLED)
    expect(page.locator("table.rows tbody tr[data-row]")).to_have_count(before)
    expect(page.locator("table.rows")).not_to_contain_text("Owner")
    page.unroute_all()
    assert company.complaints == []


def test_people_of_one_name_are_told_apart_and_a_name_of_nobody_is_refused(company: Company) -> None:
    for name in ("sam1", "sam2"):
        company.installed.run("users", "add", name, "--display-name", "Sam Lee")
    page = company.open("/decisions")
    page.get_by_role("button", name="Add filter").click()
    page.get_by_label("Property").select_option(label="User")
    value = page.get_by_label("Value")
    for wrong in ("Sam Lee", "Nobody Atall"):
        value.fill(wrong)
        page.get_by_role("button", name="Apply").click()
        page.wait_for_function("() => !document.querySelector('form.popover input').validity.valid")
        assert "$filter" not in page.url
    look(company, page)
    value.fill("Sam Lee")
    expect(page.locator("datalist option")).to_have_count(2)
    value.fill("Sam Lee (sam2)")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(re.compile("userId%20eq"))
    expect(page.locator(".chip").first).to_contain_text("Sam Lee (sam2)")
    assert company.complaints == []


def test_the_search_for_a_code_leaves_filters_alone(company: Company) -> None:
    page = company.open("/decisions?$filter=outcome%20eq%20'block'")
    page.keyboard.press("/")
    page.keyboard.type("abcd")
    page.wait_for_url(re.compile("block.*and%20code%20eq%20.*ABCD"))
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
    page.get_by_role("searchbox").fill("")
    page.wait_for_url(re.compile("block[^a-z]*$"))


def test_a_list_says_that_it_begins_further_down_only_where_it_does(company: Company) -> None:
    page = company.page
    page.route(re.compile("/v1.0/auditLogs/signIns"), lambda route: answer_with_rows(route, 400))
    company.open("/sign-ins")
    page.locator(".scroller").evaluate("box => { box.scrollTop = box.scrollHeight; }")
    page.wait_for_function("() => document.querySelector('.scroller').scrollHeight > 190 * 34")
    page.evaluate("() => { window.pool = new Set(document.querySelectorAll('tbody tr')); }")
    page.locator(".scroller").evaluate("box => { box.scrollTop = 150 * 34; }")
    expect(page.locator("[data-row='160']")).to_be_visible()
    assert page.evaluate(FILLED_ANEW) == "no row was made, and they stand in their order"
    page.wait_for_url(re.compile("skiptoken=100"))
    notice = page.get_by_text("The list begins further down")
    assert notice.count() == 0
    page.reload()
    expect(notice).to_be_visible()
    page.get_by_role("button", name="From the beginning").click()
    expect(page.locator("[data-row='0']")).to_contain_text("Person 0")
    assert notice.count() == 0
    page.unroute_all()


def test_the_focus_stays_with_its_row_and_leaves_it_to_the_list_once_another_one_stands_there(company: Company) -> None:
    page = company.page
    page.route(re.compile("/v1.0/auditLogs/signIns"), lambda route: answer_with_rows(route, 400))
    company.open("/sign-ins")
    for _ in range(12):
        page.keyboard.press("j")
    focused = page.locator("tr[data-row='11'] a")
    expect(focused).to_be_focused()
    scroller = page.locator(".scroller")
    scroller.evaluate("box => { box.scrollTop += 5 * 34; }")
    expect(page.locator("[data-row='30']")).to_be_visible()
    expect(focused).to_be_focused()
    scroller.evaluate("box => { box.scrollTop = 60 * 34; }")
    expect(page.locator("[data-row='70']")).to_be_visible()
    expect(scroller).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("tr[data-row='12'] a")).to_be_focused()
    page.unroute_all()


def test_pages_without_rows_are_passed_over_and_their_end_is_said(company: Company) -> None:
    """A page of the API looks at so many rows and no more, and does not always count."""
    page = company.page
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        left = 3 - len(asked)
        following = {"@odata.nextLink": f"{company.console}/v1.0/assay/decisions?$skiptoken={left}"} if left else {}
        route.fulfill(json={"value": [], **following})

    page.route(re.compile("/v1.0/assay/decisions"), answer)
    company.open("/decisions?$filter=sessionId%20eq%20'none'")
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
    assert len(asked) == 3
    page.unroute_all()


def test_what_the_browser_does_not_let_be_copied_is_said(company: Company) -> None:
    page = company.open(f"/policies/{REPORTED['id']}")
    page.locator(".json summary").click()
    company.context.grant_permissions(["geolocation"], origin=company.console)
    page.get_by_role("button", name="Copy as JSON").click()
    expect(page.get_by_role("button", name="does not let it be copied")).to_be_visible()
    company.context.clear_permissions()
    assert company.complaints == []


def test_what_opens_over_a_view_is_clean_too(company: Company) -> None:
    page = company.open(f"/policies/{REPORTED['id']}")
    page.locator(".json summary").press("Enter")
    expect(page.locator(".json pre")).to_be_visible()
    look(company, page)
    page.keyboard.press("Control+k")
    page.keyboard.type("al")
    expect(page.get_by_role("option").filter(has_text="Alice Adams")).to_be_visible()
    look(company, page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next and previous row")
    look(company, page)
    page.keyboard.press("Escape")
    page = company.open("/sign-ins?$filter=assay/outcome%20ne%20'allow'")
    page.get_by_role("button", name="Add filter").press("Enter")
    expect(page.get_by_label("Property")).to_be_focused()
    look(company, page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Columns").press("Enter")
    look(company, page)
