"""`./run pictures`: the pictures of the documents, of a new demo; `--every DIRECTORY`: each page, to be looked at."""

import asyncio
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, Literal

import click
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from assay.simulator.demo_info import DemoInfo, DemoPerson, read_demo_info
from tests.end_to_end.browser import browser_of_many
from tests.pages.conftest import CHROMIUM, FLAGS
from tests.pages.server import serving
from tests.pages.visits import VISITS
from tests.run.prepare import TEST_TOOLS, prepare, say
from tests.simulator.running_demo import running_demo
from tests.totp import totp_code

IMAGES: Final = Path(__file__).parents[2] / "docs" / "images"
SIZE: Final = ("--people", "30", "--days", "3")
WIDE, NARROW = (1280, 800), (360, 740)
LOOKS: Final[tuple[tuple[str, tuple[int, int], Literal["light", "dark"]], ...]] = (
    ("wide-light", WIDE, "light"),
    ("wide-dark", WIDE, "dark"),
    ("narrow-light", NARROW, "light"),
    ("narrow-dark", NARROW, "dark"),
)
STEP = 30  # seconds that a code of an authenticator app is shown
# The first attack of the demo: a right password from elsewhere, and no second factor.
ATTACK = "/decisions/ATTACK"
Way = Callable[[Page], None]


def row(page: Page) -> Locator:
    return page.locator("tr[data-row='0'] a")


def first_row(page: Page) -> None:
    row(page).click()


def conditions(page: Page) -> None:
    page.get_by_role("tab", name="Conditional Access").click()
    # Names come after the account, which has ids alone.
    expect(page.get_by_text(re.compile("^member [A-Z]")).first).to_be_visible()


def press(*keys: str) -> Way:
    def pressed(page: Page) -> None:
        for key in keys:
            page.keyboard.press(key)

    return pressed


def click_on(name: str) -> Way:
    return lambda page: page.get_by_role("button", name=name).first.click()


def follow(selector: str) -> Way:
    return lambda page: page.locator(selector).first.click()


def edited(page: Page) -> None:
    """The first policy's draft, with everything that is known of it."""
    page.locator(".policies h2 a").first.click()
    page.get_by_role("link", name="Edit").click()
    expect(page.locator(".proofs li").first).to_be_visible(timeout=60_000)


def stay(page: Page) -> None:
    """The view as its address opens it."""


CONSOLE: Final[dict[str, tuple[str, Way]]] = {
    "overview": ("/", stay),
    "sign-ins": ("/sign-ins", stay),
    "sign-in": ("/sign-ins", first_row),
    "decisions": ("/decisions", stay),
    "decision": (ATTACK, conditions),
    "policies": ("/policies", stay),
    "policy": ("/policies", follow(".policies h2 a")),
    "editor": ("/policies", edited),
    "new-policy": ("/policies/new", stay),
    "import": ("/policies/import", stay),
    "what-if": ("/what-if", stay),
    "people": ("/people", stay),
    "person": ("/people", first_row),
    "apps": ("/apps", stay),
    "app": ("/apps", first_row),
    "sessions": ("/sessions", stay),
    "session": ("/sessions", first_row),
    "nowhere": ("/elsewhere", stay),
    "palette": ("/", press("Control+k", "j", "o")),
    "keys": ("/", press("?")),
    "filter": ("/sign-ins", click_on("Add filter")),
    "columns": ("/sign-ins", click_on("Columns")),
}
OWN: Final = ("/", "/methods", "/devices", "/sessions", "/sign-ins", "/help-desk", "/device")


def there(page: Page) -> None:
    """Everything that was asked for has come, and is painted."""
    expect(page.locator("h1").first).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


class Album:
    """Where pictures are put; one is of a whole page unless that scrolls inside itself."""

    def __init__(self, into: Path) -> None:
        self._into = into

    def one(self, page: Page, name: str, size: tuple[int, int], scheme: Literal["light", "dark"]) -> None:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        there(page)
        page.screenshot(path=self._into / f"{name}.png")

    def each(self, page: Page, name: str) -> None:
        for look, size, scheme in LOOKS:
            page.set_viewport_size({"width": size[0], "height": size[1]})
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.screenshot(path=self._into / f"{name}.{look}.png", full_page=True)


@contextmanager
def signed_in(browser: Browser, info: DemoInfo, person: DemoPerson) -> Iterator[BrowserContext]:
    """A profile of this person, who proved a password and a code."""
    context = browser.new_context(locale="en-US")
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto(f"{info.url}sign-in")
    page.locator("[name=user_name]").fill(person.user)
    page.locator("[name=password]").fill(person.password)
    page.keyboard.press("Enter")
    code = page.locator("[name=code]").first
    home = page.get_by_role("heading", name="Your apps")
    for ahead in (0, STEP):
        expect(code.or_(home).first).to_be_visible()
        if code.is_visible():
            code.fill(totp_code(person.totp_secret, time.time() + ahead))
            with page.expect_navigation():
                page.keyboard.press("Enter")
    expect(home).to_be_visible()
    page.close()
    yield context
    context.close()


