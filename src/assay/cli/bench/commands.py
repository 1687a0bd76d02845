"""`assay bench`: figures of this machine against the targets, exit 1 where one is missed."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from assay.cli.bench import cut, gateway, lists, memory, sign_in, start
from assay.cli.bench.figures import Measurement, as_json, markdown
from assay.values import AssayError


@click.group()
def bench() -> None:
    """Measure this machine; exit 1 where a target is missed."""


json_option = click.option("--json", "as_json_lines", is_flag=True, help="Print JSON, one measurement a line.")
seconds_option = click.option("--seconds", default=5, show_default=True, help="Of each turn.")
rounds_option = click.option("--rounds", default=3, show_default=True, help="Turns of each contender.")


@bench.command("gateway")
@seconds_option
@rounds_option
@click.option("--connections", default=32, show_default=True)
@json_option
def gateway_command(*, seconds: int, rounds: int, connections: int, as_json_lines: bool) -> None:
    """Requests a second: Envoy alone, a check that says yes, Assay."""
    _run(
        lambda place: gateway.run(place, seconds=seconds, rounds=rounds, connections=connections),
        as_json_lines=as_json_lines,
    )


@bench.command("sign-in")
@seconds_option
@rounds_option
@json_option
def sign_in_command(*, seconds: int, rounds: int, as_json_lines: bool) -> None:
    """Password sign-ins a second, beside what argon2 allows."""
    _run(lambda place: sign_in.run(place, seconds=seconds, rounds=rounds), as_json_lines=as_json_lines)


@bench.command("memory")
@json_option
def memory_command(*, as_json_lines: bool) -> None:
    """Resident memory with everything used once."""
    _run(memory.run, as_json_lines=as_json_lines)


@bench.command("start")
@rounds_option
@json_option
def start_command(*, rounds: int, as_json_lines: bool) -> None:
    """From `assay up` to the first decision."""
    _run(lambda place: start.run(place, rounds=rounds), as_json_lines=as_json_lines)


@bench.command("cut")
@click.option("--cuts", default=1000, show_default=True, help="For each cause and protocol.")
@click.option("--rate", default=5000, show_default=True, help="Requests a second meanwhile.")
@click.option("--megabytes", default=10.0, show_default=True, help="That each stream carries a second.")
@json_option
def cut_command(*, cuts: int, rate: int, megabytes: float, as_json_lines: bool) -> None:
    """From the commit to the last byte received, for every cause and protocol."""
    _run(lambda place: cut.run(place, cuts=cuts, rate=rate, megabytes=megabytes), as_json_lines=as_json_lines)


@bench.command("lists")
@click.option("--people", default=100_000, show_default=True, help="A fifth of them signed in.")
@click.option("--sign-ins", default=100_000, show_default=True, help="In the history that is asked.")
@click.option("--decisions", default=300_000, show_default=True, help="In the history that is asked.")
@click.option("--database", default="", help="An empty PostgreSQL database, postgresql://…; without it, SQLite.")
@json_option
def lists_command(*, people: int, sign_ins: int, decisions: int, database: str, as_json_lines: bool) -> None:
    """A page of sign-ins, decisions, people, sessions, groups and policies for every filter and order; the overview."""
    _run(
        lambda place: lists.run(place, people=people, sign_ins_kept=sign_ins, decisions_kept=decisions, url=database),
        as_json_lines=as_json_lines,
    )


@bench.command("all")
@click.option("--cuts", default=1000, show_default=True, help="For each cause and protocol.")
@seconds_option
@rounds_option
@json_option
def all_command(*, cuts: int, seconds: int, rounds: int, as_json_lines: bool) -> None:
    """Everything, one after the other."""
    _run(
        lambda place: start.run(place, rounds=rounds),
        memory.run,
        lambda place: sign_in.run(place, seconds=seconds, rounds=rounds),
        lambda place: gateway.run(place, seconds=seconds, rounds=rounds, connections=32),
        lambda place: cut.run(place, cuts=cuts, rate=5000, megabytes=10.0),
        as_json_lines=as_json_lines,
    )


def _run(*measurements: Callable[[Path], Measurement], as_json_lines: bool) -> None:
    met = True
    for measure in measurements:
        # A short name: the path of a unix socket holds 107 bytes.
        with tempfile.TemporaryDirectory(prefix="assay-bench-") as directory:
            try:
                found = measure(Path(directory))
            except AssayError as error:
                raise click.ClickException(f"{error.message}\n{error.remedy}".strip()) from error
        click.echo(as_json(found) if as_json_lines else markdown(found))
        met = met and found.met
    if not met:
        sys.exit(1)
