"""A policy that makes people read-only ends what they have open to write through, whatever they did before."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.attacks.outsider import PASSWORD, WIKI, People, ends

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"


def read_only(name: str, number: int, **conditions: object) -> str:
    return json.dumps(
        {
            "id": f"7d5b0a9e-3c1f-4c55-9a35-0b8a6a1f{number:04d}",
            "displayName": name,
            "state": "disabled",
            "conditions": {
                "users": {"includeUsers": ["All"]},
                "applications": {"includeApplications": ["All"]},
                "clientAppTypes": ["all"],
                **conditions,
            },
            "sessionControls": {"assay": {"limits": {"readOnly": True}}},
        }
    )


@pytest.fixture
async def policies(people: People, tmp_path: Path) -> AsyncIterator[None]:
    (tmp_path / "all.json").write_text(read_only("Read only", 1))
    windows = read_only("Read only on Windows", 2, platforms={"includePlatforms": ["windows"]})
    (tmp_path / "windows.json").write_text(windows)
    people.installed.run("policy", "import", str(tmp_path))
    yield
    people.installed.run("policy", "remove", "Read only")
    people.installed.run("policy", "remove", "Read only on Windows")


async def test_a_web_socket_of_a_session_that_was_raised_meanwhile(people: People, policies: None) -> None:
    session, app = await people.at_wiki("alice")
    stream = await people.open(app, web_socket=True)
    await people.post("/sign-in/password", {"user_name": "alice", "password": PASSWORD}, cookies=session)
    people.installed.run("policy", "on", "Read only")
    assert await ends(stream, within=30.0)


async def test_a_web_socket_of_a_session_that_another_request_found_limited(people: People, policies: None) -> None:
    people.installed.run("policy", "on", "Read only on Windows")
    _, app = await people.at_wiki("alice")
    stream = await people.open(app, web_socket=True)
    limited = await people.send(WIKI, "GET", "/json", cookies=app, headers=(("user-agent", WINDOWS),))
    assert limited.status == 200
    people.installed.run("policy", "on", "Read only")
    assert await ends(stream, within=30.0)


async def test_a_web_socket_of_a_session_that_did_neither(people: People, policies: None) -> None:
    _, app = await people.at_wiki("alice")
    stream = await people.open(app, web_socket=True)
    people.installed.run("policy", "on", "Read only")
    assert await ends(stream, within=30.0)
