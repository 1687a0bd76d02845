"""`assay users`: people, their enrolment links, methods and roles."""

import click

from assay.api.shapes.people import (
    EndedShape,
    HeldRoleList,
    HeldRoleShape,
    MethodList,
    NewLink,
    NewUser,
    RoleChange,
    RoleList,
    UnlockedShape,
    UserChange,
    UserDetailsShape,
    UserList,
    UserShape,
    WelcomeShape,
)
from assay.cli import elsewhere
from assay.cli.client import Client, segment
from assay.cli.durations import HOURS
from assay.cli.options import talks_to_either, talks_to_service
from assay.cli.output import Output, when, yes
from assay.cli.resets import reset
from assay.cli.typed import typed

KINDS = click.Choice(["member", "guest", "customer"])


@click.group()
def users() -> None:
    """Add, change, disable and remove people.

    A person is named by user name or id.
    """


@users.command("add")
@click.argument("name")
@click.option("--display-name", default="", help="The name that people read; else the user name.")
@click.option("--kind", type=KINDS, default="member", help="How the person belongs here; member.")
@click.option("--email", default="", help="The person's mail address.")
@click.option("--expires", type=HOURS, default="24h", help="How long the link works, such as 30m, 24h or 7d; 24h.")
@talks_to_service
def add(client: Client, output: Output, name: str, display_name: str, kind: str, email: str, expires: float) -> None:
    """Add a person and print the one-time link for the first methods."""
    body = NewUser(user_principal_name=name, display_name=display_name, user_type=kind, mail=email, link_hours=expires)
    _welcome(output, *client.post("/users", WelcomeShape, body))


@users.command("enrol")
@click.argument("name")
@click.option("--expires", type=HOURS, default="24h", help="How long the link works, such as 30m, 24h or 7d; 24h.")
@click.option("--recover", is_flag=True, help="Beside the methods there are; you alone answer for it.")
@talks_to_service
def enrol(client: Client, output: Output, name: str, expires: float, recover: bool) -> None:
    """Print a new one-time link; an earlier one that was not used is void."""
    body = NewLink(link_hours=expires, recover=recover)
    _welcome(output, *client.post(f"/users/{segment(name)}/enrolmentLinks", WelcomeShape, body))


@users.command("list")
@click.argument("search", default="")
@click.option("--after", default="", help="Go on after the page that ended with this.")
@click.option("--limit", type=click.IntRange(1, 1_000), default=100, help="At most so many; 100.")
@talks_to_either(elsewhere.list_users)
def list_users(client: Client, output: Output, search: str, after: str, limit: int) -> None:
    """List people whose name or address holds SEARCH."""
    page, raw = client.get("/users", UserList, search=search, after=after, limit=limit)
    output.table(
        raw,
        ("USER", "NAME", "KIND", "ENABLED", "EMAIL", "ID"),
        (
            (u.user_principal_name, u.display_name, u.user_type, yes(u.account_enabled), u.mail, u.id)
            for u in page.value
        ),
        empty="nobody",
    )
    if page.next and not output.as_json:
        click.echo(typed(f"more: assay users list --after {page.next}"), err=True)


@users.command("show")
@click.argument("name")
@talks_to_service
def show(client: Client, output: Output, name: str) -> None:
    """Show one person with methods, groups, roles and apps."""
    found, raw = client.get(f"/users/{segment(name)}", UserDetailsShape)
    held = found.methods
    ways = (
        ("password", held.password),
        ("TOTP", held.totp),
        (f"{held.passkeys} passkeys", held.passkeys > 0),
        (f"{held.recovery_codes} recovery codes", held.recovery_codes > 0),
    )
    output.facts(
        raw,
        (
            *_facts(found.user),
            ("methods", ", ".join(name for name, has in ways if has) or "none"),
            ("groups", ", ".join(group.name for group in found.groups)),
            ("roles", ", ".join(role.name for role in found.roles)),
            ("apps", ", ".join(app.name for app in found.apps)),
        ),
    )


@users.command("edit")
@click.argument("name")
@click.option("--user-name", help="A new user name.")
@click.option("--display-name", help="A new name that people read.")
@click.option("--kind", type=KINDS, help="How the person belongs here.")
@click.option("--email", help="A new mail address; empty takes it away.")
@talks_to_service
def edit(
    client: Client,
    output: Output,
    name: str,
    user_name: str | None,
    display_name: str | None,
    kind: str | None,
    email: str | None,
) -> None:
    """Change a person."""
    body = UserChange(user_principal_name=user_name, display_name=display_name, user_type=kind, mail=email)
    user, raw = client.patch(f"/users/{segment(name)}", UserShape, body)
    output.facts(raw, _facts(user))


@users.command("disable")
@click.argument("name")
@talks_to_service
def disable(client: Client, output: Output, name: str) -> None:
    """Shut a person out at once: every session ends."""
    ended, raw = client.act(f"/users/{segment(name)}/disable", EndedShape)
    output.said(raw, f"{ended.user.user_principal_name} is disabled; sessions ended: {ended.sessions_ended}")


