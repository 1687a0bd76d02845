"""`assay users reset`: new sign-in methods for somebody who lost theirs, by two."""

import click

from assay.api.shapes.resets import NewReset, ResetApproval, ResetLinkShape, ResetList, ResetShape
from assay.cli.client import Client, segment
from assay.cli.options import talks_to_service
from assay.cli.output import Output, when


@click.group()
def reset() -> None:
    """Reset somebody's sign-in methods: one asks, another approves.

    Two different users of the host, or one of them and the help-desk. Root may approve what root asked for, and
    says why: whoever is root here can read and change everything anyhow, and the log tells it.
    """


@reset.command("request")
@click.argument("name")
@click.option("--reason", required=True, help="Why, and how it was made sure who asks.")
@talks_to_service
def request(client: Client, output: Output, name: str, reason: str) -> None:
    """Ask for the reset of NAME's methods; the person is told."""
    found, raw = client.post("/methodResets", ResetShape, NewReset(user_principal_name=name, reason=reason))
    output.said(
        raw,
        f"asked for the reset of {found.user_principal_name}; somebody else approves it:",
        f"  assay users reset approve {found.id}",
    )


@reset.command("approve")
@click.argument("reset_id", metavar="ID")
@click.option("--reason", default="", help="Why root approves what root asked for.")
@talks_to_service
def approve(client: Client, output: Output, reset_id: str, reason: str) -> None:
    """Approve a reset that somebody else asked for."""
    path = f"/methodResets/{segment(reset_id)}/approve"
    found, raw = client.post(path, ResetShape, ResetApproval(override=reason))
    output.said(
        raw,
        f"the reset of {found.user_principal_name} is approved by {', '.join(found.approved_by)}; the link can be "
        f"handed out from {when(found.waits_until_date_time)}, or once two have approved:",
        f"  assay users reset link {found.id}",
    )


@reset.command("link")
@click.argument("reset_id", metavar="ID")
@talks_to_service
def link(client: Client, output: Output, reset_id: str) -> None:
    """Print the one-time link of an approved reset; one that was printed before is void."""
    found, raw = client.act(f"/methodResets/{segment(reset_id)}/link", ResetLinkShape)
    output.said(
        raw,
        f"{found.user_principal_name} registers new methods here, once, until {when(found.expires_date_time)}; "
        "this link is not shown again:",
        f"  {found.enrolment_url}",
    )


@reset.command("cancel")
@click.argument("reset_id", metavar="ID")
@talks_to_service
def cancel(client: Client, output: Output, reset_id: str) -> None:
    """Call a reset off; what was registered by it is removed."""
    found, raw = client.act(f"/methodResets/{segment(reset_id)}/cancel", ResetShape)
    output.said(raw, f"the reset of {found.user_principal_name} is called off")


@reset.command("list")
@talks_to_service
def list_resets(client: Client, output: Output) -> None:
    """List the open resets."""
    found, raw = client.get("/methodResets", ResetList)
    output.table(
        raw,
        ("USER", "STATE", "ASKED BY", "APPROVED BY", "LINK FROM", "REASON", "ID"),
        (
            (
                each.user_principal_name,
                each.state,
                each.requested_by,
                ", ".join(each.approved_by),
                when(each.waits_until_date_time),
                each.reason,
                each.id,
            )
            for each in found.value
        ),
        empty="no reset is open",
    )
