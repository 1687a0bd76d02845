"""Commands that work over the API as well: where no service runs on this machine, and somebody is logged in."""

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

import click
import msgspec

from assay.api.shapes.errors import Problem
from assay.cli.client import WRONG_USE, fail
from assay.cli.output import Output, yes
from assay.cli.told_cut import tell_cut
from assay.values import Value

if TYPE_CHECKING:
    from assay.cli.remote import Remote

# The API's largest page.
MOST: Final = 999


class User(Value, frozen=True, kw_only=True, rename="camel"):
    """A person in Graph's shape, as far as a list shows them."""

    id: str
    user_principal_name: str
    display_name: str = ""
    user_type: str = ""
    account_enabled: bool = False
    mail: str | None = None


class Users(Value, frozen=True, kw_only=True):
    """A page of people."""

    value: tuple[User, ...]
    next_link: str = msgspec.field(default="", name="@odata.nextLink")


class Policy(Value, frozen=True, kw_only=True, rename="camel"):
    """A policy in Graph's shape, as far as a list shows it."""

    id: str
    display_name: str
    state: str


class Policies(Value, frozen=True, kw_only=True):
    """Every policy."""

    value: tuple[Policy, ...]


class Cut(Value, frozen=True, kw_only=True, rename="camel"):
    """What was ended and cut."""

    sessions: int = 1
    connections_cut: int = 0
    connections_open: int = 0
    milliseconds: float = 0.0


class Revoked(Value, frozen=True, kw_only=True):
    """Graph's answer to the end of all sessions of a person, with ours in it."""

    assay: Cut = Cut()


def list_users(remote: "Remote", output: Output, *, search: str, after: str, limit: int) -> None:
    """`assay users list`; `after` is the address of the next page."""
    asked = {"$top": str(min(limit, MOST))} | ({"$search": f'"{search}"'} if search else {})
    raw = remote.get(after or f"/users?{urlencode(asked)}")
    page = msgspec.json.decode(raw, type=Users)
    output.table(
        raw,
        ("USER", "NAME", "KIND", "ENABLED", "EMAIL", "ID"),
        (
            (u.user_principal_name, u.display_name, u.user_type, yes(u.account_enabled), u.mail or "", u.id)
            for u in page.value
        ),
        empty="nobody",
    )
    if page.next_link and not output.as_json:
        click.echo(f"more: assay users list --after '{page.next_link}'", err=True)


def list_policies(remote: "Remote", output: Output) -> None:
    """`assay policy list`."""
    raw = remote.get("/identity/conditionalAccess/policies")
    found = msgspec.json.decode(raw, type=Policies)
    output.table(
        raw, ("POLICY", "STATE", "ID"), ((p.display_name, p.state, p.id) for p in found.value), empty="no policies"
    )


def revoke(remote: "Remote", output: Output, *, session: str | None, user: str | None, everybody: bool) -> None:
    """`assay sessions revoke`, of one session or one person."""
    if everybody or (session is None) == (user is None):
        problem = Problem(
            code="invalidInput",
            message="over the API, name one session or one person",
            remedy="use ID or --user; everybody's are ended on the service's machine",
        )
        fail(problem, WRONG_USE, as_json=output.as_json)
    if session is not None:
        raw = remote.post(f"/assay/sessions/{quote(session, safe='')}/revoke")
        done = msgspec.json.decode(raw, type=Cut)
    else:
        raw = remote.post(f"/users/{quote(user or '', safe='')}/revokeSignInSessions")
        done = msgspec.json.decode(raw, type=Revoked).assay
    tell_cut(
        output,
        raw,
        sessions=done.sessions,
        connections_cut=done.connections_cut,
        connections_open=done.connections_open,
        milliseconds=done.milliseconds,
    )
