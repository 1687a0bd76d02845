"""The installation of which the documents speak: what they name is there, and what they make is not there before."""

import asyncio
import contextlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from click.testing import CliRunner

from assay.cli import assay
from tests.docs.blocks import ROOT, Command
from tests.end_to_end.installation import Installation, installation
from tests.end_to_end.person import Person

UPSTREAM: Final = "http://127.0.0.1:3000"


class Thing(NamedTuple):
    """What commands name: how to see whether it is there and as it should be, how it is made, and how it goes."""

    name: str
    made_by: str
    check: tuple[str, ...]
    make: tuple[str, ...]
    take: tuple[str, ...]


def _group(name: str) -> Thing:
    return Thing(name, "groups add", ("groups", "show", name), ("groups", "add", name), ("groups", "remove", name))


def _location(name: str) -> Thing:
    make = ("locations", "add", name, "--range", "192.0.2.0/24")
    return Thing(name, "locations add", ("locations", "show", name), make, ("locations", "remove", name))


def _proxy(name: str) -> Thing:
    make = ("proxies", "add", name, "--kind", "nginx")
    return Thing(name, "proxies add", ("proxies", "rotate", name), make, ("proxies", "remove", name))


def _person(name: str) -> Thing:
    return Thing(name, "users add", ("users", "enable", name), ("users", "add", name), ("users", "remove", name))


def _app(name: str) -> Thing:
    at = ("--upstream", UPSTREAM)
    make = ("apps", "protect", UPSTREAM, "--name", name)
    return Thing(name, "apps protect", ("apps", "edit", name, *at), make, ("apps", "remove", name))


# In the order in which one needs the other.
THINGS: Final = (
    *map(_person, ("alice", "bob", "bob@partner.example")),
    *map(_group, ("Staff", "Finance")),
    *map(_location, ("Office", "office", "Build servers")),
    *map(_proxy, ("nginx", "edge")),
    *map(_app, ("wiki", "notes")),
    Thing(
        "reports",
        "tokens add",
        # What works cannot be looked at alone: it is made anew.
        ("tokens", "show"),
        ("tokens", "add", "reports", "--role", "Reports Reader"),
        ("tokens", "revoke", "reports"),
    ),
    Thing(
        "assets",
        "apps public-paths add",
        ("apps", "public-paths", "edit", "wiki", "assets", "--reason", "tried"),
        ("apps", "public-paths", "add", "wiki", "/assets/", "--name", "assets", "--reason", "tried"),
        ("apps", "public-paths", "remove", "wiki", "assets"),
    ),
    Thing(
        "ci",
        "apps credentials add",
        ("apps", "credentials", "rotate", "wiki", "ci"),
        ("apps", "credentials", "add", "wiki", "--name", "ci"),
        ("apps", "credentials", "revoke", "wiki", "ci"),
    ),
    Thing(
        "Require MFA",
        "policy import",
        ("policy", "show", "Require MFA"),
        ("policy", "import", "require-mfa.json"),
        ("policy", "remove", "Require MFA"),
    ),
)
# Words of a page that stand for what only the reader has: the attribute of Company that knows it.
MEANT: Final = {
    ("README.md", "7F3K9QX2"): "code",
    ("docs/first-app.md", "7F3K9QX2"): "code",
    ("docs/command-line.md", "7K3Q-9M2A"): "code",
    ("docs/command-line.md", "4f0c5a4e-9a53-4c1e-8a52-6f6d7b6a2f10"): "session",
    ("docs/command-line.md", "ID"): "reset",
    ("docs/backup.md", "assay-backup-recipient-1:…"): "recipient",
}
# Their exit code says what they found, not whether they did it.
MAY_FIND: Final = ("doctor",)


