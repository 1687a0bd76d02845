"""`assay policy roll-out`: a policy tried in report-only and on a few people, before it is on for everybody."""

import shlex
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, NoReturn, TypeVar

import click

from assay.api.shapes.errors import Problem
from assay.api.shapes.events import EventList
from assay.api.shapes.policies import FileShape, MapShape, PolicyList
from assay.api.shapes.rollouts import EvidenceShape, RolloutList, RolloutShape, RolloutStart, RolloutStep
from assay.cli.called import Called
from assay.cli.client import WRONG_USE, Client, fail, segment
from assay.cli.durations import HOURS
from assay.cli.options import talks_to_service
from assay.cli.output import Output, when
from assay.cli.policy_files import map_option, name_of, octets_of, override_option, waive_option
from assay.cli.policy_states import WORDS
from assay.cli.published_words import published_lines
from assay.cli.rollout_news import NEWS_READ, news_of
from assay.values.naming import typed_name

POLICIES: Final = "/identity/conditionalAccess/policies"
PATH: Final = f"{POLICIES}/rollouts"
STAGES: Final = {"reportOnly": "report-only", "cohort": "cohort", "on": "on"}
# What to type after a stage that nothing more is waited for in.
NEXT: Final = {"reportOnly": "--group GROUP", "cohort": "--everyone"}
SECONDS_OF_AN_HOUR: Final = 3600
F = TypeVar("F", bound=Callable[..., object])


def confirm_within_option(default: str | None) -> Callable[[F], F]:
    """How long a step that enforces waits for its confirmation."""
    return click.option(
        "--confirm-within",
        type=HOURS,
        default=default,
        show_default=default is not None,
        help="Go back unless it is confirmed in this time, 1s to 7d.",
    )


@click.group("roll-out")
def roll_out() -> None:
    """Try a policy in report-only and on a few people, before it is on for everybody.

    A step that enforces goes back by itself, unless somebody confirms it in time.
    """


@roll_out.command("start")
@click.argument("draft")
@click.option("--of", default="", metavar="NAME", help="The policy whose place the one in the file takes.")
@map_option
@waive_option
@override_option
@talks_to_service
def start(
    client: Client,
    output: Output,
    draft: str,
    of: str,
    mapping: tuple[MapShape, ...],
    waive: tuple[str, ...],
    override: str,
) -> None:
    """Begin with DRAFT in report-only: a file with one policy as exported, or the name of a policy that is not on.

    Where the policy is on with another text, the new text stands beside it as NAME (rollout), and nothing else changes.
    """
    path = Path(draft)
    file = FileShape(name=name_of(path), content=octets_of(path)) if path.is_file() else None
    if file is None and (of or not _names_a_policy(client, draft)):
        _no_draft(output, path, of)
    body = RolloutStart(of=of if file else of or draft, file=file, map=mapping, waive=waive, override=override)
    said(client, output, *client.post(PATH, RolloutShape, body))


@roll_out.command("advance")
@click.argument("name")
@click.option("--group", default="", metavar="GROUP", help="To the people of this group, as they are now.")
@click.option("--percent", type=click.IntRange(1, 100), help="To so many of a hundred people, chosen by a hash.")
@click.option("--everyone", is_flag=True, help="To everybody whom the policy is about.")
@confirm_within_option("10m")
@click.option("--no-confirm", is_flag=True, help="Let the step stand without a confirmation.")
@click.option("--anyway", is_flag=True, help="Also where an administrator was refused by the new text alone.")
@override_option
@talks_to_service
def advance(
    client: Client,
    output: Output,
    name: str,
    group: str,
    percent: int | None,
    everyone: bool,
    confirm_within: float,
    no_confirm: bool,
    anyway: bool,
    override: str,
) -> None:
    """Take the next step: to a cohort, or to everybody.

    Whoever joins the group later is not in the cohort. The step is to be confirmed in time, or it goes back.
    """
    body = RolloutStep(
        group=group,
        percent=percent or 0,
        everyone=everyone,
        confirm_within=0 if no_confirm else confirm_within * SECONDS_OF_AN_HOUR,
        anyway=anyway,
        override=override,
    )
    said(client, output, *client.post(f"{PATH}/{segment(name)}/advance", RolloutShape, body))


@roll_out.command("confirm")
@click.argument("name")
@talks_to_service
def confirm(client: Client, output: Output, name: str) -> None:
    """Let the last step stand."""
    said(client, output, *client.act(f"{PATH}/{segment(name)}/confirm", RolloutShape))


@roll_out.command("back")
@click.argument("name")
@talks_to_service
def back(client: Client, output: Output, name: str) -> None:
    """Go back to what stood before the last step, at once; from report-only, to before the rollout."""
    said(client, output, *client.act(f"{PATH}/{segment(name)}/back", RolloutShape))


