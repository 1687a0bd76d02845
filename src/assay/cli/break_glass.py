"""`assay break-glass`: the emergency access accounts."""

import click

from assay.api.shapes.break_glass import (
    BreakGlassLink,
    BreakGlassShape,
    BreakGlassUseList,
    BreakGlassUseShape,
    DrillShape,
    EnrolBreakGlass,
    Review,
)
from assay.cli.client import Client, segment
from assay.cli.options import talks_to_service
from assay.cli.output import Output, when, yes


@click.group("break-glass")
def break_glass() -> None:
    """Set up, drill and review the two emergency access accounts."""


@break_glass.command("list")
@talks_to_service
def list_accounts(client: Client, output: Output) -> None:
    """List the accounts and what is due."""
    found, raw = client.get("/breakGlass", BreakGlassShape)
    output.table(
        raw,
        ("N", "USER", "PASSKEYS", "LAST USED", "LAST DRILL", "DRILL DUE", "NEW KEYS DUE"),
        (
            (
                str(each.number),
                each.user,
                str(each.passkeys),
                when(each.last_emergency),
                when(each.last_drill),
                yes(each.drill_due),
                yes(each.rotation_due),
            )
            for each in found.accounts
        ),
        empty="there are none: they are made when the service starts",
    )


@break_glass.command("enrol")
@click.argument("number", type=click.IntRange(1, 2))
@click.option("--replace", is_flag=True, help="Take the keys that the account has: after each use, or a loss.")
@talks_to_service
def enrol(client: Client, output: Output, number: int, replace: bool) -> None:
    """Print a one-time link by which account NUMBER registers a passkey."""
    body = EnrolBreakGlass(replace=replace)
    link, raw = client.post(f"/breakGlass/{number}/enrolmentLinks", BreakGlassLink, body)
    output.said(
        raw,
        f"account {number} registers a hardware key here, once, until {when(link.expires_date_time)}; "
        "this link is not shown again:",
        f"  {link.enrolment_url}",
        "Register two keys. Give the keys to one person and their PINs to another, and keep them in two places.",
    )


@break_glass.command("drill")
@talks_to_service
def drill(client: Client, output: Output) -> None:
    """Announce a drill: a sign-in by an account within half an hour counts as one."""
    started, raw = client.act("/breakGlass/drill", DrillShape)
    output.said(
        raw, f"until {when(started.until)} a sign-in by an emergency access account is a drill; sign in with each now"
    )


@break_glass.command("reviews")
@click.option("--all", "everything", is_flag=True, help="Also enrolments, drills and what was reviewed.")
@talks_to_service
def reviews(client: Client, output: Output, everything: bool) -> None:
    """List the uses that demand a review."""
    found, raw = client.get("/breakGlass/uses", BreakGlassUseList)
    output.table(
        raw,
        ("ID", "USER", "PURPOSE", "AT", "ADDRESS", "REVIEWED", "BY", "FINDING"),
        (
            (
                each.id,
                each.user,
                each.purpose,
                when(each.at),
                each.address,
                when(each.reviewed_at),
                each.reviewed_by,
                each.finding,
            )
            for each in found.value
            if everything or each.open
        ),
        empty="no review is open",
    )


@break_glass.command("review")
@click.argument("use")
@click.option("--by", "reviewer", required=True, help="Who reviewed it.")
@click.option("--finding", required=True, help="What happened, and what follows from it.")
@talks_to_service
def review(client: Client, output: Output, use: str, reviewer: str, finding: str) -> None:
    """Close the review of USE, an id of the list."""
    path = f"/breakGlass/uses/{segment(use)}/review"
    done, raw = client.post(path, BreakGlassUseShape, Review(by=reviewer, finding=finding))
    output.said(
        raw,
        f"the use of {done.user} at {when(done.at)} is reviewed",
        "Give the account new keys now, unless that is done: assay break-glass enrol N --replace",
    )
