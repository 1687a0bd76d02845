"""`assay messages`: the outbox, and a test of the way out."""

import sys

import click

from assay.api.shapes.messages import MessageList, MessageShape, MessageTest, MessageTestResult
from assay.cli.client import REFUSED, Client, segment
from assay.cli.options import talks_to_service
from assay.cli.output import Output, when


@click.group()
def messages() -> None:
    """See what waits to be sent, and try the way out.

    What was delivered is not kept; the log has it.
    """


@messages.command("list")
@talks_to_service
def list_messages(client: Client, output: Output) -> None:
    """List what waits and what was given up, the oldest first."""
    found, raw = client.get("/messages", MessageList)
    output.table(
        raw,
        ("ID", "NOTICE", "TO", "WRITTEN", "STATE", "ATTEMPTS", "ERROR"),
        (
            (
                each.id,
                each.notice,
                each.recipient,
                when(each.created_date_time),
                each.state,
                str(each.attempts),
                each.error,
            )
            for each in found.value
        ),
        empty="nothing waits",
    )
    if not output.as_json and not found.configured:
        click.echo("no way to send messages is configured: set [mail] in assay.toml", err=True)
    if not output.as_json and found.error:
        click.echo(f"nothing gets out at the moment: {found.error}", err=True)


@messages.command("show")
@click.argument("message")
@talks_to_service
def show(client: Client, output: Output, message: str) -> None:
    """Show one message that waits or was given up."""
    _show(output, *client.get(f"/messages/{segment(message)}", MessageShape))


@messages.command("retry")
@click.argument("message")
@talks_to_service
def retry(client: Client, output: Output, message: str) -> None:
    """Try MESSAGE now, also one that was given up."""
    _show(output, *client.act(f"/messages/{segment(message)}/retry", MessageShape))


@messages.command("test")
@click.option("--to", required=True, help="The address that gets it.")
@talks_to_service
def test(client: Client, output: Output, to: str) -> None:
    """Send a test message at once and say how it went; exit 1 when it was not taken."""
    result, raw = client.post("/messages/test", MessageTestResult, MessageTest(to=to))
    output.said(raw, f"handed on: a message to {to}" if result.sent else f"not sent: {result.error}")
    if not result.sent:
        sys.exit(REFUSED)


def _show(output: Output, message: MessageShape, raw: bytes) -> None:
    output.facts(
        raw,
        (
            ("id", message.id),
            ("notice", message.notice),
            ("to", message.recipient),
            ("written", when(message.created_date_time)),
            ("state", message.state),
            ("next attempt", when(message.due_date_time) if message.state == "waiting" else ""),
            ("attempts", str(message.attempts)),
            ("last error", message.error),
            *sorted(message.parameters.items()),
        ),
    )
