"""`assay doctor`: what is wrong with this installation, and the fix."""

import contextlib
import resource
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from assay.api.shapes.app_access import AppCredentialList, PublicPathList
from assay.api.shapes.apps import AppList, AppShape
from assay.api.shapes.break_glass import BreakGlassShape
from assay.api.shapes.events import EventList, VerificationShape, VerifyRequest
from assay.api.shapes.installation import InstallationShape
from assay.api.shapes.keys import KeyList
from assay.api.shapes.messages import MessageList
from assay.api.shapes.nodes import NodeList
from assay.api.shapes.rollouts import RolloutList
from assay.cli.client import REFUSED, UNREACHABLE, Client, segment
from assay.cli.doctor_apps import credential_findings, forward_auth_findings, public_path_findings
from assay.cli.doctor_configuration import (
    certificate_findings,
    is_local,
    listening_finding,
    problem_findings,
    secret_findings,
    value_findings,
)
from assay.cli.doctor_emergency import break_glass_findings, messages_findings
from assay.cli.doctor_files import (
    certificate_finding,
    checkpoint_finding,
    data_finding,
    key_finding,
    master_key_finding,
)
from assay.cli.doctor_findings import (
    Finding,
    Severity,
    app_finding,
    clock_finding,
    console_finding,
    log_finding,
    service_findings,
)
from assay.cli.doctor_keys import backup_finding, rotation_findings
from assay.cli.doctor_machine import (
    clock_is_kept,
    clock_kept_finding,
    database_file_finding,
    disk_findings,
    envoy_finding,
    limit_finding,
    ptrace_finding,
    reserve_finding,
)
from assay.cli.doctor_network import network_findings, not_asked_finding
from assay.cli.doctor_nodes import node_findings, outage_finding
from assay.cli.doctor_people import people_findings
from assay.cli.doctor_rollouts import rollout_findings
from assay.cli.doctor_start import as_started, directory_finding, path_finding, port_findings
from assay.cli.doctor_trust import trust_finding
from assay.cli.doctor_upstream import upstream_finding
from assay.cli.find_service import data_directory, is_running
from assay.cli.options import data_option, json_option
from assay.cli.output import Output
from assay.cli.policy_roll_out import PATH as ROLLOUTS
from assay.cli.rollout_news import NEWS_READ
from assay.cli.trust_stores import stores
from assay.configuration.problem import ConfigurationError
from assay.configuration.read import read_configuration
from assay.configuration.sections import Configuration
from assay.configuration.where import places_of
from assay.console import why_not_built
from assay.gateway.envoy_process import shipped_envoy
from assay.places import Places
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
@click.option("--config", type=click.Path(path_type=Path), help="The configuration file, also where no service runs.")
@click.option("--network", is_flag=True, help="Also ask DNS and connect to ourselves by name.")
@json_option
def doctor(data: Path | None, config: Path | None, network: bool, as_json: bool) -> None:
    """Say what is wrong with this installation, and the fix; exit 1 where something is an error."""
    output = Output(as_json=as_json)
    try:
        configuration = read_configuration(config) if config is not None else None
    except ConfigurationError as error:
        _print(output, Report(data="", running=False, checkpoint_key="", findings=tuple(problem_findings(error))))
        sys.exit(REFUSED)
    directory = data_directory(data or (configuration.server.data if configuration is not None else None))
    if is_running(directory):
        client = Client(directory, as_json=as_json)
        here, _ = client.get("/installation", InstallationShape)
        configuration = configuration or _started_with(here)
        findings = (
            *_findings(client, here, network=network),
            *_standing(configuration, directory, network=network, here=here),
        )
        report = Report(data=here.data, running=True, checkpoint_key=here.checkpoint_key, findings=findings)
    else:
        findings = (
            _not_running(directory, looked_ahead=configuration is not None),
            *_standing(configuration, directory, network=network, here=None),
        )
        report = Report(data=str(directory), running=False, checkpoint_key="", findings=findings)
    _print(output, report)
    if not report.running and configuration is None:
        sys.exit(UNREACHABLE)
    if any(finding.severity is Severity.ERROR for finding in findings):
        sys.exit(REFUSED)


def _not_running(directory: Path, *, looked_ahead: bool) -> Finding:
    """Before a first start that is as it should be; to somebody who expects a service it is an error."""
    return Finding(
        check="service",
        severity=Severity.NOTE if looked_ahead else Severity.ERROR,
        message=f"no service answers in {directory}",
        fix="start it with: assay up; or name its data directory with --data",
    )


