"""A method reset by two with the whole service: asked for, approved, waited for, used; and told at each step."""

import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation, installation
from tests.end_to_end.person import PASSWORD, Person
from tests.end_to_end.test_emergency import a_port

pytestmark = pytest.mark.slow

LINK = re.compile(r"https://[^\s<]+/enrol/[^\s<]+")
SENT = (
    "A recovery link of your account was used",
    "The recovery of your account was approved",
    "The recovery of your account was approved",
    "The recovery of your account was requested",
    "Your account was recovered",
)
NEW_PASSWORD = "another quiet harbour, with nine lamps"


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    """An installation that writes its messages into files, and whose resets wait an hour for an objection."""
    file = tmp_path / "assay.toml"
    file.write_text(
        f'[mail]\ntransport = "file"\nsender = "assay@example.com"\ndirectory = "{tmp_path / "mail"}"\n'
        "[resets]\nwaiting_hours = 1\nlifetime_hours = 2\n"
    )
    file.chmod(0o600)
    with installation(tmp_path, port=a_port(), options=("--config", str(file))) as running:
        yield running


@pytest.fixture
async def browser_of(installed: Installation) -> AsyncIterator[Callable[[str], Person]]:
    """A new browser of somebody, closed in the end."""
    opened: list[Person] = []

    def open_browser(name: str) -> Person:
        opened.append(Person(installed, name))
        return opened[-1]

    yield open_browser
    for person in opened:
        await person.client.aclose()


def told(installed: Installation, count: int) -> list[str]:
    """What carol is told of her recovery, once it is so many messages; they leave after the change they tell of."""
    end = time.monotonic() + 60
    while True:
        files = (installed.directory / "mail").glob("*.eml")
        mails = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
        found = sorted(str(mail["Subject"]) for mail in mails if mail["To"] == "carol@example.net")
        recovery = [subject for subject in found if "recover" in subject]
        if len(recovery) >= count or time.monotonic() > end:
            return recovery
        time.sleep(0.05)


async def enrolled(person: Person) -> Person:
    """Somebody with a password and an authenticator app."""
    name = person.user_name
    link = LINK.search(person.installed.run("users", "add", name, "--email", f"{name}@example.net"))
    assert link is not None
    await person.enrol(link[0])
    return person


async def desk(person: Person) -> Person:
    """Somebody of the help-desk, two factors just proved."""
    await enrolled(person)
    name = person.user_name
    person.installed.run("users", "roles", "assign", "Helpdesk Administrator", "--user", name)
    await person.sign_out()
    await person.sign_in()
    return person


async def is_in(person: Person) -> bool:
    """Whether the own page is theirs, and not the one that asks who they are."""
    answer = await person.page("/")
    assert answer.status_code == 200
    greeted, asked = "<h1>Hello" in answer.text, "<h1>Sign in" in answer.text
    assert greeted is not asked, answer.text
    return greeted


def reset_of(page: str) -> str:
    found = re.search(r'name="id" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


async def test_two_of_the_help_desk_give_somebody_new_methods(
    installed: Installation, browser_of: Callable[[str], Person]
) -> None:
    await browser_of("owner").enrol(installed.owner_link())
    ask, agree, third = [await desk(browser_of(name)) for name in ("ada", "ben", "cleo")]
    carol = await enrolled(browser_of("carol"))
    assert await is_in(carol)
    assert "users reset request carol" in installed.refusal("users", "enrol", "carol"), "one alone is pointed to two"

    asked = await ask.post("/help-desk/resets", user_name="carol", why="lost the phone; known by sight")
    reset = reset_of(asked.text)
    assert "Somebody else has to approve" in (await ask.post("/help-desk/resets/approve", id=reset)).text
    assert (await agree.post("/help-desk/resets/approve", id=reset)).status_code == 200
    early = await ask.post("/help-desk/resets/link", id=reset)
    assert LINK.search(early.text) is None, "the person has an hour to object"
    assert (await third.post("/help-desk/resets/approve", id=reset)).status_code == 200
    link = LINK.search((await ask.post("/help-desk/resets/link", id=reset)).text)
    assert link is not None, "a third one stands in for the hour"

    browser = browser_of("carol")
    await browser.use_link(link[0])
    assert (await browser.page("/")).headers["location"] == "/methods", "it opens nothing else"
    await browser.post("/methods/password", password=NEW_PASSWORD, repeated=NEW_PASSWORD)
    assert await is_in(carol), "until the new ones are in, nothing of the old ends"
    renewed = await browser.new_authenticator_app()
    assert renewed.headers["location"] == "/methods/renewed"

    assert not await is_in(carol), "every session ended"
    old = await browser_of("carol").post("/sign-in/password", user_name="carol", password=PASSWORD)
    assert old.status_code == 200
    assert "assay-id=" not in old.headers.get("set-cookie", "")
    await browser.post("/sign-in/password", user_name="carol", password=NEW_PASSWORD)
    assert (await browser.give_code(await browser.code())).status_code == 303
    home = (await browser.page("/")).text
    assert "ada" in home
    assert "ben" in home

    assert told(installed, len(SENT)) == list(SENT)
    log = installed.run("events", "search", "--user", "carol", "--code", "method-reset.")
    for step in ("requested", "approved", "completed"):
        assert f"method-reset.{step}" in log, log


async def test_two_users_of_the_host_do_it_by_the_command_line(
    installed: Installation, browser_of: Callable[[str], Person]
) -> None:
    await browser_of("owner").enrol(installed.owner_link())
    await enrolled(browser_of("carol"))
    found = installed.json("users", "reset", "request", "carol", "--reason", "stands before me")
    assert isinstance(found, dict)
    reset = str(found["id"])
    installed.run("users", "reset", "approve", reset, code=1)
    installed.run("users", "reset", "approve", reset, "--reason", "nobody else is on call")
    assert "carol" in installed.run("users", "reset", "list")
    assert told(installed, 2) == list(SENT[2:4])
    installed.run("users", "reset", "cancel", reset)
    assert installed.run("users", "reset", "list") == "no reset is open\n"
