"""`assay groups`."""

import click

from assay.api.shapes.groups import (
    GroupChange,
    GroupDetailsShape,
    GroupList,
    GroupShape,
    MembershipShape,
    NewGroup,
)
from assay.api.shapes.people import NameHolder
from assay.cli.client import Client, segment
from assay.cli.options import talks_to_service
from assay.cli.output import Output


@click.group()
def groups() -> None:
    """Group people and groups.

    A group is named by name or id.
    """


@groups.command("list")
@talks_to_service
def list_groups(client: Client, output: Output) -> None:
    """List every group."""
    found, raw = client.get("/groups", GroupList)
    rows = ((group.display_name, group.description, group.id) for group in found.value)
    output.table(raw, ("GROUP", "DESCRIPTION", "ID"), rows, empty="no groups")


@groups.command("add")
@click.argument("name")
@click.option("--description", default="", help="What it is for.")
@talks_to_service
def add(client: Client, output: Output, name: str, description: str) -> None:
    """Make a group."""
    group, raw = client.post("/groups", GroupShape, NewGroup(display_name=name, description=description))
    output.said(raw, f"{group.display_name} is a group now; its id is {group.id}")


@groups.command("show")
@click.argument("name")
@talks_to_service
def show(client: Client, output: Output, name: str) -> None:
    """Show one group with who is in it."""
    found, raw = client.get(f"/groups/{segment(name)}", GroupDetailsShape)
    output.facts(
        raw,
        (
            ("group", found.group.display_name),
            ("description", found.group.description),
            ("id", found.group.id),
            ("users", ", ".join(user.name for user in found.users)),
            ("groups", ", ".join(group.name for group in found.groups)),
            ("people in all", str(found.people)),
        ),
    )


@groups.command("edit")
@click.argument("name")
@click.option("--name", "new_name", help="A new name.")
@click.option("--description", help="What it is for.")
@talks_to_service
def edit(client: Client, output: Output, name: str, new_name: str | None, description: str | None) -> None:
    """Rename or describe a group."""
    body = GroupChange(display_name=new_name, description=description)
    group, raw = client.patch(f"/groups/{segment(name)}", GroupShape, body)
    output.said(raw, f"{group.display_name} is changed")


@groups.command("remove")
@click.argument("name")
@talks_to_service
def remove(client: Client, output: Output, name: str) -> None:
    """Remove a group, with the apps and roles that it gave."""
    group, raw = client.delete(f"/groups/{segment(name)}", GroupShape)
    output.said(raw, f"{group.display_name} is removed")


@groups.group("members")
def members() -> None:
    """Put people and groups into a group, and take them out."""


@members.command("add")
@click.argument("name")
@click.option("--user", help="The person to put in.")
@click.option("--group", help="The group to put in.")
@talks_to_service
def add_member(client: Client, output: Output, name: str, user: str | None, group: str | None) -> None:
    """Put a person or a group into the group NAME."""
    body = NameHolder(user=user, group=group)
    put, raw = client.post(f"/groups/{segment(name)}/members", MembershipShape, body)
    output.said(raw, f"{put.member.name} is in {put.group.display_name}" + ("" if put.changed else " already"))


@members.command("remove")
@click.argument("name")
@click.option("--user", help="The person to take out.")
@click.option("--group", help="The group to take out.")
@talks_to_service
def remove_member(client: Client, output: Output, name: str, user: str | None, group: str | None) -> None:
    """Take a person or a group out of the group NAME."""
    body = NameHolder(user=user, group=group)
    taken, raw = client.post(f"/groups/{segment(name)}/members/remove", MembershipShape, body)
    output.said(
        raw, f"{taken.member.name} is not in {taken.group.display_name}" + (" any more" if taken.changed else "")
    )
