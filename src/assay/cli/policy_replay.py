"""`assay policy replay`: what a draft would have made of the decisions that were made."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from assay.api.shapes.policies import MapShape
from assay.api.shapes.replays import ChangeShape, CountShape, ReplayReport, ReplayRequest
from assay.cli.client import Client
from assay.cli.durations import HOURS
from assay.cli.options import talks_to_service
from assay.cli.output import Output, when
from assay.cli.policy_files import file_shape, files_of, map_option
from assay.cli.policy_states import STATES

PATH: Final = "/identity/conditionalAccess/policies/replay"
WORDS: Final = {
    "refused": "newly refused",
    "steppedUp": "newly asked for more",
    "letIn": "newly let in",
    "asked": "asked for more, no longer refused",
    "limited": "let in as before, under other limits",
}
# How the policies of a change stand to it: those that ask or refuse now, or those that did.
BEHIND: Final = {"letIn": "kept out before by", "asked": "refused before by"}
SHOWN: Final = 20  # people and apps of one change; the JSON has all


@click.command()
@click.argument("draft", type=click.Path(exists=True, allow_dash=True, path_type=Path))
@click.option("--since", type=HOURS, default="30d", show_default=True, help="How far back, such as 12h or 30d.")
@click.option("--state", type=click.Choice(list(STATES)), help="Replay every policy of the draft with this state.")
@map_option
@talks_to_service
def replay(
    client: Client, output: Output, draft: Path, since: float, state: str | None, mapping: tuple[MapShape, ...]
) -> None:
    """Say who would newly be refused, asked for more, or let in by DRAFT, held against what was decided.

    A file: each of its policies takes the place of the one with its id, or is added. A directory takes the place of
    all policies. Nothing is stored.
    """
    body = ReplayRequest(
        files=tuple(map(file_shape, files_of((draft,)))),
        map=mapping,
        state=None if state is None else STATES[state],
        whole=draft.is_dir(),
        since=datetime.now(UTC) - timedelta(hours=since),
    )
    report, raw = client.post(PATH, ReplayReport, body)
    output.said(raw, *report_lines(report))


def report_lines(found: ReplayReport) -> Iterator[str]:
    """What came of it as people read it."""
    drafted = ", ".join(found.drafted)
    yield f"draft: {drafted} {'in place of all policies' if found.whole else 'beside the other policies'}"
    if found.not_on:
        which = "the draft" if len(found.not_on) == len(found.drafted) else ", ".join(found.not_on)
        yield f"{which}: off or report-only, so nothing of it counts; --state on replays it as if it were on"
    for each in found.dangling[:SHOWN]:
        yield (
            f"unknown here, so nothing is meant by it: {each.kind} {each.id} in {each.path}; "
            f"to say what it means: --map {each.id}=NEW"
        )
    if len(found.dangling) > SHOWN:
        yield f"and {len(found.dangling) - SHOWN} more ids that are unknown here (--json has all)"
    if found.first is None or found.last is None:
        yield "nothing was decided in this time"
        return
    yield f"{found.decisions:,} decisions, from {when(found.first)} to {when(found.last)}"
    yield f"unchanged: {found.unchanged:,}"
    for change in found.changes:
        yield from _change(change)
    if found.unasked:
        yield f"no policy was asked: {found.unasked:,}"
    if found.unreadable:
        yield f"NOT REPLAYED, because they or their signals are not kept or cannot be read: {found.unreadable:,}"
    if found.without_set:
        yield f"compared with what was recorded alone, because the policies of then are not kept: {found.without_set:,}"
    if found.differently:
        yield (
            f"BY TODAY'S ENGINE THE POLICIES OF THEN ANSWER DIFFERENTLY: {found.differently:,}, "
            f"such as {found.differently_example} (assay explain)"
        )


def _change(found: ChangeShape) -> Iterator[str]:
    if not found.count:
        return
    own, word = found.count - found.already, WORDS.get(found.change, found.change)
    if not own:
        yield f"{word}: 0 by the draft ({found.already:,} already by the policies in force)"
        return
    already = f" by the draft, and {found.already:,} already by the policies in force; together:"
    yield f"{word}: {own:,}{already if found.already else ''}"
    yield from _counts(BEHIND.get(found.change, "by"), found.policies)
    yield from _counts("at", found.apps)
    yield from _counts("", found.people)
    if found.beyond:
        yield f"  and {found.beyond:,} of more people than are counted"


def _counts(word: str, counts: tuple[CountShape, ...]) -> Iterator[str]:
    for each in counts[:SHOWN]:
        yield f"  {word}{' ' if word else ''}{each.name or 'nobody known'}: {each.count:,}, such as {each.example}"
    if len(counts) > SHOWN:
        yield f"  … and {len(counts) - SHOWN:,} more; --json has all"
