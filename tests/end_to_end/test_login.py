"""`assay login`, `assay api` and `assay tokens` as people type them, with a person at the page and the real gateway."""

import asyncio
import json
import re
import stat
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.end_to_end.installation import ASSAY, Installation, installation
from tests.end_to_end.person import Person
from tests.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
ME = "/assay/me"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation for all of them."""
    with installation(tmp_path_factory.mktemp("login"), port=free_port()) as running:
        yield running


@pytest.fixture
def installed(service: Installation) -> Installation:
    """A command line at it where nobody is logged in."""
    login_file(service).unlink(missing_ok=True)
    return service


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def owner(service: Installation) -> AsyncIterator[Person]:
    person = Person(service, "owner")
    await person.enrol(service.owner_link())
    await person.sign_in()
    yield person
    await person.client.aclose()


class Terminal:
    """A command line that waits for its code to be confirmed."""

    def __init__(self, installed: Installation) -> None:
        self._process = subprocess.Popen(
            [ASSAY, "login", installed.id_origin, "--ca", str(installed.authority), "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=installed.environment,
        )

    async def code(self) -> str:
        """The code that it shows."""
        assert self._process.stderr is not None
        shown = ""
        while "Never" not in shown:
            line = await asyncio.to_thread(self._process.stderr.readline)
            assert line, f"it ended: {shown} {self._process.stdout.read() if self._process.stdout else ''}"
            shown += line
        found = re.search(r"\b[A-Z]{4}-[A-Z]{4}\b", shown)
        assert found is not None, shown
        assert "/device" in shown
        return found[0]

    async def ended(self) -> tuple[int, str]:
        """Its exit code, and what it printed."""
        out, _ = await asyncio.to_thread(self._process.communicate, timeout=60)
        return self._process.returncode, out


def login_file(installed: Installation) -> Path:
    return installed.directory / "config" / "assay" / "login.json"


def asked(installed: Installation, *arguments: str, **environment: str) -> tuple[int, dict[str, object]]:
    """`assay api get …`: its exit code, and the JSON it printed."""
    done = subprocess.run(
        [ASSAY, "api", "get", *arguments],
        capture_output=True,
        text=True,
        env=installed.environment | environment,
        timeout=60,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


async def test_a_command_line_is_let_in_by_its_code_and_out_by_a_revocation(
    installed: Installation, owner: Person
) -> None:
    terminal = Terminal(installed)
    code = await terminal.code()
    page = await owner._post("/device", code=code.lower())
    assert "Let this command line in?" in page.text
    assert "127.0.0.1" in page.text
    assert "assay of" in page.text
    assert "is let in" in (await owner._post("/device/answer", code=code, answer="allow")).text
    exit_code, printed = await terminal.ended()
    assert exit_code == 0, printed
    told = json.loads(printed)
    assert (told["user"], told["url"]) == ("owner", installed.app_origin("api"))
    kept = login_file(installed)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [each.name for each in kept.parent.iterdir() if each.name.startswith(".login")] == []

    status, me = asked(installed, ME)
    assert status == 0
    assert me["user"]["userPrincipalName"] == "owner"  # type: ignore[index]
    assert asked(installed, "https://example.com/v1.0/users")[0] == 2, "the token goes to the API and nowhere else"
    listed = installed.json("sessions", "list")
    assert isinstance(listed, dict)
    mine = [each for each in listed["value"] if each["kind"] == "commandLine"]
    assert [each["user"] for each in mine] == ["owner"]
    installed.run("sessions", "revoke", mine[0]["id"])
    status, refused = asked(installed, ME)
    assert status == 1
    assert refused["error"]["code"] == "Authentication_Required"  # type: ignore[index]


async def test_commands_work_over_the_api_where_no_service_runs(installed: Installation, owner: Person) -> None:
    """The data directory is not named, so that nothing of this machine's own service is found."""
    terminal = Terminal(installed)
    await owner._post("/device/answer", code=await terminal.code(), answer="allow")
    assert (await terminal.ended())[0] == 0
    made = installed.json("users", "add", "mia", "--display-name", "Mia")
    assert isinstance(made, dict)
    mia = Person(installed, "mia")
    await mia.enrol(made["enrolmentUrl"])
    await mia.client.aclose()

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = installed.environment
        return subprocess.run(
            [ASSAY, *arguments], capture_output=True, text=True, env=environment, timeout=60, check=False
        )

    listed = run("users", "list", "mi")
    assert listed.returncode == 0, listed.stderr
    assert re.search(r"^mia +Mia ", listed.stdout, re.M)
    assert f"over {installed.app_origin('api')}, as owner" in listed.stderr
    assert run("policy", "list").stdout.startswith("POLICY")
    assert run("sessions", "revoke", "--all").returncode == 2
    ended = run("sessions", "revoke", "--user", "mia")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("sessions ended: 1")
    assert asked(installed, "/users?$top=1", "--all")[1]["value"] is not None
    installed.run("logout")
    assert run("users", "list").returncode == 3, "nobody is logged in, and no service runs"


async def test_logging_out_gives_the_token_back(installed: Installation, owner: Person) -> None:
    terminal = Terminal(installed)
    code = await terminal.code()
    await owner._post("/device/answer", code=code, answer="allow")
    assert (await terminal.ended())[0] == 0
    token = json.loads(login_file(installed).read_text())["token"]
    script = {"ASSAY_URL": installed.app_origin("api"), "ASSAY_TOKEN": token, "SSL_CERT_FILE": str(installed.authority)}
    assert asked(installed, ME, **script)[0] == 0
    installed.run("logout")
    assert not login_file(installed).exists()
    assert asked(installed, ME)[0] == 1
    status, refused = asked(installed, ME, **script)
    assert status == 1
    assert refused["error"]["code"] == "Authentication_Required", "kept elsewhere, it is worth nothing"  # type: ignore[index]


async def test_what_is_refused_in_the_browser_gives_nothing(installed: Installation, owner: Person) -> None:
    terminal = Terminal(installed)
    code = await terminal.code()
    assert "is refused" in (await owner._post("/device/answer", code=code, answer="deny")).text
    exit_code, printed = await terminal.ended()
    assert exit_code == 1
    assert json.loads(printed)["error"]["code"] == "access_denied"
    assert not login_file(installed).exists()


async def test_a_named_token_may_what_its_role_may_and_is_dead_when_it_is_revoked(
    installed: Installation, owner: Person
) -> None:
    del owner
    made = installed.json("tokens", "add", "reports", "--role", "Reports Reader", "--expires", "1d")
    assert isinstance(made, dict)
    script = {
        "ASSAY_URL": installed.app_origin("api"),
        "ASSAY_TOKEN": made["secret"],
        "SSL_CERT_FILE": str(installed.authority),
    }
    assert re.fullmatch("assay_[0-9a-f]{64}", made["secret"])
    status, me = asked(installed, ME, **script)
    assert status == 0, me
    assert me["user"] is None
    assert me["token"]["displayName"] == "reports"  # type: ignore[index]
    assert "Policy.ReadWrite.ConditionalAccess" not in me["permissions"]  # type: ignore[operator]
    assert made["secret"] not in installed.run("tokens", "list", "--json")
    assert made["secret"] not in installed.run("events", "search", "--json")
    installed.run("tokens", "revoke", "reports")
    assert asked(installed, ME, **script)[0] == 1
    for role in ("Global Administrator", "Teams Administrator", "King"):
        installed.run("tokens", "add", "more", "--role", role, code=2)