def of_the_documents(browser: Browser, info: DemoInfo, into: Path) -> None:
    """What README and documents show: `docs/images`."""
    album = Album(into)
    console = info.url.replace("//id.", "//console.").rstrip("/")
    administrator = next(each for each in info.people if "Global Administrator" in each.roles)
    with signed_in(browser, info, administrator) as context:
        page = context.new_page()
        for name in ("overview", "sign-ins", "decision", "editor"):
            view, way = CONSOLE[name]
            page.goto(console + view.replace("ATTACK", info.attacks[0].decision))
            there(page)
            way(page)
            album.one(page, name, WIDE, "light")
    worker = next(each for each in info.people if not each.roles and each.kind == "member" and each.enabled)
    with signed_in(browser, info, worker) as context:
        page = context.new_page()
        page.goto(f"{info.url}sessions")
        album.one(page, "own-sessions", WIDE, "light")
        german = browser.new_context(locale="de-DE", storage_state=context.storage_state())
        page = german.new_page()
        page.goto(f"{info.url}sign-ins")
        album.one(page, "own-sign-ins-de", NARROW, "dark")
        german.close()


def too_large(info: DemoInfo) -> str:
    """What Envoy says to headers that are too large; in HTTP/2 it ends the stream without a word."""
    command = (
        "curl",
        "--silent",
        "--http1.1",
        "--cacert",
        info.ca_file,
        "--header",
        f"x-long: {'a' * 70_000}",
        info.url,
    )
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def of_the_demo(browser: Browser, info: DemoInfo, album: Album) -> None:
    """Every view of the console, the own pages, and what the gateway says by itself."""
    console = info.url.replace("//id.", "//console.").rstrip("/")
    administrator = next(each for each in info.people if "Global Administrator" in each.roles)
    with signed_in(browser, info, administrator) as context:
        page = context.new_page()
        for name, (view, way) in CONSOLE.items():
            page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
            page.goto(console + view.replace("ATTACK", info.attacks[0].decision))
            there(page)
            way(page)
            there(page)
            album.each(page, f"console-{name}")
        for path in OWN:
            page.goto(info.url.rstrip("/") + path)
            album.each(page, f"own-{path.strip('/') or 'home'}")
    stranger = browser.new_context()
    page = stranger.new_page()
    page.goto(info.url.replace("//id.", "//nothing."))
    album.each(page, "gateway-no-such-app")
    page.set_content(too_large(info))
    album.each(page, "gateway-431")
    stranger.close()


def of_the_pages(into: Path) -> None:
    """Every page of a person and of a stranger, by the ways of the tests, over a company in memory."""
    album = Album(into)
    with TemporaryDirectory() as directory, serving(Path(directory)) as served, sync_playwright() as playwright:
        trust = f"--ignore-certificate-errors-spki-list={served.spki}"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, trust])
        for name, (visit, title) in VISITS.items():
            context = browser.new_context()
            page = context.new_page()
            visit(page, served)
            expect(page).to_have_title(re.compile("^" + re.escape(title)))
            album.each(page, f"page-{re.sub('[^a-z]+', '-', name)}")
            context.close()
        browser.close()


def of_a_demo(info: DemoInfo, into: Path, *, every: bool) -> None:
    with TemporaryDirectory() as home, browser_of_many(Path(home), Path(info.ca_file)) as browser:
        if every:
            of_the_demo(browser, info, Album(into))
        else:
            of_the_documents(browser, info, into)


async def of_a_new_demo(into: Path, *, every: bool) -> None:
    with TemporaryDirectory(prefix="assay-pictures-") as directory:
        async with running_demo(Path(directory), size=SIZE) as demo:
            await asyncio.to_thread(of_a_demo, demo.info, into, every=every)


@click.command()
@click.option(
    "--every", type=click.Path(path_type=Path), help="Every page, wide and narrow, light and dark, into here."
)
@click.option(
    "--demo", type=click.Path(path_type=Path, exists=True), help="Data of a demo that runs; else one is begun."
)
def pictures(every: Path | None, demo: Path | None) -> None:
    """Take the pictures of the documents anew."""
    into = every or IMAGES
    into.mkdir(parents=True, exist_ok=True)
    if every is not None:
        of_the_pages(into)
    if demo is not None:
        of_a_demo(read_demo_info(demo / "demo.json"), into, every=every is not None)
    else:
        asyncio.run(of_a_new_demo(into, every=every is not None))
    say(f"{len(list(into.glob('*.png')))} pictures in {into}")


if __name__ == "__main__":
    prepare(TEST_TOOLS)
    pictures(prog_name="./run pictures")
