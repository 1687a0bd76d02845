"""`./run bench policy`: the engine beside others with the same rules, from ten policies to ten thousand."""

import sys

import click

from assay.cli.bench.figures import Figure, as_json, markdown, measured
from assay.cli.bench.processes import load_average
from tests.policy.bench import compiling, decisions, explaining
from tests.policy.bench.cedar import Cedar
from tests.policy.bench.rego import Rego

SIZES = (10, 100, 1_000, 10_000)
# What is measured beside decisions, each from a number of policies to its figures: a new part is one line here.
PARTS = (compiling.figures, explaining.figures)
MEANING = "Microseconds and milliseconds are CPU of the thread unless a row says otherwise."


@click.command()
@click.option("--turns", default=31, show_default=True, help="Of each contender, interleaved.")
@click.option("--size", "sizes", type=int, multiple=True, default=SIZES, help="Policies; once for each size.")
@click.option("--json", "as_json_lines", is_flag=True, help="Print JSON.")
def policy(*, turns: int, sizes: tuple[int, ...], as_json_lines: bool) -> None:
    """What a decision, a compilation and an explanation cost."""
    load, rows, notes = load_average(), list[Figure](), [MEANING, f"{Cedar.prepared}. {Rego.prepared}."]
    compared = {}
    for size in sizes:
        found = compared[size] = decisions.compare(size, turns)
        rows += decisions.figures(found)
        for part in PARTS:
            rows += part(size)
        notes.append(decisions.note(found))
        click.echo(f"{size:,} policies: done", err=True)
    rows += decisions.growth(compared)
    command = f"./run bench policy --turns {turns}{''.join(f' --size {size}' for size in sizes if sizes != SIZES)}"
    result = measured("Policy engine", command, rows, notes=notes, load_before=load)
    click.echo(as_json(result).decode() if as_json_lines else markdown(result))
    if not result.met:
        sys.exit(1)
