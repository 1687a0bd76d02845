"""What doctor makes of keys and backups."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from assay.api.shapes.events import EventShape
from assay.api.shapes.keys import KeyShape
from assay.cli.doctor_findings import Finding, Severity, good

# A day's work may be lost, not a week's.
BACKUP_EVERY: Final = timedelta(days=7)
# Rotation is every 90 days; a week later it has not happened.
ASSERTION_FOR: Final = timedelta(days=97)
# An authority has to be trusted on every machine before it signs: that takes people their time.
AUTHORITY_SOON: Final = timedelta(days=365)


def backup_finding(made: tuple[EventShape, ...], *, now: datetime, started: datetime, demo: bool) -> Finding:
    """When the last backup was made; `made` are events backup.made, newest first."""
    fix = "assay backup FILE --recipient …, daily: docs/backup.md has a timer"
    if demo:
        return good("backup", "a demo needs none")
    if not made:
        if now - started < BACKUP_EVERY:
            return good("backup", "none was made yet")
        return Finding(check="backup", severity=Severity.WARNING, message="none was ever made", fix=fix)
    age = now - made[0].at
    if age > BACKUP_EVERY:
        message = f"the last one was made {age.days} days ago"
        return Finding(check="backup", severity=Severity.WARNING, message=message, fix=fix)
    return good("backup", f"the last one was made {made[0].at:%Y-%m-%d %H:%M}Z")


def rotation_findings(keys: tuple[KeyShape, ...], now: datetime) -> Iterator[Finding]:
    """Rotations that were begun and not ended, and those that are due."""
    for key in keys:
        if key.kind == "master" and key.state == "replaced":
            yield _replaced_master(key)
        if key.kind == "assertion" and key.state == "inUse" and now - key.since > ASSERTION_FOR:
            message = f"the key of assertions is {(now - key.since).days} days old"
            yield _warning(message, "assay keys rotate assertion")
        if key.kind == "ca":
            yield from _authority(key, now)


def _replaced_master(key: KeyShape) -> Finding:
    if key.seals:
        message = f"master key {key.id} was replaced and still seals {key.seals} values"
        return _note(message, "they are being sealed anew; if that does not end, look into the service's log")
    return _note(f"master key {key.id} was replaced and seals nothing", "assay keys retire master")


def _authority(key: KeyShape, now: datetime) -> Iterator[Finding]:
    if key.state == "next":
        yield _note(
            "the next certificate authority waits until it is trusted",
            "assay trust on every machine, then: assay keys rotate ca --use",
        )
    if key.state == "replaced":
        yield _note("the certificate authority of before is still kept", "assay keys retire ca")
    if key.state == "inUse" and key.until is not None and key.until - now < AUTHORITY_SOON:
        yield _warning(
            f"the certificate authority ends {key.until:%Y-%m-%d}, and 90 days before the next one signs",
            "assay trust on every machine, in good time; then: assay keys rotate ca --use",
        )


def _note(message: str, fix: str) -> Finding:
    return Finding(check="keys", severity=Severity.NOTE, message=message, fix=fix)


def _warning(message: str, fix: str) -> Finding:
    return Finding(check="keys", severity=Severity.WARNING, message=message, fix=fix)
