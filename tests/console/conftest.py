"""A small company with a real service, made by its own flows, and its owner at the console in real Chromium."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.end_to_end.browser import chromium, with_authenticator
from tests.end_to_end.installation import Installation, installation
from tests.end_to_end.person import Person
from tests.end_to_end.test_owner_browser import enrol_with_passkey
from tests.ports import free_port

T = TypeVar("T")
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


@dataclass
class Company:
    """A running service, who works there, and what the browser complained of."""

    installed: Installation
    people: dict[str, Person]
    apps: dict[str, str]
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    @property
    def console(self) -> str:
        return self.installed.app_origin("console")

    def open(self, view: str) -> Page:
        """A view, after its own first rows are there."""
        self.page.goto(self.console + view)
        expect(self.page.locator("h1").first).to_be_visible()
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)
        return self.page


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    directory = tmp_path_factory.mktemp("company")
    port = free_port()
    with (
        installation(directory, port=port) as installed,
        verify_app(installed, directory) as wiki,
        chromium(directory / "owner", installed.authority) as context,
    ):
        page, _ = with_authenticator(context)
        enrol_with_passkey(page, installed.owner_link())
        made = Company(installed, {}, {}, context, page)
        populate(made, wiki, directory)
        page.on("console", lambda message: made.complaints.append(message.text))
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        yield made


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
    app.wait(10)


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
