"""What doctor makes of what the service says about itself; no I/O but the clock it is compared with."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from assay.api.shapes.apps import AppShape
from assay.api.shapes.events import VerificationShape
from assay.api.shapes.installation import InstallationShape
from assay.values import Wire

CLOCK_SECONDS: Final = 5.0
# A TOTP code lives 30 s and certificates name days: a clock before this release is wrong for certain.
EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
MANY_LINKS: Final = 20


class Severity(StrEnum):
    """How bad it is; an error makes doctor exit 1."""

    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


class Finding(Wire, frozen=True, kw_only=True):
    """What was looked at, how it is, and what to do; `check` is stable."""

    check: str
    severity: Severity
    message: str
    fix: str = ""


def good(check: str, message: str) -> Finding:
    """Nothing to do."""
    return Finding(check=check, severity=Severity.GOOD, message=message)


def service_findings(here: InstallationShape) -> Iterator[Finding]:
    """The service itself: that it decides, can cut, has an administrator, and who still has a link open."""
    yield good("service", f"{here.version} at {here.url}, process {here.pid}")
    if here.stale:
        yield Finding(
            check="decisions",
            severity=Severity.ERROR,
            message=f"every request is refused, because the state of affairs could not be read: {here.stale}",
            fix="look at the database and at the service's log; it goes on by itself once it can read",
        )
    if not here.serving:
        yield Finding(
            check="gateway",
            severity=Severity.ERROR,
            message="it does not run: nobody reaches anything, and commands work",
            fix="look for assay.gateway.envoy in the log, mend it, and start again without --no-gateway",
        )
    for row in here.damaged:
        yield Finding(
            check="database rows",
            severity=Severity.ERROR,
            message=row,
            fix="find out what damaged it (disk, a change by hand); restore a backup (docs/backup.md), or look at it "
            "(assay damage list), take it out (assay damage remove) and make anew what it was",
        )
    yield _cut(here)
    yield _administrators(here)
    if here.open_enrolment_links:
        yield Finding(
            check="enrolment links",
            severity=Severity.WARNING if here.open_enrolment_links > MANY_LINKS else Severity.NOTE,
            message=f"open, to be used once: {here.open_enrolment_links}",
            fix="a link that nobody needs is void when its person is disabled, or gets a new one",
        )
    else:
        yield good("enrolment links", "none is open")


def _cut(here: InstallationShape) -> Finding:
    if here.cut_method == "socketReset":
        return good("cut", "open connections are cut by resetting their socket")
    return Finding(
        check="cut",
        severity=Severity.ERROR if here.cut_method == "none" else Severity.WARNING,
        message=f"open connections cannot be reset here (method: {here.cut_method})",
        fix="let the service start Envoy itself, as the same user, on a kernel with pidfd_getfd (5.6)",
    )


def _administrators(here: InstallationShape) -> Finding:
    if here.administrators > 1:
        return good("administrators", f"{here.administrators} enabled people administer")
    nobody = here.administrators == 0
    return Finding(
        check="administrators",
        severity=Severity.ERROR if nobody else Severity.WARNING,
        message="nobody administers" if nobody else "only one person administers: who lets this person in again?",
        fix="assay users roles assign 'Global Administrator' --user NAME",
    )


def console_finding(why_not: str | None) -> Finding:
    """Whether the administrators' console came with the package; `why_not` as it was noted when it was built."""
    if why_not is None:
        return good("console", "it was built")
    return Finding(
        check="console",
        severity=Severity.WARNING,
        message=f"it was not built: {why_not}",
        fix="in a checkout, where npm's registry can be reached: ./run console",
    )


def clock_finding(service_now: datetime) -> Finding:
    """The service's clock beside this command's, and beside reason."""
    difference = abs((datetime.now(UTC) - service_now).total_seconds())
    if difference <= CLOCK_SECONDS and service_now > EARLIEST:
        return good("clock", f"{service_now.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}")
    return Finding(
        check="clock",
        severity=Severity.WARNING,
        message=f"the service believes it is {service_now.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}",
        fix="set the clock and keep it by NTP: codes of authenticator apps and certificates depend on it",
    )


def app_finding(app: AppShape) -> Finding:
    """Whether an app can be reached around the gateway."""
    check = f"app {app.name}"
    if app.reach == "network":
        return Finding(
            check=check,
            severity=Severity.ERROR,
            message=f"{app.upstream} listens for the whole network: anybody can go around the gateway",
            fix="let it listen on 127.0.0.1, or better on a unix socket in a 0700 directory",
        )
    if app.reach == "thisMachine":
        return Finding(
            check=check,
            severity=Severity.WARNING,
            message=f"every user of this machine can reach {app.upstream} around the gateway",
            fix="let it listen on a unix socket in a 0700 directory",
        )
    if app.reach == "behindProxy":
        return Finding(
            check=check,
            severity=Severity.NOTE,
            message=f"behind {app.proxy}: what is open is not cut by us, headers are as clean as its configuration",
            fix="let the app accept connections from that proxy only; what it bounds: docs/forward-auth.md",
        )
    if app.reach == "notListening":
        return Finding(
            check=check, severity=Severity.WARNING, message=f"nothing listens at {app.upstream}", fix="start the app"
        )
    if app.reach == "elsewhere":
        return Finding(
            check=check,
            severity=Severity.NOTE,
            message=f"{app.upstream} is another machine: what it accepts cannot be seen from here",
            fix="let it accept connections from this machine only",
        )
    return good(check, "can be reached through the gateway only")


def log_finding(verdict: VerificationShape) -> Finding:
    """Whether the log verifies."""
    if verdict.ok:
        return good("log", f"{verdict.size} records are good, {verdict.anchored} of them signed for")
    return Finding(
        check="log",
        severity=Severity.ERROR,
        message=f"it was tampered with: {len(verdict.findings) + verdict.more_findings} findings",
        fix="keep a copy of everything, then: assay events verify --checkpoint FILE --key FILE",
    )
