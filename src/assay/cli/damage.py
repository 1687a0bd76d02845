"""`assay damage`: rows of the database that cannot be read."""

import click

from assay.api.shapes.damage import DamageList, DamageShape, RemoveRow
from assay.cli.client import Client
from assay.cli.options import talks_to_service
from assay.cli.output import Output


@click.group()
def damage() -> None:
    """See rows of the database that cannot be read any more, and take them out one by one.

    A failing disk or a hand leaves them. Each opens nothing while it is there; a backup brings back what it was.
    """


@damage.command("list")
@talks_to_service
def list_damage(client: Client, output: Output) -> None:
    """List every row that cannot be read, and what is refused for it."""
    found, raw = client.get("/damage", DamageList)
    output.table(
        raw,
        ("TABLE", "KEY", "ERROR", "SO"),
        ((each.table, each.key, each.error, each.follows) for each in found.value),
        empty="every row can be read",
    )


@damage.command("show")
@click.argument("table")
@click.argument("key")
@talks_to_service
def show(client: Client, output: Output, table: str, key: str) -> None:
    """Show what the row KEY of TABLE holds, as the database has it."""
    found, raw = client.get("/damage/row", DamageShape, table=table, key=key)
    output.facts(raw, (("error", found.error), ("so", found.follows), *_content(found)))


@damage.command("remove")
@click.argument("table")
@click.argument("key")
@click.option("--reason", required=True, help="Why it is taken out; it is kept in the log.")
@click.option(
    "--loosens", is_flag=True, help="Also where more may be allowed without it (policies, locations, roles, groups)."
)
@talks_to_service
def remove(client: Client, output: Output, table: str, key: str, reason: str, *, loosens: bool) -> None:
    """Take the row KEY of TABLE out, and print what it held, so that it can be made anew."""
    body = RemoveRow(table=table, key=key, reason=reason, loosens=loosens)
    gone, raw = client.post("/damage/remove", DamageShape, body)
    held = (f"  {name}: {value}" for name, value in _content(gone))
    output.said(raw, f"taken out: {gone.table} {gone.key}; it held", *held)


def _content(found: DamageShape) -> tuple[tuple[str, str], ...]:
    return tuple((name, "null" if value is None else value) for name, value in found.content.items())
