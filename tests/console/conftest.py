"""A small company with a real service, made by its own flows, and its owner at the console in real Chromium."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Literal, TypeVar

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.end_to_end.browser import PATIENCE, Authenticator, browser_of_many, with_authenticator
from tests.end_to_end.installation import Installation, installation
from tests.end_to_end.person import Person
from tests.end_to_end.test_owner_browser import enrol_with_passkey
from tests.ports import free_port

T = TypeVar("T")
AXE = resources.files("axe_playwright_python").joinpath("axe.min.js")
LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((1280, "light"), (360, "dark"))
WIKI_BLOCKED = {
    "id": "7d5b0a9e-3c1f-4c55-9a35-0b8a6a1f0001",
    "displayName": "CA201 Block the wiki for those who write",
    "state": "enabled",
    "conditions": {
        "users": {"includeGroups": ["WRITERS"]},
        "applications": {"includeApplications": ["WIKI"]},
        "clientAppTypes": ["all"],
    },
    "grantControls": {"operator": "OR", "builtInControls": ["block"]},
}
REPORTED = {
    "id": "7d5b0a9e-3c1f-4c55-9a35-0b8a6a1f0002",
    "displayName": "CA101 Require multifactor authentication for everybody",
    "state": "enabledForReportingButNotEnforced",
    "conditions": {
        "users": {"includeUsers": ["All"]},
        "applications": {"includeApplications": ["All"]},
        "clientAppTypes": ["all"],
    },
    "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
}
NAMES = {"alice": "Alice Adams", "ben": "Benjamin Okafor", "chloe": "Chloé Martin"}


@dataclass(kw_only=True)
class Seat:
    """Somebody at the console, and what their browser complained of."""

    console: str
    context: BrowserContext
    page: Page
    authenticator: Authenticator
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, view: str) -> Page:
        """A view, after its own first rows are there."""
        self.page.goto(self.console + view)
        expect(self.page.locator("h1").first).to_be_visible()
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)
        return self.page


@dataclass(kw_only=True)
class Company(Seat):
    """A running service, who works there, and its owner at the console."""

    installed: Installation
    browser: Browser
    people: dict[str, Person] = field(default_factory=dict)
    apps: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def seat(self, user_name: str) -> Iterator[Seat]:
        """Somebody new, with a passkey, at a browser of their own."""
        added = self.installed.json("users", "add", user_name)
        assert isinstance(added, dict)
        context = person_at(self.browser)
        page, authenticator = with_authenticator(context)
        enrol_with_passkey(page, added["enrolmentUrl"])
        made = Seat(console=self.console, context=context, page=page, authenticator=authenticator)
        made.listen()
        yield made
        context.close()

    @contextmanager
    def in_german(self) -> Iterator[Seat]:
        """The owner at a German browser, signed in already."""
        context = person_at(self.browser, locale="de-DE", cookies_of=self.context)
        page, authenticator = with_authenticator(context)
        made = Seat(console=self.console, context=context, page=page, authenticator=authenticator)
        made.listen()
        yield made
        context.close()


def person_at(browser: Browser, *, locale: str = "en-US", cookies_of: BrowserContext | None = None) -> BrowserContext:
    """A profile of its own, empty or with the cookies of another."""
    state = None if cookies_of is None else cookies_of.storage_state()
    context = browser.new_context(locale=locale, storage_state=state)
    context.set_default_timeout(PATIENCE)
    return context


# One for all modules: they all run in one process (tests/run/grouping.py).
@pytest.fixture(scope="package")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    directory = tmp_path_factory.mktemp("company")
    port = free_port()
    with (
        installation(directory, port=port) as installed,
        verify_app(installed, directory) as wiki,
        browser_of_many(directory / "browser", installed.authority) as browser,
    ):
        context = person_at(browser)
        page, authenticator = with_authenticator(context)
        enrol_with_passkey(page, installed.owner_link())
        made = Company(
            console=installed.app_origin("console"),
            context=context,
            page=page,
            authenticator=authenticator,
            installed=installed,
            browser=browser,
        )
        populate(made, wiki, directory)
        made.listen()
        yield made


@pytest.fixture(autouse=True)
def quiet(company: Company) -> None:
    company.complaints.clear()
    company.page.set_viewport_size({"width": 1280, "height": 800})
    company.page.emulate_media(color_scheme="light")


def rows(page: Page) -> int:
    return page.locator("table.rows tbody tr[data-row]").count()


def look(seat: Seat, page: Page) -> None:
    """Nothing to scroll sideways, nothing that axe objects to: each width once, each colour scheme once."""
    if page.evaluate("typeof axe") == "undefined":
        # Through the debugger, which the page's own policy does not bind; the page is held to it all the same.
        page.evaluate(AXE.read_text())
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)
        found = page.evaluate("axe.run({resultTypes: ['violations']})")
        worst = [
            (each["id"], each["nodes"][0]["html"][:300], each["nodes"][0]["failureSummary"])
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert worst == [], (page.url, width, scheme)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light")
    assert seat.complaints == []


@contextmanager
def verify_app(installed: Installation, directory: Path) -> Iterator[Path]:
    """An app of another distribution on a unix socket."""
    listening = directory / "app" / "verify.sock"
    listening.parent.mkdir(mode=0o700)
    where = ("--listen", f"unix:{listening}", "--audience", installed.app_origin("wiki"))
    trust = ("--ca", str(installed.authority), "--connect-to", installed.address)
    app = subprocess.Popen([sys.executable, "-m", "assay_verify", *where, *trust])
    yield listening
    # Not asked to finish: it would wait for the downloads that are open.
    app.kill()
    app.wait(60)


def in_a_loop(act: Coroutine[object, object, T]) -> T:
    """What people do at their own clients, which are asynchronous; Playwright has a loop in this thread already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, act).result()


def populate(company: Company, wiki: Path, directory: Path) -> None:
    """People, an app, policies, and sign-ins that end in every way."""
    installed = company.installed
    protected = installed.json("apps", "protect", f"unix://{wiki}", "--name", "wiki", "--title", "Wiki")
    assert isinstance(protected, dict)
    company.apps["wiki"] = protected["id"]
    installed.run("apps", "protect", f"unix://{wiki}", "--name", "notes", "--title", "Notes")
    links = {}
    for name, title in NAMES.items():
        added = installed.json("users", "add", name, "--display-name", title)
        assert isinstance(added, dict)
        links[name] = added["enrolmentUrl"]
    group = installed.json("groups", "add", "Writers")
    assert isinstance(group, dict)
    installed.run("groups", "members", "add", "Writers", "--user", "alice")
    installed.run("apps", "assign", "wiki", "--group", "Writers")
    installed.run("apps", "assign", "wiki", "--user", "chloe")
    for policy in (WIKI_BLOCKED, REPORTED):
        file = directory / f"{policy['id']}.json"
        file.write_text(json.dumps(policy).replace("WIKI", company.apps["wiki"]).replace("WRITERS", group["id"]))
        installed.run("policy", "import", str(file))
    in_a_loop(live(company, links))


async def live(company: Company, links: dict[str, str]) -> None:
    """Everybody enrols; Alice is blocked, Ben is not assigned, Chloé is let in, somebody guesses."""
    for name, link in links.items():
        person = Person(company.installed, name)
        await person.enrol(link)
        await person.open("wiki")
        company.people[name] = person
    await company.people["ben"].sign_out()
    stranger = Person(company.installed, "alice")
    await stranger._post("/sign-in/password", user_name="alice", password="not this one")
    for each in (*company.people.values(), stranger):
        await each.client.aclose()
