"""`assay events`: follow, search, verify and export the log."""

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from assay.api.shapes.errors import Problem
from assay.api.shapes.events import EventList, EventShape, FindingShape, VerificationShape, VerifyRequest
from assay.cli.client import REFUSED, WRONG_USE, Client, fail
from assay.cli.options import talks_to_service
from assay.cli.output import Output, plain, when

INSTANT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%SZ"])


@click.group()
def events() -> None:
    """Follow, search, verify and export the log."""


@events.command("tail")
@click.option("-n", "--count", type=click.IntRange(0, 1_000), default=20, help="Begin with so many; 20.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes.")
@talks_to_service
def tail(client: Client, output: Output, count: int, follow: bool) -> None:
    """Print the newest events in order; as JSON, an object a line."""
    for line in client.lines("/events/tail", count=count, follow=follow):
        click.echo(line if output.as_json else plain(_line(msgspec.json.decode(line, type=EventShape))))


@events.command("search")
@click.argument("text", required=False)
@click.option("--code", help="A type such as user.disabled, or its beginning with a dot: rollout.")
@click.option("--user", help="About this person.")
@click.option("--app", help="About this app.")
@click.option("--session", help="In this session, by id.")
@click.option("--since", type=INSTANT, help="From this instant on (UTC).")
@click.option("--until", type=INSTANT, help="Before this instant (UTC).")
@click.option("--outcome", type=click.Choice(["success", "failure", "other"]), help="How it went.")
@click.option("--before", type=int, help="Go on after the page that ended with this number.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=100, help="At most so many; 100.")
@talks_to_service
def search(
    client: Client,
    output: Output,
    text: str | None,
    code: str | None,
    user: str | None,
    app: str | None,
    session: str | None,
    since: datetime | None,
    until: datetime | None,
    outcome: str | None,
    before: int | None,
    limit: int,
) -> None:
    """List events, newest first; TEXT is looked for anywhere in them."""
    page, raw = client.get(
        "/events",
        EventList,
        text=text,
        code=code,
        user=user,
        app=app,
        session=session,
        since=_utc(since),
        until=_utc(until),
        outcome=outcome,
        before=before,
        limit=limit,
    )
    output.said(raw, *(map(_line, page.value) if page.value else (_none(code),)))
    if page.cursor is not None and not output.as_json:
        click.echo(f"more: --before {page.cursor}", err=True)


def _none(code: str | None) -> str:
    """A type has a dot within; without one, many are meant."""
    meant = code is not None and "." not in code
    return f"no events of the type {code!r}; of all that begin so: --code {code}." if meant else "no events"


@events.command("verify")
@click.argument("exported", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--checkpoint",
    "--checkpoints",
    "checkpoint",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of checkpoints that was kept elsewhere.",
)
@click.option(
    "--key",
    "keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A file with the key that signs checkpoints (name+hash+base64), kept elsewhere; again for each.",
)
@talks_to_service
def verify(
    client: Client, output: Output, exported: Path | None, checkpoint: Path | None, keys: tuple[Path, ...]
) -> None:
    """Find edited, deleted, inserted and cut-off records; exit 1 where there is one.

    Verifies the running service's log, or without any service the file EXPORTED by `assay events export`, which
    needs --key. Without a checkpoint kept elsewhere, a log that was rewritten as a whole looks good.
    """
    points = "" if checkpoint is None else checkpoint.read_text(encoding="utf-8", errors="replace")
    known = tuple(line for path in keys for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    if exported is None:
        verdict, raw = client.post("/events/verify", VerificationShape, VerifyRequest(checkpoints=points, keys=known))
    else:
        verdict = _verify_file(exported, points, known, as_json=output.as_json)
        raw = msgspec.json.encode(verdict)
    output.said(raw, *_verdict(verdict))
    if not verdict.ok:
        sys.exit(REFUSED)


@events.command("export")
@click.option("-o", "--output", "path", type=click.Path(dir_okay=False, path_type=Path), help="Into this file.")
@talks_to_service
def export(client: Client, output: Output, path: Path | None) -> None:
    """Write every event as OCSF, a JSON object a line, with what an outsider needs to verify them."""
    chunks = client.chunks("/events/export")
    if path is None:
        for chunk in chunks:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        return
    count = _write(path, chunks)
    output.said(msgspec.json.encode({"events": count, "file": str(path)}), f"{count} events in {path}")


def _write(path: Path, chunks: Iterable[bytes]) -> int:
    """Whoever may read the log may read this file, and nobody else."""
    count = 0
    path.touch(mode=0o600)
    with path.open("wb") as file:
        for chunk in chunks:
            count += chunk.count(b"\n")
            file.write(chunk)
    return count


def _verify_file(exported: Path, points: str, keys: tuple[str, ...], *, as_json: bool) -> VerificationShape:
    # Here and not above: only this command needs the engine room without a service.
    from assay.events import parse_verifier, verify_export
    from assay.values import InvalidInputError

    if not keys:
        problem = Problem(code="noKey", message="an exported file needs --key FILE", remedy="see: assay doctor --json")
        fail(problem, WRONG_USE, as_json=as_json)
    try:
        verifiers = tuple(map(parse_verifier, keys))
        with exported.open("rb") as lines:
            verdict = verify_export((line for line in lines if line.strip()), points, verifiers)
    except InvalidInputError as error:
        problem = Problem(code="invalidInput", message=error.message, remedy=error.remedy)
        fail(problem, WRONG_USE, as_json=as_json)
    return VerificationShape(
        ok=verdict.ok,
        size=verdict.size,
        root=None if verdict.root is None else verdict.root.hex(),
        findings=tuple(FindingShape(kind=f.kind.value, first=f.first, last=f.last) for f in verdict.findings),
        more_findings=verdict.more_findings,
        erased=sum(each.last - each.first + 1 for each in verdict.erased),
        decisions=verdict.decisions,
        anchored=verdict.anchored,
        anchored_outside=verdict.anchored_outside,
    )


def _verdict(verdict: VerificationShape) -> Iterator[str]:
    yield f"{'good' if verdict.ok else 'NOT GOOD'}: {verdict.size} records, {verdict.decisions} decisions"
    for finding in verdict.findings:
        last = f" to {finding.last}" if finding.last != finding.first else ""
        yield f"  {finding.kind}: record {finding.first}{last}"
    if verdict.more_findings:
        yield f"  and {verdict.more_findings} more"
    if verdict.erased:
        yield f"  erased on the record: {verdict.erased}"
    outside = verdict.anchored_outside
    yield f"  proved by signed checkpoints: the first {verdict.anchored}; by one kept elsewhere: the first {outside}"


def _line(event: EventShape) -> str:
    reason = f" ({event.reason})" if event.reason else ""
    return f"{event.number:>6} {when(event.at)} {event.code:<22} {event.actor} {event.about}{reason}".rstrip()


def _utc(instant: datetime | None) -> str | None:
    return None if instant is None else instant.replace(tzinfo=UTC).isoformat()
