"""`assay keys`: list, rotate and retire what seals and signs."""

from collections.abc import Callable
from pathlib import Path

import click

from assay.api.shapes.keys import KeyList, KeyShape, RetiredShape, RetireKeys, RotateKey, RotationShape
from assay.cli.client import Client
from assay.cli.durations import HOURS
from assay.cli.options import talks_to_service
from assay.cli.output import Output, when

KINDS = ("master", "assertion", "checkpoint", "derived", "ca", "certificate")
WORDS = {"next": "next", "inUse": "in use", "replaced": "replaced", "retired": "retired"}
NEXT_STEPS: dict[str, Callable[[RotationShape], tuple[str, ...]]] = {
    "master": lambda _: (
        "what older keys seal is being sealed anew; follow it with: assay keys show master",
        "when nothing is left: assay keys retire master",
    ),
    "assertion": lambda made: (
        f"apps see it now; it signs from {when(made.used_from)}; the one before retires itself",
    ),
    "checkpoint": lambda _: (
        "whoever pinned the old key follows the hand-over in the log; keep the new one elsewhere",
    ),
    "derived": lambda _: ("forget the one before: assay keys retire derived",),
    "ca": lambda _: (
        "run on every machine that trusts the old one: assay trust",
        "then let it sign: assay keys rotate ca --use; and forget the old one: assay keys retire ca",
    ),
    "certificate": lambda _: (),
}


@click.group()
def keys() -> None:
    """Rotate what seals and signs; nothing stops meanwhile."""


@keys.command("list")
@talks_to_service
def list_keys(client: Client, output: Output) -> None:
    """List every key, without its secret."""
    _table(client, output, kind="")


@keys.command("show")
@click.argument("kind", type=click.Choice(KINDS))
@talks_to_service
def show(client: Client, output: Output, kind: str) -> None:
    """List the keys of one KIND; for master also how much each still seals."""
    _table(client, output, kind=kind)


@keys.command("rotate")
@click.argument("kind", type=click.Choice(KINDS))
@click.option(
    "--in", "lead", type=HOURS, help="Use the new key only after so long, such as 30m or 2h (master, assertion)."
)
@click.option("--now", is_flag=True, help="Use it at once: the old one was stolen (assertion).")
@click.option("--write-to", type=click.Path(path_type=Path), help="Write the new key file there (master).")
@click.option("--use", is_flag=True, help="Let the next authority sign, now that it is trusted (ca).")
@click.option("--untrusted", is_flag=True, help="The old key was stolen: it hands nothing over (checkpoint).")
@talks_to_service
def rotate(
    client: Client,
    output: Output,
    kind: str,
    lead: float | None,
    *,
    now: bool,
    write_to: Path | None,
    use: bool,
    untrusted: bool,
) -> None:
    """Make a new key of this KIND."""
    seconds = None if lead is None else round(lead * 3600)
    body = RotateKey(after_seconds=seconds, at_once=now, write_to=_absolute(write_to), use=use, untrusted=untrusted)
    made, raw = client.post(f"/keys/{kind}/rotate", RotationShape, body)
    steps = () if use else NEXT_STEPS[kind](made)
    if untrusted:
        steps = ("nothing is handed over: keep the new key elsewhere, in place of the old one, with this instant",)
    if write_to is not None:
        steps = (
            f"the new key file is {write_to}; put it where the key comes from, on every node, and restart",
            "the rest follows by itself; watch it with: assay keys show master",
        )
    output.said(raw, f"new {kind} key {made.id}", *(f"  {step}" for step in steps))


@keys.command("retire")
@click.argument("kind", type=click.Choice(("master", "assertion", "derived", "ca")))
@click.option("--now", is_flag=True, help="Even if what it signed has not expired: it was stolen (assertion).")
@click.option("--write-to", type=click.Path(path_type=Path), help="Write the key file without them there (master).")
@click.option(
    "--gone", multiple=True, metavar="NODE", help="A node that never comes back: do not wait for it (master)."
)
@talks_to_service
def retire(
    client: Client, output: Output, kind: str, *, now: bool, write_to: Path | None, gone: tuple[str, ...]
) -> None:
    """Let go of keys of this KIND that newer ones replaced and that nothing needs any more."""
    body = RetireKeys(at_once=now, write_to=_absolute(write_to), gone=gone)
    retired, raw = client.post(f"/keys/{kind}/retire", RetiredShape, body)
    nothing = (
        f"no {kind} key can go yet; see: assay keys show {kind}" if kind == "master" else f"no {kind} key to retire"
    )
    output.said(raw, *(f"retired {kind} key {each}" for each in retired.ids) if retired.ids else (nothing,))


def _table(client: Client, output: Output, *, kind: str) -> None:
    found, raw = client.get("/keys", KeyList)
    shown = [each for each in found.value if kind in ("", each.kind)]
    output.table(raw, ("KIND", "STATE", "SINCE", "SEALS", "KEY"), map(_row, shown), empty="there are no such keys")


def _row(key: KeyShape) -> tuple[str, str, str, str, str]:
    return key.kind, WORDS[key.state], when(key.since), "" if key.seals is None else str(key.seals), key.id


def _absolute(path: Path | None) -> str:
    return "" if path is None else str(path.absolute())
