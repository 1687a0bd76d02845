"""`./run bench console`: what the console weighs, when it can be used, and how it scrolls through a long list."""

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import click
from playwright.sync_api import CDPSession, Page, Route

from assay.cli.bench.figures import Figure, markdown, measured, percentile
from tests.end_to_end.browser import chromium, with_authenticator
from tests.end_to_end.installation import Installation, installation
from tests.end_to_end.test_owner_browser import enrol_with_passkey
from tests.ports import free_port

FIRST_SCRIPT_BYTES: Final = 300_000
INTERACTIVE_MS: Final = 1_000
# A frame of 60 in a second, and one that was missed.
FRAME_MS: Final = 2 * 1_000 / 60
# When the first figures can be clicked, by the page's own clock, whose zero is the begin of the navigation.
SEEN = """new MutationObserver((_, watch) => {
    if (document.querySelector('.figures a')) { window.seen = performance.now(); watch.disconnect(); }
}).observe(document, {childList: true, subtree: true});"""
LOADED = """() => performance.getEntriesByType('resource').filter((each) => each.name.endsWith('.js'))
    .reduce((sum, each) => sum + each.decodedBodySize, 0)"""
FRAMES = """async () => {
    const box = document.querySelector('.scroller'), step = box.scrollHeight / 600, took = [];
    box.scrollTop = 0;
    let before = performance.now();
    for (let at = 0; at < 600; at++) {
        box.scrollTop += step;
        const now = await new Promise(requestAnimationFrame);
        took.push(now - before);
        before = now;
    }
    return took.slice(1);
}"""


@click.command()
@click.option("--rows", default=100_000, show_default=True, help="Of the list that is scrolled through.")
@click.option("--loads", default=20, show_default=True, help="Of the first view.")
def console(rows: int, loads: int) -> None:
    """The console in Chromium, on a service that was just started."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="assay-console-") as directory:
        place = Path(directory)
        with installation(place, port=port) as installed, chromium(place / "owner", installed.authority) as context:
            page, _ = with_authenticator(context)
            enrol_with_passkey(page, installed.owner_link())
            figures = (*_first_view(page, installed, loads), *_scrolled(page, installed, rows))
    command = f"./run bench console --rows {rows} --loads {loads}"
    notes = ("The list's answers come from the bench; everything else from the service.",)
    found = measured("Console", command, figures, notes=notes)
    click.echo(markdown(found))
    if not found.met:
        sys.exit(1)


def _first_view(page: Page, installed: Installation, loads: int) -> tuple[Figure, ...]:
    page.add_init_script(SEEN)
    took: list[float] = []
    for _ in range(loads):
        page.goto(installed.app_origin("console"))
        page.locator(".figures a").first.wait_for()
        took.append(page.evaluate("window.seen"))
    page.locator(".chart canvas").wait_for()
    loaded = page.evaluate(LOADED)
    took.sort()
    return (
        Figure(name="script of the first view", value=loaded / 1_000, unit="kB", target=FIRST_SCRIPT_BYTES / 1_000),
        Figure(name="first figures, median", value=percentile(took, 0.5), unit="ms", target=INTERACTIVE_MS),
        Figure(name="first figures, longest", value=took[-1], unit="ms"),
    )


def _scrolled(page: Page, installed: Installation, rows: int) -> tuple[Figure, ...]:
    page.route(re.compile("/v1.0/auditLogs/signIns"), lambda route: answer_with_rows(route, rows))
    session = page.context.new_cdp_session(page)
    # CPU of the page's main thread, which other work on the machine does not lengthen as it does a frame.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(f"{installed.app_origin('console')}/sign-ins")
    page.locator("tr[data-row='0']").wait_for()
    page.evaluate(
        """async (rows) => {
            const box = document.querySelector('.scroller');
            // Nobody looks yet: what is fetched meanwhile need not be painted.
            box.style.visibility = 'hidden';
            while (!document.querySelector(`[data-row='${rows - 1}']`)) {
                box.scrollTop = box.scrollHeight;
                await new Promise((done) => setTimeout(done, 4));
            }
            box.style.visibility = '';
        }""",
        rows,
    )
    before = _main_thread(session)
    took = sorted(page.evaluate(FRAMES))
    cpu = (_main_thread(session) - before) / len(took)
    return (
        Figure(name=f"frame while scrolling through {rows:,} rows, median", value=percentile(took, 0.5), unit="ms"),
        Figure(name="CPU of the page's main thread a frame", value=cpu, unit="ms", target=FRAME_MS / 2),
        Figure(name="frame, p99", value=percentile(took, 0.99), unit="ms", target=FRAME_MS),
        Figure(name="rows in the document", value=page.locator("tr[data-row]").count(), target=100),
    )


def _main_thread(session: CDPSession) -> float:
    """Milliseconds of CPU that the page's main thread has taken so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    seconds: float = next(each["value"] for each in metrics if each["name"] == "TaskDuration")
    return seconds * 1_000


def answer_with_rows(route: Route, rows: int) -> None:
    """A page of the list as the API writes it."""
    url = urlsplit(route.request.url)
    asked = parse_qs(url.query)
    first, top = int(asked.get("$skiptoken", ["0"])[0]), int(asked["$top"][0])
    last = min(first + top, rows)
    answer: dict[str, object] = {"value": [_row(number) for number in range(first, last)], "@odata.count": rows}
    if last < rows:
        answer["@odata.nextLink"] = f"{url.scheme}://{url.netloc}{url.path}?$top={top}&$skiptoken={last}"
    route.fulfill(content_type="application/json", body=json.dumps(answer))


def _row(number: int) -> dict[str, object]:
    return {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "createdDateTime": f"2026-11-{1 + number % 28:02}T09:00:00Z",
        "userDisplayName": f"Person {number}",
        "userPrincipalName": f"person{number}",
        "appDisplayName": "Wiki",
        "ipAddress": f"192.0.2.{number % 256}",
        "clientAppUsed": "Browser",
        "conditionalAccessStatus": "success",
        "status": {"errorCode": 0, "failureReason": "", "additionalDetails": None},
        "deviceDetail": {"browser": "Chrome 156", "operatingSystem": "Linux"},
        "authenticationRequirement": "multiFactorAuthentication",
        "authenticationMethodsUsed": ["fido2"],
        "appliedConditionalAccessPolicies": [],
        "assay": {"decisionId": None, "code": None, "outcome": "allow", "reasons": []},
    }
