"""`assay doctor`: what is wrong with this installation, and the fix."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from assay.api.shapes.app_access import AppCredentialList, PublicPathList
from assay.api.shapes.apps import AppList, AppShape
from assay.api.shapes.events import VerificationShape, VerifyRequest
from assay.api.shapes.installation import InstallationShape
from assay.cli.client import REFUSED, UNREACHABLE, Client, segment
from assay.cli.doctor_apps import credential_findings, public_path_findings
from assay.cli.doctor_files import certificate_finding, checkpoint_finding, data_finding, key_finding
from assay.cli.doctor_findings import Finding, Severity, app_finding, clock_finding, log_finding, service_findings
from assay.cli.find_service import data_directory, is_running
from assay.cli.options import data_option, json_option
from assay.cli.output import Output
from assay.values import Wire

MARKS = {Severity.GOOD: "ok", Severity.NOTE: "note", Severity.WARNING: "WARNING", Severity.ERROR: "ERROR"}


class Report(Wire, frozen=True, kw_only=True):
    """What `--json` prints; `checkpoint_key` is to be kept elsewhere, for `assay events verify --key`."""

    data: str
    running: bool
    checkpoint_key: str
    findings: tuple[Finding, ...]


@click.command()
@data_option
@json_option
def doctor(data: Path | None, as_json: bool) -> None:
    """Say what is wrong with this installation, and the fix; exit 1 where something is an error."""
    directory = data_directory(data)
    output = Output(as_json=as_json)
    if not is_running(directory):
        finding = Finding(
            check="service",
            severity=Severity.ERROR,
            message=f"no service answers in {directory}",
            fix="start it with: assay up; or name its data directory with --data",
        )
        _print(output, Report(data=str(directory), running=False, checkpoint_key="", findings=(finding,)))
        sys.exit(UNREACHABLE)
    client = Client(directory, as_json=as_json)
    here, _ = client.get("/installation", InstallationShape)
    findings = _findings(client, here)
    _print(output, Report(data=here.data, running=True, checkpoint_key=here.checkpoint_key, findings=findings))
    if any(finding.severity is Severity.ERROR for finding in findings):
        sys.exit(REFUSED)


def _findings(client: Client, here: InstallationShape) -> tuple[Finding, ...]:
    found, _ = client.get("/apps", AppList)
    verdict, _ = client.post("/events/verify", VerificationShape, VerifyRequest())
    return (
        *service_findings(here),
        clock_finding(here.now),
        data_finding(Path(here.data)),
        key_finding(here),
        certificate_finding(here),
        *(finding for app in found.value for finding in _app(client, app, here)),
        log_finding(verdict),
        checkpoint_finding(here),
    )


def _app(client: Client, app: AppShape, here: InstallationShape) -> Iterator[Finding]:
    yield app_finding(app)
    paths, _ = client.get(f"/apps/{segment(app.name)}/publicPaths", PublicPathList)
    yield from public_path_findings(paths)
    credentials, _ = client.get(f"/apps/{segment(app.name)}/credentials", AppCredentialList)
    yield from credential_findings(credentials, here.now)


def _print(output: Output, report: Report) -> None:
    lines: list[str] = []
    for finding in report.findings:
        lines.append(f"{MARKS[finding.severity]:<8}{finding.check}: {finding.message}")
        if finding.fix:
            lines.append(f"        {finding.fix}")
    output.said(msgspec.json.encode(report), *lines)
