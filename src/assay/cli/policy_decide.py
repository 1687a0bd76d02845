"""`assay policy decide`: sign-ins decided by policies in files; no service is asked, nothing of the machine read."""

import sys
from pathlib import Path
from typing import Final

import click

from assay.api.shapes.policies import MapShape
from assay.cli.options import json_option
from assay.cli.policy_files import map_option

STANDARD_INPUT: Final = Path("-")
GIVEN: Final = click.Path(exists=True, allow_dash=True, path_type=Path)


@click.command()
@click.option(
    "--set", "paths", type=GIVEN, multiple=True, help="Exported policies: a directory or file; may be repeated."
)
@click.option("--sign-in", "sign_in", type=GIVEN, help="The sign-in, a JSON document; - is standard input.")
@click.option("--many", type=GIVEN, help="Sign-ins, one JSON document a line; the answers come as lines, too.")
@click.option("--directory", type=GIVEN, help="The directory for sign-ins that bring none.")
@map_option
@click.option(
    "--enforced-by",
    type=click.Choice(["entra", "gateway"]),
    default="entra",
    show_default=True,
    help="Whose means count: Entra's and its clients', or those of our pages and gateway alone.",
)
@click.option(
    "--leave-out-unreadable", is_flag=True, help="Decide without what cannot be read; else nothing is granted."
)
@click.option("--way-in", is_flag=True, help="Of each that is not granted, the least that would let it in.")
@click.option("--what-if", is_flag=True, help="Only which policies apply and why others do not, as Graph's What If.")
@click.option("--schema", is_flag=True, help="Print the JSON schema of the document, and do nothing else.")
@click.option("--answer-schema", is_flag=True, help="Print the JSON schema of an answer, and do nothing else.")
@json_option
def decide(
    paths: tuple[Path, ...],
    sign_in: Path | None,
    many: Path | None,
    directory: Path | None,
    mapping: tuple[MapShape, ...],
    enforced_by: str,
    leave_out_unreadable: bool,
    way_in: bool,
    what_if: bool,
    schema: bool,
    answer_schema: bool,
    as_json: bool,
) -> None:
    """Decide sign-ins by policies in files, without a service.

    Exits 0 when decided, also when refused; 1 when it came out differently than `expected` in the document says;
    2 when something cannot be read.
    """
    # Only now: the engine takes longer to import than most commands take.
    from assay.cli.decide_offline import Decider, answer_schema_text, decide_lines, decide_one
    from assay.policy.offline import schema_text

    if schema:
        click.echo(schema_text(), nl=False)
        return
    if answer_schema:
        click.echo(answer_schema_text(), nl=False)
        return
    if not paths or (sign_in is None) == (many is None):
        raise click.UsageError("give --set DIRECTORY, and one of --sign-in FILE and --many FILE")
    if [*paths, sign_in, many, directory].count(STANDARD_INPUT) > 1:
        raise click.UsageError("standard input (-) can be one of them only")
    decider = Decider.of(
        paths,
        {each.old: each.new for each in mapping},
        directory,
        gateway=enforced_by == "gateway",
        leave_out_unreadable=leave_out_unreadable,
        way_in=way_in,
        what_if=what_if,
        as_json=as_json,
    )
    if many is not None:
        sys.exit(decide_lines(decider, many))
    assert sign_in is not None
    sys.exit(decide_one(decider, sign_in))