def _started_with(here: InstallationShape) -> Configuration | None:
    """The file that the running service was started with, where it can still be read."""
    with contextlib.suppress(ConfigurationError):
        return read_configuration(Path(here.configuration)) if here.configuration else None
    return None


def _standing(
    configuration: Configuration | None, directory: Path, *, network: bool, here: InstallationShape | None
) -> Iterator[Finding]:
    """What can be seen without the service: the machine, and the configuration with what it names."""
    now = datetime.now(UTC)
    given = configuration or (Configuration() if here is None else as_started(here))
    server, where = given.server, places_of(given, directory)
    yield limit_finding(resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    yield ptrace_finding()
    yield envoy_finding(server.envoy or shipped_envoy())
    yield clock_kept_finding(kept=clock_is_kept(), now=now)
    yield console_finding(why_not_built())
    unusable = directory_finding(where.data) if here is None else None
    if unusable is not None:
        yield unusable
    else:
        yield from _places(where, now, sqlite=not given.database.url, running=here is not None)
    if here is None:
        yield from port_findings(server.listen, server.port)
    if configuration is not None:
        yield from value_findings(configuration)
        yield from certificate_findings(configuration, now)
        yield from secret_findings(configuration)
    elif here is not None:
        yield listening_finding(given)
    if network:
        yield from network_findings(server.base_domain, server.public_port or server.port)
    elif not is_local(server.base_domain):
        yield not_asked_finding()


def _places(where: Places, now: datetime, *, sqlite: bool, running: bool) -> Iterator[Finding]:
    """The data directory and what lies in it."""
    yield from disk_findings(where.data, where.checkpoints, sqlite=sqlite)
    if running:
        if sqlite:
            yield reserve_finding(where.data)
        return
    too_long = path_finding(where)
    if too_long is not None:
        yield too_long
    if where.data.exists():
        yield data_finding(where.data)
    if where.database.exists():
        yield database_file_finding(where.database, now)
    if where.master_key.exists():
        yield master_key_finding(where.master_key, where.data)


def _findings(client: Client, here: InstallationShape, *, network: bool) -> tuple[Finding, ...]:
    if here.outage:
        # Everything else is asked of the database.
        return (outage_finding(here), data_finding(Path(here.data)), key_finding(here), certificate_finding(here))
    nodes, _ = client.get("/nodes", NodeList)
    found, _ = client.get("/apps", AppList)
    verdict, _ = client.post("/events/verify", VerificationShape, VerifyRequest())
    made, _ = client.get("/events", EventList, code="backup.made", limit=1)
    rollouts, _ = client.get("/events", EventList, code="rollout.", limit=NEWS_READ)
    master_key = key_finding(here)
    return (
        *service_findings(here),
        clock_finding(here.now),
        data_finding(Path(here.data)),
        master_key,
        *(_keys(client, here) if master_key.severity is Severity.GOOD else ()),
        backup_finding(made.value, now=here.now, started=here.started, demo=here.demo),
        certificate_finding(here),
        *_trust(here),
        *(finding for app in found.value for finding in _app(client, app, here, network=network)),
        *forward_auth_findings(here, found),
        *node_findings(nodes),
        log_finding(verdict),
        checkpoint_finding(here),
        *people_findings(here),
        *rollout_findings(client.get(ROLLOUTS, RolloutList)[0].value, rollouts.value, here.now),
        *messages_findings(client.get("/messages", MessageList)[0], here.now),
        *break_glass_findings(client.get("/breakGlass", BreakGlassShape)[0]),
    )


def _keys(client: Client, here: InstallationShape) -> Iterator[Finding]:
    found, _ = client.get("/keys", KeyList)
    yield from rotation_findings(found.value, here.now)


def _trust(here: InstallationShape) -> Iterator[Finding]:
    """Only for the authority of our own, which stands beside the certificate that it signed."""
    local = is_local(as_started(here).server.base_domain)
    found = trust_finding(Path(here.certificate).with_name("authority.pem"), stores(Path.home()), here=local)
    if found is not None and not here.demo:
        yield found


def _app(client: Client, app: AppShape, here: InstallationShape, *, network: bool) -> Iterator[Finding]:
    yield app_finding(app)
    heard = upstream_finding(app, network=network)
    if heard is not None:
        yield heard
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