@roll_out.command("list")
@talks_to_service
def list_rollouts(client: Client, output: Output) -> None:
    """List the rollouts that are not over."""
    found, raw = client.get(PATH, RolloutList)
    back = _unconfirmed(client) if found.value and not output.as_json else {}
    output.table(
        raw,
        ("STAGE", "POLICY", "PEOPLE", "SINCE", "BY", "CONFIRM BY", "WENT BACK"),
        (
            (
                STAGES.get(each.stage or "", each.stage or ""),
                each.policy,
                "" if each.people is None else str(each.people),
                when(each.since),
                each.by or "",
                "STUCK" if each.stuck else when(each.confirm_by),
                when(back.get(each.policy)),
            )
            for each in found.value
        ),
        empty="no policy is being rolled out; begin with: assay policy roll-out start DRAFT",
    )


@roll_out.command("show")
@click.argument("name")
@talks_to_service
def show(client: Client, output: Output, name: str) -> None:
    """Show a rollout, and what was decided since its stage began."""
    found, raw = client.get(f"{PATH}/{segment(name)}", RolloutShape)
    back = None if output.as_json else _unconfirmed(client).get(found.policy)
    output.said(raw, *_lines(found, back))


def said(client: Client, output: Output, found: RolloutShape, raw: bytes) -> None:
    """A rollout in lines, with what was proved of the step just taken; or its JSON."""
    output.said(raw, *_lines(found), *published_lines(found.published, Called(client)))


def _names_a_policy(client: Client, draft: str) -> bool:
    wanted = typed_name(draft)
    found, _ = client.get(POLICIES, PolicyList)
    return any(wanted in (each.id, typed_name(each.display_name)) for each in found.value)


def _no_draft(output: Output, path: Path, of: str) -> NoReturn:
    if path.is_dir():
        message, remedy = f"{str(path)!r} is a directory", "name one file with one policy"
    elif of:
        message, remedy = f"there is no file {str(path)!r}", "with --of the draft is a file; look at its path"
    else:
        message = f"there is neither a file nor a policy {str(path)!r}"
        remedy = "name a file with one policy as exported, or a policy of: assay policy list"
    fail(Problem(code="noDraft", message=message, remedy=remedy), WRONG_USE, as_json=output.as_json)


def _unconfirmed(client: Client) -> dict[str, datetime]:
    """When the last step of each policy went back, where that is the last that happened and nobody confirmed it."""
    events, _ = client.get("/events", EventList, code="rollout.", limit=NEWS_READ)
    return {policy: event.at for policy, event in news_of(events.value).items()}


def _lines(found: RolloutShape, went_back: datetime | None = None) -> Iterator[str]:
    name = shlex.quote(found.policy)
    if found.stage is None:
        state = "gone" if found.state is None else WORDS.get(found.state, found.state)
        yield f"{found.policy} is {state}; its rollout is over"
    else:
        yield f"{found.policy} is rolled out: {_stage(found)}, since {when(found.since)} by {found.by}"
    if went_back is not None:
        yield f"the step after that went back at {when(went_back)}: nobody confirmed it"
    if found.evidence is not None:
        yield from _evidence(found.evidence)
    yield from (
        f"unknown here: {each.kind} {each.id} in {each.path}; "
        f"go back, and start again with --map {each.id}=NEW or --waive {each.id}"
        for each in found.dangling
    )
    if found.stuck:
        yield f"NOT CONFIRMED IN TIME, AND CANNOT GO BACK: {found.stuck}"
    elif found.confirm_by is not None:
        yield f"it goes back at {when(found.confirm_by)}, unless: assay policy roll-out confirm {name}"
    elif found.stage in NEXT and not found.dangling:
        yield f"next: assay policy roll-out advance {name} {NEXT[found.stage]}"


def _stage(found: RolloutShape) -> str:
    if found.stage != "cohort":
        return STAGES.get(found.stage or "", found.stage or "")
    of = f"group {found.group}" if found.group else f"{found.percent} %"
    return f"cohort of {found.people} ({of})"


def _evidence(found: EvidenceShape) -> Iterator[str]:
    yield (
        f"decisions with the new text since {when(found.since)}: {found.decisions:,}"
        f"{'' if found.complete else ', and more that were not looked at'}"
    )
    if found.refused or found.stepped_up:
        would = ("would have refused", "would have asked") if found.reported else ("refused", "asked")
        yield f"  {would[0]}: {found.refused:,}, {would[1]} for more: {found.stepped_up:,}, people: {found.people:,}"
    if found.administrators:
        words = "WOULD HAVE REFUSED" if found.reported else "REFUSED"
        why = "" if found.shows is None else f"; why: assay explain {found.shows}"
        yield f"  {words} ADMINISTRATORS: {', '.join(found.administrators)}{why}"
