"""What doctor makes of an app's public paths, credentials and foreign proxy; no I/O."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from assay.api.shapes.app_access import AppCredentialList, PublicPathList, PublicPathShape
from assay.api.shapes.apps import AppList
from assay.api.shapes.installation import InstallationShape
from assay.cli.doctor_findings import Finding, Severity
from assay.values.listen_address import parse_listen_address

SOON: Final = timedelta(days=14)


def public_path_findings(found: PublicPathList) -> Iterator[Finding]:
    """Every path that is open to everybody; a warning where that is the whole app, or can change something."""
    for path in found.value:
        close = f"assay apps public-paths remove {found.app} {path.name}"
        if path.expired:
            message = f"{path.path} ({path.name}) is public no more; it expired"
            yield Finding(check=f"app {found.app}", severity=Severity.NOTE, message=message, fix=close)
            continue
        warning = path.path == "/" or bool(set(path.methods) - {"GET", "HEAD", "OPTIONS"} and path.path.endswith("/"))
        yield Finding(
            check=f"app {found.app}",
            severity=Severity.WARNING if warning else Severity.NOTE,
            message=f"{_what(path)} is public for {', '.join(path.methods)}, because: {path.reason}",
            fix=f"where nobody needs it: {close}",
        )


def forward_auth_findings(here: InstallationShape, apps: AppList) -> Iterator[Finding]:
    """Whether the proxies that apps stand behind can ask at all, and whether others can listen to them."""
    behind = [app.name for app in apps.value if app.proxy]
    if behind and not here.forward_auth:
        yield Finding(
            check="forward auth",
            severity=Severity.ERROR,
            message=f"nobody answers the proxies of {', '.join(behind)}: everything behind them is refused",
            fix="start with --forward-auth 127.0.0.1:8477, or set listen in [forward_auth]",
        )
    if here.forward_auth and not parse_listen_address(here.forward_auth).stays_here:
        yield Finding(
            check="forward auth",
            severity=Severity.WARNING,
            message=f"cookies and secrets of proxies pass unencrypted to {here.forward_auth}",
            fix="listen on this machine or a unix socket, or keep that network to machines that you trust",
        )


def credential_findings(found: AppCredentialList, now: datetime) -> Iterator[Finding]:
    """Credentials that end soon, and those that can do everything from everywhere."""
    for credential in found.value:
        if credential.state != "works":
            continue
        if credential.expires_date_time - now < SOON:
            yield Finding(
                check=f"app {found.app}",
                severity=Severity.NOTE,
                message=f"the credential {credential.name} ends on {credential.expires_date_time:%Y-%m-%d}",
                fix=f"assay apps credentials rotate {found.app} {credential.name}",
            )
        if credential.methods is None and credential.paths is None and not credential.locations:
            yield Finding(
                check=f"app {found.app}",
                severity=Severity.NOTE,
                message=f"the credential {credential.name} may do everything, from everywhere",
                fix="make another with --methods, --paths or --location, then revoke this one",
            )


def _what(path: PublicPathShape) -> str:
    return "the whole app" if path.path == "/" else path.path
