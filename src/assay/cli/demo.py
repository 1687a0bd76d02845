"""`assay demo`: where the demo is, and how to sign in."""

from pathlib import Path
from typing import Final

import click
import msgspec

from assay.api.shapes.errors import Problem
from assay.cli.client import UNREACHABLE, fail
from assay.cli.find_service import demo_directory
from assay.cli.options import data_option, json_option
from assay.cli.output import Output
from assay.values import Stored

FILE: Final = "demo.json"


class DemoPerson(Stored, frozen=True, kw_only=True, rename=None):
    """A person of the demo and how to sign in as that person."""

    user: str
    password: str
    totp_secret: str
    groups: tuple[str, ...]
    roles: tuple[str, ...]


class DemoApp(Stored, frozen=True, kw_only=True, rename=None):
    """An app of the demo."""

    name: str
    url: str


class DemoInfo(Stored, frozen=True, kw_only=True, rename=None):
    """`<data>/demo.json`: `address` is what to connect to, since `*.localhost` does not resolve everywhere."""

    url: str
    address: str
    ca_file: str
    people: tuple[DemoPerson, ...]
    apps: tuple[DemoApp, ...]


@click.group()
def demo() -> None:
    """Where the demo is, and how to sign in."""


@demo.command("info")
@data_option
@json_option
def info(data: Path | None, as_json: bool) -> None:
    """Print addresses, people with their passwords and TOTP secrets, and apps of the demo."""
    path = (data or demo_directory()) / FILE
    try:
        content = path.read_bytes()
        found = msgspec.json.decode(content, type=DemoInfo)
    except (OSError, msgspec.MsgspecError) as error:
        problem = Problem(
            code="noDemo",
            message=f"there is no demo in {path.parent} ({error})",
            remedy="start it with: assay up --demo",
        )
        fail(problem, UNREACHABLE, as_json=as_json)
    output = Output(as_json=as_json)
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    output.facts(content, (("url", found.url), ("address", found.address), ("CA certificate", found.ca_file)))
    click.echo()
    output.table(
        content,
        ("USER", "PASSWORD", "TOTP SECRET", "GROUPS", "ROLES"),
        (
            (person.user, person.password, person.totp_secret, ", ".join(person.groups), ", ".join(person.roles))
            for person in found.people
        ),
        empty="nobody",
    )
    click.echo()
    output.table(content, ("APP", "URL"), ((app.name, app.url) for app in found.apps), empty="no apps")
