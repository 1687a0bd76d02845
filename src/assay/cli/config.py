"""`assay config`: check a configuration file, and print an example."""

import sys
from pathlib import Path

import click
import msgspec

from assay.cli.client import REFUSED
from assay.cli.options import json_option
from assay.cli.output import Output
from assay.configuration.example import example
from assay.configuration.problem import ConfigurationError, Problem, lines_of
from assay.configuration.read import read_configuration
from assay.values import Wire


class CheckedFile(Wire, frozen=True, kw_only=True):
    """What `config check --json` prints."""

    file: str
    ok: bool
    problems: tuple[Problem, ...]


@click.group()
def config() -> None:
    """The configuration file of `assay up --config FILE`."""


@config.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def check(file: Path, as_json: bool) -> None:
    """Say everything that is wrong with FILE; exit 1 where something is. What it names is looked at by doctor."""
    try:
        read_configuration(file)
        problems: tuple[Problem, ...] = ()
    except ConfigurationError as error:
        problems = error.problems
    said = [line for problem in problems for line in lines_of(str(file), problem)]
    checked = CheckedFile(file=str(file), ok=not problems, problems=problems)
    good = f"{file} is good; what it names is looked at by: assay doctor --config {file}"
    Output(as_json=as_json).said(msgspec.json.encode(checked), *(said or [good]))
    if problems:
        sys.exit(REFUSED)


@config.command(name="example")
@json_option
def print_example(as_json: bool) -> None:
    """Print a whole configuration file, with a comment for each key."""
    if as_json:
        click.echo(msgspec.json.encode({"example": example()}))
    else:
        click.echo(example(), nl=False)
