"""Doctor finds rotations that were begun and not ended, and that nobody makes backups."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from assay.api.shapes.events import EventShape
from assay.api.shapes.keys import KeyShape
from assay.cli.doctor_findings import Severity
from assay.cli.doctor_keys import backup_finding, rotation_findings

NOW = datetime(2026, 11, 23, tzinfo=UTC)
DAY = timedelta(days=1)


def made(age: timedelta) -> tuple[EventShape, ...]:
    event = msgspec.Raw(b"null")
    return (EventShape(number=1, at=NOW - age, code="backup.made", actor="", about="", reason="", event=event),)


@pytest.mark.parametrize(
    ("events", "running", "demo", "severity"),
    [
        (made(6 * DAY), 90 * DAY, False, Severity.GOOD),
        (made(8 * DAY), 90 * DAY, False, Severity.WARNING),
        ((), 90 * DAY, False, Severity.WARNING),
        ((), DAY, False, Severity.GOOD),
        ((), 90 * DAY, True, Severity.GOOD),
    ],
)
def test_backups(events: tuple[EventShape, ...], running: timedelta, demo: bool, severity: Severity) -> None:
    finding = backup_finding(events, now=NOW, started=NOW - running, demo=demo)
    assert finding.severity is severity
    assert finding.fix or severity is Severity.GOOD


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (KeyShape(kind="master", id="a", state="replaced", since=NOW, seals=3), "still seals 3"),
        (KeyShape(kind="master", id="a", state="replaced", since=NOW, seals=0), "seals nothing"),
        (KeyShape(kind="master", id="a", state="inUse", since=NOW - 900 * DAY, seals=3), ""),
        (KeyShape(kind="assertion", id="a", state="inUse", since=NOW - 90 * DAY), ""),
        (KeyShape(kind="assertion", id="a", state="inUse", since=NOW - 98 * DAY), "98 days old"),
        (KeyShape(kind="ca", id="a", state="next", since=NOW), "waits until it is trusted"),
        (KeyShape(kind="ca", id="a", state="replaced", since=NOW), "still kept"),
        (KeyShape(kind="ca", id="a", state="inUse", since=NOW, until=NOW + 300 * DAY), "ends 2027"),
        (KeyShape(kind="ca", id="a", state="inUse", since=NOW, until=NOW + 3000 * DAY), ""),
    ],
)
def test_rotations(key: KeyShape, said: str) -> None:
    found = tuple(rotation_findings((key,), NOW))
    assert len(found) == (1 if said else 0)
    assert all(said in each.message and each.fix for each in found)
