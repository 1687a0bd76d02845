"""The drills of docs/keys.md, command by command as they stand there, on a running service."""

import re
import shlex
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.person import Person
from tests.end_to_end.test_rotation import nothing_sealed_by_older_keys, states, until

PAGE = Path(__file__).parents[2] / "docs" / "keys.md"
DRILL = re.compile(r"<!-- drill: ([a-z-]+) -->\n((?:    [^\n]+\n)+)")


def drills() -> dict[str, list[list[str]]]:
    return {
        match[1]: [shlex.split(line)[1:] for line in match[2].strip().splitlines()]
        for match in DRILL.finditer(PAGE.read_text())
    }


def kids(installed: Installation, kind: str) -> set[str]:
    return {key for state, key, _ in states(installed, kind) if state != "retired"}


def certificate(installed: Installation) -> bytes:
    return installed.authority.with_name("certificate-and-key.pem").read_bytes()


@pytest.mark.slow
async def test_every_drill_does_what_it_is_for(installed: Installation) -> None:
    owner = Person(installed, "owner")
    await owner.enrol(installed.owner_link())
    found = drills()
    assert len(found) >= 7
    # What each drill has to have replaced.
    replaced = {
        "assertion-stolen": ("assertion",),
        "checkpoint-stolen": ("checkpoint",),
        "authority-stolen": ("ca",),
        "certificate-stolen": (),
        "cookie-stolen": (),
        "master-stolen": ("assertion", "checkpoint"),
        "master-stolen-after": (),
    }
    assert found.keys() == replaced.keys(), "a drill without a check, or a check without a drill"
    for name, kinds in replaced.items():
        before = {kind: kids(installed, kind) for kind in kinds}
        shown = certificate(installed)
        if name == "master-stolen-after":
            await until(lambda: nothing_sealed_by_older_keys(installed))
        for command in found[name]:
            installed.run(*command)
        for kind in kinds:
            after = kids(installed, kind)
            assert after, (name, kind)
            assert not after & before[kind], (name, kind)
        if name == "master-stolen-after":
            assert [state for state, _, _ in states(installed, "master")] == ["inUse"]
        if name in ("certificate-stolen", "authority-stolen"):
            assert certificate(installed) != shown
        if name in ("cookie-stolen", "master-stolen"):
            sessions = installed.json("sessions", "list")
            assert isinstance(sessions, dict)
            assert sessions["value"] == []
    verdict = installed.json("events", "verify")
    assert isinstance(verdict, dict)
    assert verdict["ok"]
    await owner.client.aclose()
