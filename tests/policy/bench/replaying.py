"""`./run bench replay`: a million sign-ins decided by each published pack, by columns and request by request."""

import sys
from datetime import datetime
from statistics import median
from time import thread_time

import click

from assay.cli.bench.figures import Figure, as_json, markdown, measured
from assay.cli.bench.processes import load_average
from assay.policy import CompiledPolicySet, decide
from assay.policy.columns import Columns
from assay.policy.request import AccessRequest
from assay.policy.simulate import simulate
from tests.policy.bench.sign_ins import SignIns
from tests.policy.test_packs_decided import read_pack

PACKS = ("j0eyv_ConditionalAccessBaseline", "AlexFilipin_ConditionalAccess")
SECONDS, CHUNK, SAMPLE = 5.0, 250_000, 2_000
MEANING = (
    "Seconds are CPU of the one thread. Timed is everything from signals and instants, as the log keeps them, to "
    "decisions: the columns are made, and every request gets its answer. Making up the sign-ins is not timed. "
    "Of each chunk two thousand requests are also decided alone, their answers compared, and their time taken for all: "
    "that is the floor."
)


@click.command()
@click.option("--sign-ins", "count", default=1_000_000, show_default=True)
@click.option("--json", "as_json_lines", is_flag=True, help="Print JSON.")
def replay(*, count: int, as_json_lines: bool) -> None:
    """What it costs to decide a month again."""
    load, rows = load_average(), list[Figure]()
    for pack in PACKS:
        rows += _figures(pack, read_pack(pack).compiled, count)
    command = f"./run bench replay --sign-ins {count}"
    result = measured("Replay", command, rows, notes=[MEANING], load_before=load)
    click.echo(as_json(result).decode() if as_json_lines else markdown(result))
    if not result.met:
        sys.exit(1)


def _figures(pack: str, compiled: CompiledPolicySet, count: int) -> list[Figure]:
    columns_took, decided_took, sorts, alone = 0.0, 0.0, 0, list[float]()
    made = SignIns(compiled.policy_set).decisions(count)
    left, distinct = count, 0
    while left:
        places, signals, rows, instants = dict[int, int](), list[AccessRequest](), list[int](), list[datetime]()
        for _ in range(min(CHUNK, left)):
            asked, at = next(made)
            if id(asked) not in places:
                places[id(asked)] = len(signals)
                signals.append(asked)
            rows.append(places[id(asked)])
            instants.append(at)
        left, distinct = left - len(rows), distinct + len(signals)
        began = thread_time()
        columns = Columns(signals, rows, instants)
        read = thread_time()
        answers = simulate(compiled, columns)
        decided = thread_time()
        columns_took, decided_took = columns_took + read - began, decided_took + decided - read
        sorts += len(answers.decisions)
        sample = {row: columns.request(row) for row in range(0, len(rows), max(1, len(rows) // SAMPLE))}
        alone.append(_alone(compiled, list(sample.values())))
        for row, request in sample.items():
            one = decide(compiled, compiled.subject(request.principal), request)
            # Both say what applies and why, to the word.
            assert (answers.of(row).outcome, answers.of(row).account) == (one.outcome, one.account), row
    took = columns_took + decided_took
    floor = median(alone) * count
    return [
        Figure(name=f"{pack}: policies", value=len(compiled.policies)),
        Figure(name=f"{pack}: {count:,} sign-ins", value=took, unit="s", target=SECONDS * count / 1_000_000),
        Figure(name=f"{pack}: distinct signals", value=distinct),
        Figure(name=f"{pack}: of these the columns", value=columns_took, unit="s"),
        Figure(name=f"{pack}: asked of the engine itself", value=sorts),
        Figure(name=f"{pack}: request by request (extrapolated)", value=floor, unit="s"),
        Figure(name=f"{pack}: request by request ÷ by columns", value=floor / took),
    ]


def _alone(compiled: CompiledPolicySet, asked: list[AccessRequest]) -> float:
    """Seconds for one, the person's mask made once as a service keeps it."""
    subjects = [compiled.subject(request.principal) for request in asked]
    began = thread_time()
    for subject, request in zip(subjects, asked, strict=True):
        decide(compiled, subject, request)
    return (thread_time() - began) / len(asked)
