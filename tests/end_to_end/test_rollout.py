"""A rollout as its owner runs it: by commands, against a service that is killed while a step waits to be confirmed."""

import json
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.access.admin.graph import block, policy
from tests.end_to_end.installation import Installation

SECONDS = 60
ON = "enabled"


def states(installed: Installation) -> dict[str, str]:
    listed = installed.json("policy", "list")
    assert isinstance(listed, dict)
    return {each["displayName"]: each["state"] for each in listed["value"] if each["displayName"].startswith("Wiki")}


def until(installed: Installation, wanted: dict[str, str]) -> None:
    """Wait until the policies are as they should be."""
    ends = time.monotonic() + SECONDS
    while (found := states(installed)) != wanted:
        assert time.monotonic() < ends, found


def roll_out(installed: Installation, *arguments: str) -> str:
    return installed.run("policy", "roll-out", *arguments)


@pytest.mark.slow
def test_through_its_stages_and_over_a_kill(installed: Installation, tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(policy(name="Wiki")))
    new.write_text(json.dumps({**block(), "displayName": "Wiki"}))
    installed.run("policy", "import", str(old))

    said = roll_out(installed, "start", str(new), "--of", "Wiki")
    assert "rolled out: report-only" in said
    assert "policy roll-out advance Wiki --group GROUP" in said
    assert "nothing changed that decides" in said
    said = roll_out(installed, "advance", "Wiki", "--percent", "100", "--confirm-within", "1h")
    assert "cohort of 1 (100 %)" in said
    assert states(installed) == {"Wiki": ON, "Wiki (rollout)": ON}
    assert "assay policy roll-out confirm" in installed.refusal("policy", "off", "Wiki")
    roll_out(installed, "confirm", "Wiki")

    # Nobody confirms it: back to the cohort, by itself.
    roll_out(installed, "advance", "Wiki", "--everyone", "--confirm-within", "1s")
    until(installed, {"Wiki": ON, "Wiki (rollout)": ON})
    findings = installed.json("doctor")
    assert isinstance(findings, dict)
    (finding,) = [each for each in findings["findings"] if each["check"] == "rollout Wiki"]
    assert "was not confirmed and went back" in finding["message"]
    assert "nobody confirmed it" in roll_out(installed, "show", "Wiki")

    # Nobody confirms it, and nobody can: the service is gone. It starts with what stood before.
    shown = installed.json("policy", "roll-out", "advance", "Wiki", "--everyone", "--confirm-within", "4s")
    assert isinstance(shown, dict)
    process = installed.process
    assert process is not None
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    deadline = datetime.fromisoformat(shown["confirmBy"])
    while datetime.now(UTC) < deadline:
        time.sleep(0.05)
    installed.start()
    assert states(installed) == {"Wiki": ON, "Wiki (rollout)": ON}
    events = installed.json("events", "search", "--code", "rollout.went-back")
    assert isinstance(events, dict)
    assert [each["reason"] for each in events["value"]] == ["notConfirmed", "notConfirmed"]