@users.command("enable")
@click.argument("name")
@talks_to_service
def enable(client: Client, output: Output, name: str) -> None:
    """Let a person in again."""
    user, raw = client.act(f"/users/{segment(name)}/enable", UserShape)
    output.said(raw, f"{user.user_principal_name} is enabled")


@users.command("remove")
@click.argument("name")
@talks_to_service
def remove(client: Client, output: Output, name: str) -> None:
    """Forget a person; whoever gets the name later is somebody else."""
    ended, raw = client.delete(f"/users/{segment(name)}", EndedShape)
    output.said(raw, f"{ended.user.user_principal_name} is removed; sessions ended: {ended.sessions_ended}")


@users.command("unlock")
@click.argument("name")
@talks_to_service
def unlock(client: Client, output: Output, name: str) -> None:
    """Look at a person's passwords and codes again, after too many failed on unknown devices."""
    unlocked, raw = client.act(f"/users/{segment(name)}/unlock", UnlockedShape)
    methods = ", ".join(unlocked.methods) or "nothing was locked"
    output.said(raw, f"{unlocked.user.user_principal_name} can try again: {methods}")


users.add_command(reset)


@users.group("methods")
def methods() -> None:
    """See and remove sign-in methods."""


@methods.command("list")
@click.argument("name")
@talks_to_service
def list_methods(client: Client, output: Output, name: str) -> None:
    """List what a person has registered."""
    _methods(output, *client.get(f"/users/{segment(name)}/authentication/methods", MethodList))


@methods.command("remove")
@click.argument("name")
@click.argument("method")
@talks_to_service
def remove_method(client: Client, output: Output, name: str, method: str) -> None:
    """Take METHOD (an id of the list) from a person; print what is left."""
    path = f"/users/{segment(name)}/authentication/methods/{segment(method)}"
    _methods(output, *client.delete(path, MethodList))


@users.group("roles")
def roles() -> None:
    """Give and take directory roles."""


@roles.command("list")
@click.option("--available", is_flag=True, help="List the roles there are instead of who holds them.")
@talks_to_service
def list_roles(client: Client, output: Output, available: bool) -> None:
    """List who holds which role."""
    if available:
        known, raw = client.get("/directoryRoles", RoleList)
        rows = ((role.display_name, "privileged" if role.is_privileged else "", role.id) for role in known.value)
        output.table(raw, ("ROLE", "", "ID"), rows, empty="no roles")
        return
    held, raw = client.get("/roleAssignments", HeldRoleList)
    output.table(
        raw,
        ("ROLE", "KIND", "HOLDER"),
        ((each.role.display_name, each.holder.kind, each.holder.name) for each in held.value),
        empty="nobody holds a role",
    )


@roles.command("assign")
@click.argument("role")
@click.option("--user", help="The person who gets it.")
@click.option("--group", help="The group whose people get it.")
@talks_to_service
def assign(client: Client, output: Output, role: str, user: str | None, group: str | None) -> None:
    """Give ROLE, by name or template id, to a person or a group."""
    held, raw = client.post("/roleAssignments", HeldRoleShape, RoleChange(role=role, user=user, group=group))
    already = "" if held.changed else " already"
    output.said(raw, f"{held.holder.name} holds {held.role.display_name}{already}")


@roles.command("remove")
@click.argument("role")
@click.option("--user", help="The person who loses it.")
@click.option("--group", help="The group whose people lose it.")
@talks_to_service
def remove_role(client: Client, output: Output, role: str, user: str | None, group: str | None) -> None:
    """Take ROLE from a person or a group."""
    held, raw = client.post("/roleAssignments/remove", HeldRoleShape, RoleChange(role=role, user=user, group=group))
    output.said(
        raw, f"{held.holder.name} does not hold {held.role.display_name}" + (" any more" if held.changed else "")
    )


def _facts(user: UserShape) -> tuple[tuple[str, str], ...]:
    return (
        ("user", user.user_principal_name),
        ("name", user.display_name),
        ("kind", user.user_type),
        ("email", user.mail),
        ("enabled", yes(user.account_enabled)),
        ("created", when(user.created_date_time)),
        ("id", user.id),
    )


def _welcome(output: Output, welcome: WelcomeShape, raw: bytes) -> None:
    output.said(
        raw,
        f"{welcome.user.user_principal_name} registers sign-in methods here, once, until "
        f"{when(welcome.expires_date_time)}; this link is not shown again:",
        f"  {welcome.enrolment_url}",
    )


def _methods(output: Output, found: MethodList, raw: bytes) -> None:
    output.table(
        raw,
        ("METHOD", "NAME", "SINCE", "LAST USED", "ID"),
        (
            (
                each.kind,
                each.name if each.remaining is None else f"{each.remaining} left",
                when(each.since),
                when(each.last_used),
                each.id,
            )
            for each in found.value
        ),
        empty="no methods; a new link: assay users enrol NAME",
    )
