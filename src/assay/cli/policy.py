"""`assay policy`: import, switch and export Conditional Access policies."""

import sys
from pathlib import Path
from typing import Final

import click
import msgspec

from assay.api.shapes.policies import (
    ImportReport,
    ImportRequest,
    MapShape,
    PolicyDetailsShape,
    PolicyList,
    PolicyShape,
    RemovedPolicy,
    StateChange,
)
from assay.api.shapes.rollouts import RolloutShape, RolloutStart
from assay.cli import elsewhere
from assay.cli.called import Called
from assay.cli.client import REFUSED, Client, segment
from assay.cli.import_report import report_lines
from assay.cli.options import talks_to_either, talks_to_service
from assay.cli.output import Output
from assay.cli.policy_decide import decide
from assay.cli.policy_files import file_shape, files_of, map_option, override_option, waive_option
from assay.cli.policy_history import diff, restore, versions
from assay.cli.policy_prove import prove
from assay.cli.policy_replay import replay
from assay.cli.policy_roll_out import PATH as ROLLOUTS
from assay.cli.policy_roll_out import SECONDS_OF_AN_HOUR, confirm_within_option, roll_out, said
from assay.cli.policy_states import STATES, WORDS
from assay.cli.published_words import published_lines

BASE: Final = "/identity/conditionalAccess/policies"


@click.group()
def policy() -> None:
    """Import, switch and export Conditional Access policies.

    A policy is named by display name or id.
    """


policy.add_command(decide)
policy.add_command(diff)
policy.add_command(restore)
policy.add_command(versions)
policy.add_command(prove)
policy.add_command(replay)
policy.add_command(roll_out)


@policy.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@map_option
@waive_option
@click.option("--state", type=click.Choice(list(STATES)), help="Store every policy with this state.")
@override_option
@talks_to_service
def import_policies(
    client: Client,
    output: Output,
    paths: tuple[Path, ...],
    dry_run: bool,
    mapping: tuple[MapShape, ...],
    waive: tuple[str, ...],
    state: str | None,
    override: str,
) -> None:
    """Read Graph JSON as exported: files, and every .json below directories; - is standard input.

    Policies, named locations and authentication strengths are told apart by their shape. A policy with parts that
    this release does not decide, or with references to what does not exist here, is stored as report-only.
    """
    body = ImportRequest(
        files=tuple(map(file_shape, files_of(paths))),
        map=mapping,
        waive=waive,
        state=None if state is None else STATES[state],
        dry_run=dry_run,
        override=override,
    )
    report, raw = client.post(f"{BASE}/import", ImportReport, body)
    output.said(raw, *report_lines(report, WORDS), *published_lines(report.published, Called(client)))
    if report.malformed or report.refused or any(policy.refused for policy in report.policies):
        sys.exit(REFUSED)


@policy.command("list")
@talks_to_either(elsewhere.list_policies)
def list_policies(client: Client, output: Output) -> None:
    """List every policy with its state and what keeps it from being switched on."""
    found, raw = client.get(BASE, PolicyList)
    output.table(
        raw,
        ("STATE", "POLICY", "NOT DECIDED", "UNKNOWN HERE", "ID"),
        (
            (
                WORDS.get(each.state, each.state),
                each.display_name,
                str(len(each.undecided) or ""),
                str(len(each.dangling) or ""),
                each.id,
            )
            for each in found.value
        ),
        empty="no policies; import some with: assay policy import FILE",
    )


@policy.command("show")
@click.argument("name")
@talks_to_service
def show(client: Client, output: Output, name: str) -> None:
    """Show one policy: its state, what keeps it back, and its definition as Graph's JSON."""
    found, raw = client.get(f"{BASE}/{segment(name)}", PolicyDetailsShape)
    output.facts(raw, _facts(found.policy))
    if not output.as_json:
        click.echo(_indented(bytes(found.definition)))


@policy.command("export")
@click.argument("name", required=False)
@talks_to_service
def export(client: Client, output: Output, name: str | None) -> None:
    """Print one policy, or everything in force, as Graph's JSON; an import reads it back."""
    if name is None:
        content = client.octets(f"{BASE}/export")
    else:
        found, _ = client.get(f"{BASE}/{segment(name)}", PolicyDetailsShape)
        content = bytes(found.definition)
    click.echo(content if output.as_json else _indented(content))


@policy.command("on")
@click.argument("name")
@map_option
@waive_option
@override_option
@confirm_within_option(None)
@talks_to_service
def switch_on(
    client: Client,
    output: Output,
    name: str,
    mapping: tuple[MapShape, ...],
    waive: tuple[str, ...],
    override: str,
    confirm_within: float | None,
) -> None:
    """Enforce a policy from now on; open connections are judged anew."""
    if confirm_within is not None:
        within = confirm_within * SECONDS_OF_AN_HOUR
        begun = RolloutStart(of=name, map=mapping, waive=waive, on_within=within, override=override)
        said(client, output, *client.post(ROLLOUTS, RolloutShape, begun))
        return
    _switch(client, output, name, StateChange(state=STATES["on"], map=mapping, waive=waive, override=override))


@policy.command("off")
@click.argument("name")
@override_option
@talks_to_service
def switch_off(client: Client, output: Output, name: str, override: str) -> None:
    """Switch a policy off."""
    _switch(client, output, name, StateChange(state=STATES["off"], override=override))


@policy.command("report-only")
@click.argument("name")
@map_option
@waive_option
@override_option
@talks_to_service
def report_only(
    client: Client, output: Output, name: str, mapping: tuple[MapShape, ...], waive: tuple[str, ...], override: str
) -> None:
    """Record what a policy would do, and enforce nothing."""
    change = StateChange(state=STATES["report-only"], map=mapping, waive=waive, override=override)
    _switch(client, output, name, change)


@policy.command("remove")
@click.argument("name")
@override_option
@talks_to_service
def remove(client: Client, output: Output, name: str, override: str) -> None:
    """Remove a policy; decisions that it was part of can still be explained."""
    gone, raw = client.delete(f"{BASE}/{segment(name)}", RemovedPolicy, override=override or None)
    output.said(raw, f"{gone.display_name} is removed", *published_lines(gone.published, Called(client)))


def _switch(client: Client, output: Output, name: str, body: StateChange) -> None:
    found, raw = client.post(f"{BASE}/{segment(name)}/state", PolicyShape, body)
    said = f"{found.display_name} is {WORDS.get(found.state, found.state)}"
    output.said(raw, said, *published_lines(found.published, Called(client)))


def _facts(policy: PolicyShape) -> tuple[tuple[str, str], ...]:
    return (
        ("policy", policy.display_name),
        ("state", WORDS.get(policy.state, policy.state)),
        ("not decided", ", ".join(policy.undecided)),
        ("cannot be met here", ", ".join(policy.unenforced)),
        ("unknown here", ", ".join(f"{each.path}: {each.id}" for each in policy.dangling)),
        ("id", policy.id),
    )


def _indented(content: bytes) -> str:
    return msgspec.json.format(content, indent=2).decode()
