"""`assay explain`: a recorded decision, made again."""

import sys
from collections.abc import Iterator
from typing import Final

import click
import msgspec
from msgspec.structs import replace

from assay.api.shapes.decisions import DecisionShape, ExplainedPolicyShape, OthersShape, WayInShape
from assay.cli.client import REFUSED, Client, segment
from assay.cli.options import talks_to_service
from assay.cli.output import Output, when
from assay.cli.way_in_words import way_in_words

PAGE: Final = 100
SAME = {
    True: "made again from what was kept, it comes out the same",
    False: "MADE AGAIN FROM WHAT WAS KEPT, IT COMES OUT DIFFERENTLY",
    None: "no policy was asked; the reason says why",
}


@click.command()
@click.argument("decision")
@click.option("--all", "every", is_flag=True, help="Each policy that does not apply, too.")
@talks_to_service
def explain(client: Client, output: Output, decision: str, *, every: bool) -> None:
    """Explain DECISION, by id or by the short code that a refused person reads out.

    It is made again from the kept policies and signals; exit 1 when that does not come out the same.
    """
    found, raw = client.get(f"/decisions/{segment(decision)}", DecisionShape)
    if every:
        found = _with_others(client, found)
        raw = msgspec.json.encode(found)
    output.said(raw, *_lines(found))
    if found.same is False:
        sys.exit(REFUSED)


def _with_others(client: Client, found: DecisionShape) -> DecisionShape:
    others = list(found.others.policies)
    while len(others) < found.others.count:
        page, _ = client.get(f"/decisions/{segment(found.id)}", DecisionShape, others=PAGE, othersAfter=len(others))
        if not page.others.policies:
            break
        others += page.others.policies
    return replace(found, others=replace(found.others, policies=tuple(others)))


def _way_in(found: WayInShape) -> str:
    changes = None if found.changes is None else [(each.change, each.subject) for each in found.changes]
    return way_in_words(changes, exhaustive=found.exhaustive)


def _others(found: OthersShape) -> Iterator[str]:
    if not found.count:
        return
    told = [f"{each.condition} {each.count}" for each in found.by_condition]
    if found.disabled:
        told.append(f"switched off {found.disabled}")
    more = "" if found.policies else "; --all tells of each"
    yield ""
    yield f"{found.count} {'policy does' if found.count == 1 else 'policies do'} not apply: {', '.join(told)}{more}"
    for policy in found.policies:
        yield ""
        yield from _policy(policy)


def _lines(found: DecisionShape) -> Iterator[str]:
    repeated = f", {found.count} times until {when(found.last_at)}" if found.count > 1 else ""
    yield f"{found.outcome}: {found.user or found.asked.user_id} to {found.app or found.asked.target}"
    yield f"  {found.code} ({found.id}), {when(found.at)}{repeated}"
    asked = found.asked
    yield f"  assignment: {found.assignment}; conditional access: {found.conditional_access}"
    for reason in found.reasons:
        told = ", ".join(f"{name} {value}" for name, value in reason.parameters.items())
        yield f"  reason: {reason.code}{f' ({told})' if told else ''}"
    yield f"  proved: {', '.join(asked.methods) or 'nothing'}"
    if found.way_in is not None:
        yield f"  would let them in: {_way_in(found.way_in)}"
    yield f"  {SAME[found.same]} (engine then {found.engine_then}, now {found.engine_now})"
    for policy in found.policies:
        yield ""
        yield from _policy(policy)
    yield from _others(found.others)


def _policy(policy: ExplainedPolicyShape) -> Iterator[str]:
    yield f"{policy.result}: {policy.display_name} [{policy.state}]"
    for condition in policy.conditions:
        if not condition.configured and not condition.undecided:
            continue
        matched = "matched" if condition.satisfied else "not matched"
        rules = ", ".join((*condition.include, *(f"excluded by {rule}" for rule in condition.exclude)))
        undecided = f"; not decided: {', '.join(condition.undecided)}" if condition.undecided else ""
        why = f" ({rules})" if rules else ""
        yield f"  {condition.condition}: {condition.value or 'unknown'} {matched}{why}{undecided}"
    for control in policy.controls:
        if control.satisfied:
            by = f" by {', '.join(control.satisfied_by)}" if control.satisfied_by else ""
            yield f"  {control.control}: satisfied{by}"
        else:
            lacks = f"; lacks {' + '.join(control.missing)}" if control.missing else ""
            yield f"  {control.control}: not satisfied{lacks}"
