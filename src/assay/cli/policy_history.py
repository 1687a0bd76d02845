"""`assay policy versions`, `diff`, `restore`: what a policy was, what differs, and how it was before stored anew."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from assay.api.shapes.policies import FileShape, PolicyShape
from assay.api.shapes.policy_history import (
    Differences,
    DifferenceShape,
    DiffRequest,
    SideShape,
    VersionList,
    VersionToRestore,
)
from assay.cli.called import Called
from assay.cli.client import Client, segment
from assay.cli.options import talks_to_service
from assay.cli.output import Output
from assay.cli.policy_files import override_option
from assay.cli.published_words import WORDS, published_lines

BASE: Final = "/identity/conditionalAccess/policies"
STATES: Final = {"enabled": "on", "disabled": "off", "enabledForReportingButNotEnforced": "report-only"}
_AT_VERSION: Final = re.compile(r"(?P<name>.+)@(?P<version>[0-9]{1,9})")


@click.command()
@click.argument("name")
@talks_to_service
def versions(client: Client, output: Output, name: str) -> None:
    """List every version that a policy ever had, the last first; a policy that is gone is named by its id.

    EFFECT says of all that was published with it whether whoever is let in now was let in before (tightens) or not
    (loosens); it is empty where nothing that decides changed. With --json each has what was proved.
    """
    found, raw = client.get(f"{BASE}/{segment(name)}/versions", VersionList)
    output.table(
        raw,
        ("VERSION", "WHEN", "BY", "STATE", "EFFECT", "POLICY"),
        (
            (
                str(each.version),
                f"{each.at:%Y-%m-%d %H:%M:%S}",
                each.by or "",
                "removed" if each.state is None else STATES.get(each.state, each.state),
                WORDS.get(each.effect or "", each.effect or ""),
                each.display_name or "",
            )
            for each in found.value
        ),
        empty="this policy has no versions",
    )


@click.command()
@click.argument("before")
@click.argument("after")
@talks_to_service
def diff(client: Client, output: Output, before: str, after: str) -> None:
    """Say what differs between two policies, condition by condition.

    Each is the name or id of a policy, NAME@3 for its third version, or a file with one policy as exported.
    """
    found, raw = client.post(f"{BASE}/diff", Differences, DiffRequest(before=_side(before), after=_side(after)))
    lines = [line for each in found.value for line in _lines(each)]
    output.said(raw, *(lines or ["they say the same"]))


@click.command()
@click.argument("name")
@click.argument("version", type=click.IntRange(min=1))
@override_option
@talks_to_service
def restore(client: Client, output: Output, name: str, version: int, override: str) -> None:
    """Store a version of before as a new one; a policy that is gone comes back by its id."""
    body = VersionToRestore(version=version, override=override)
    found, raw = client.post(f"{BASE}/{segment(name)}/restore", PolicyShape, body)
    state = STATES.get(found.state, found.state)
    said = f"{found.display_name} is as it was in version {version}, and {state}"
    output.said(raw, said, *published_lines(found.published, Called(client)))


def _side(text: str) -> SideShape:
    """A file where there is one, else a policy."""
    path = Path(text)
    if path.is_file():
        return SideShape(file=FileShape(name=text, content=path.read_bytes()))
    named = _AT_VERSION.fullmatch(text)
    return SideShape(name=text) if named is None else SideShape(name=named["name"], version=int(named["version"]))


def _lines(found: DifferenceShape) -> Iterator[str]:
    if found.added or found.removed:
        yield f"{found.what}:"
        yield from (f"  + {each}" for each in found.added)
        yield from (f"  - {each}" for each in found.removed)
    else:
        yield f"{found.what}: {found.before or 'not configured'} -> {found.after or 'not configured'}"
