"""`./run bench proofs`: every shipped question on published packs, all their policies switched on."""

import sys
from time import perf_counter, process_time

import click
from msgspec.structs import replace

from assay.cli.bench.figures import Figure, as_json, markdown, measured
from assay.cli.bench.processes import load_average
from assay.policy import CompiledPolicySet, PolicySet, PolicyState, compile_policies
from assay.policy.enforcement import EVERYTHING
from assay.policy.proof import EVERY, prove, read_invariants
from tests.policy.test_packs_decided import read_pack

TARGET = 10.0  # seconds for one question
MEANING = "Seconds of CPU of the one thread, unless a row says otherwise; the first row has the loading of Z3 in it."
INVARIANT = """
invariants:
  - name: two factors
    who: everyone
    reaches: any
    requires: {strength: mfa}
"""


def joined(count: int) -> PolicySet:
    """So many policies of the two published packs, all switched on."""
    packs = [
        read_pack(name).compiled.policy_set
        for name in ("AlexFilipin_ConditionalAccess", "j0eyv_ConditionalAccessBaseline")
    ]
    policies = [policy for pack in packs for policy in pack.policies][:count]
    return PolicySet(
        policies=tuple(replace(policy, state=PolicyState.ENABLED) for policy in policies),
        locations=tuple({each.id: each for pack in packs for each in pack.locations}.values()),
        strengths=tuple({each.id: each for pack in packs for each in pack.strengths}.values()),
    )


def loosened(policy_set: PolicySet) -> CompiledPolicySet:
    """The draft: the last half of the policies is off."""
    half = len(policy_set.policies) // 2
    return compile_policies(replace(policy_set, policies=policy_set.policies[:half]))


@click.command()
@click.option("--size", "sizes", type=int, multiple=True, default=(60, 90), show_default=True, help="Policies.")
@click.option("--json", "as_json_lines", is_flag=True, help="Print JSON.")
def proofs(*, sizes: tuple[int, ...], as_json_lines: bool) -> None:
    """What each question takes."""
    load, rows = load_average(), list[Figure]()
    for size in sizes:
        policy_set = joined(size)
        draft, whole = loosened(policy_set), compile_policies(policy_set)
        for question in EVERY:
            began, cpu = perf_counter(), process_time()
            asked = draft if question == "tightening" else whole
            answers = list(
                prove(asked, EVERYTHING, questions=[question], invariants=read_invariants(INVARIANT), in_force=whole)
            )
            took, used = perf_counter() - began, process_time() - cpu
            name = f"{len(policy_set.policies)} policies: {question}, {answers[0].result.value}"
            rows.append(Figure(name=name, value=used, unit="s", target=TARGET if size <= 60 else None))
            rows.append(Figure(name=f"{name}, by the clock", value=took, unit="s"))
    result = measured("Proofs", "./run bench proofs", rows, notes=[MEANING], load_before=load)
    click.echo(as_json(result).decode() if as_json_lines else markdown(result))
    if not result.met:
        sys.exit(1)
