"""`assay policy prove`: statements about all sign-ins, proved or refuted with sign-ins that show it."""

import sys
from pathlib import Path
from typing import Final

import click

from assay.api.shapes.errors import Problem
from assay.api.shapes.policies import MapShape
from assay.cli.client import WRONG_USE, fail
from assay.cli.options import data_option, json_option
from assay.cli.policy_files import map_option

GIVEN: Final = click.Path(exists=True, allow_dash=True, path_type=Path)
# As in assay.policy.proof, which takes longer to import than most commands take.
QUESTIONS: Final = (
    "lock-out",
    "network",
    "dead",
    "shadowed",
    "contradictory",
    "uncovered",
    "break-glass",
    "reach",
    "tightening",
)


@click.command()
@click.option("--set", "paths", type=GIVEN, multiple=True, help="Exported policies instead of those of the service.")
@click.option(
    "--draft", "drafts", type=GIVEN, multiple=True, help="Policies that replace those of the same id or name."
)
@click.option(
    "--question", "questions", type=click.Choice(QUESTIONS), multiple=True, help="Only this; may be repeated."
)
@click.option("--invariants", type=GIVEN, help="The owner's invariants, a YAML file (docs/proofs.md).")
@map_option
@click.option("--as-if-on", is_flag=True, help="Take policies in report-only as if they were on.")
@click.option(
    "--enforced-by",
    type=click.Choice(["entra", "gateway"]),
    help="Whose means count; without it Entra's for --set, and those of our gateway for the service.",
)
@click.option("--leave-out-unreadable", is_flag=True, help="Prove without what cannot be read; else nothing is proved.")
@data_option
@json_option
def prove(
    paths: tuple[Path, ...],
    drafts: tuple[Path, ...],
    questions: tuple[str, ...],
    invariants: Path | None,
    mapping: tuple[MapShape, ...],
    as_if_on: bool,
    enforced_by: str | None,
    leave_out_unreadable: bool,
    data: Path | None,
    as_json: bool,
) -> None:
    """Prove statements about all sign-ins, or show a sign-in of which they are not true.

    Without --set the policies of the service are asked about. Exits 0 when everything that was asked is proved, 1 when
    not, 2 when something cannot be read or is missing.
    """
    # A question that was named and has nothing to be asked about must not look like one that was proved.
    for question, given, missing, remedy in (
        ("reach", invariants, "--invariants FILE", "docs/proofs.md shows how one is written"),
        ("tightening", drafts, "--draft FILE", "name the policies as they would be; they are held against the others"),
    ):
        if question in questions and not given:
            problem = Problem(code="questionNeeds", message=f"{question} needs {missing}", remedy=remedy)
            fail(problem, WRONG_USE, as_json=as_json)
    # Only now: the engine takes longer to import than most commands take.
    from assay.cli.prove_offline import Asked, prove_and_tell

    asked = Asked(
        paths=paths,
        drafts=drafts,
        questions=questions or QUESTIONS,
        invariants=invariants,
        mapping={each.old: each.new for each in mapping},
        as_if_on=as_if_on,
        gateway=(enforced_by or ("entra" if paths else "gateway")) == "gateway",
        leave_out_unreadable=leave_out_unreadable,
        data=data,
        as_json=as_json,
    )
    sys.exit(prove_and_tell(asked))