class Company:
    """Runs commands in the installation, as somebody in a directory with the files that the documents name."""

    def __init__(self, installed: Installation, work: Path) -> None:
        self.installed, self.work = installed, work
        self.code, self.recipient, self.printed = "", "", ""

    def follow(self, command: Command) -> str:
        """Run a command of the documents with what it names in its place; "" where all went well."""
        arguments = command.assay
        assert arguments is not None
        named = {part for word in arguments for part in word.split("=")}
        for thing in THINGS:
            if thing.name in named:
                self._prepare(thing, there=not " ".join(arguments).startswith(thing.made_by))
        return self.run(tuple(self._meant(command.page, word) for word in arguments), command.into)

    def run(self, arguments: tuple[str, ...], into: str = "") -> str:
        """Run one; what it printed where it failed, "" where it did what it says."""
        environment = {"ASSAY_DATA": str(self.installed.data), "HOME": str(self.work), "ASSAY_COMMAND": None}
        with contextlib.chdir(self.work):
            done = CliRunner().invoke(assay, list(arguments), env=environment, catch_exceptions=False)
        self.printed = done.stdout
        if into:
            (self.work / into).write_text(done.stdout)
        recipient = re.search(r"assay-backup-recipient-1:\S+", done.output)
        self.recipient = recipient[0] if recipient else self.recipient
        expected = (0, 1) if arguments[0] in MAY_FIND else (0,)
        return "" if done.exit_code in expected else f"{done.exit_code}: {done.output}"

    @property
    def session(self) -> str:
        """The newest session."""
        return self._first("sessions", "list")

    @property
    def reset(self) -> str:
        """The reset that is open."""
        return self._first("users", "reset", "list")

    def _prepare(self, thing: Thing, *, there: bool) -> None:
        if there and not self.run(thing.check):
            return
        self.run(thing.take)
        if there:
            said = self.run(thing.make)
            assert said == "", (thing.name, said)

    def _meant(self, page: str, word: str) -> str:
        name = MEANT.get((page, word))
        return word if name is None else str(getattr(self, name))

    def _first(self, *command: str) -> str:
        found: str = self.json(*command)["value"][0]["id"]
        return found

    def json(self, *command: str) -> dict[str, Any]:
        """What a command prints for programs."""
        said = self.run((*command, "--json"))
        assert said == "", said
        decoded: dict[str, Any] = json.loads(self.printed)
        return decoded


@contextlib.contextmanager
def company(directory: Path, *, port: int) -> Iterator[Company]:
    """It runs meanwhile, with an app from its start, and somebody was refused at it."""
    with installation(directory, port=port, options=("--protect", UPSTREAM, "--name", "wiki")) as installed:
        work = directory / "work"
        for name in ("policies", "decide"):
            shutil.copytree(ROOT / "examples" / name, work / "examples" / name)
        shutil.copytree(ROOT / "examples" / "policies", work / "exports")
        for name in ("words", "passphrase"):
            (work / name).write_text("six words that nobody else knows\n")
        (work / "require-mfa.json").write_text(json.dumps(_require_mfa()))
        here = Company(installed, work)
        (work / "checkpoint.key").write_text(f"{here.json('doctor')['checkpointKey']}\n")
        here.code = asyncio.run(_refused(here))
        yield here


def _require_mfa() -> dict[str, object]:
    return {
        "displayName": "Require MFA",
        "state": "disabled",
        "conditions": {
            "users": {"includeUsers": ["All"]},
            "applications": {"includeApplications": ["All"]},
            "clientAppTypes": ["all"],
        },
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    }


async def _refused(here: Company) -> str:
    """The short code that somebody reads who is signed in and not assigned."""
    installed = here.installed
    owner, alice = Person(installed, "owner"), Person(installed, "alice")
    await owner.enrol(installed.owner_link())
    await alice.enrol(here.json("users", "add", "alice")["enrolmentUrl"])
    page = await alice.open("wiki")
    found = re.search(r"code-large[^>]*>([0-9A-Z-]+)<", page.text)
    assert found is not None, page.text
    await owner.client.aclose()
    await alice.client.aclose()
    return found[1]
