"""`assay locations`: networks with names, for policies."""

import click

from assay.api.shapes.locations import LocationChange, LocationList, LocationShape, NewLocation
from assay.cli.called import Called
from assay.cli.client import Client, segment
from assay.cli.options import talks_to_service
from assay.cli.output import Output, yes
from assay.cli.policy_files import override_option
from assay.cli.published_words import published_lines


@click.group()
def locations() -> None:
    """Name networks for policies; a network never grants anything, it can only restrict.

    Graph's namedLocation JSON is read by `assay policy import`.
    """


@locations.command("list")
@talks_to_service
def list_locations(client: Client, output: Output) -> None:
    """List every named location."""
    found, raw = client.get("/identity/conditionalAccess/namedLocations", LocationList)
    output.table(
        raw,
        ("LOCATION", "TRUSTED", "RANGES", "ID"),
        ((each.display_name, yes(each.is_trusted), _ranges(each), each.id) for each in found.value),
        empty="no named locations",
    )


@locations.command("show")
@click.argument("name")
@talks_to_service
def show(client: Client, output: Output, name: str) -> None:
    """Show one named location."""
    found, raw = client.get(f"/identity/conditionalAccess/namedLocations/{segment(name)}", LocationShape)
    output.facts(raw, _facts(found))


@locations.command("add")
@click.argument("name")
@click.option("--range", "ranges", multiple=True, required=True, help="192.0.2.0/24 or 192.0.2.1-192.0.2.9; again.")
@click.option("--trusted", is_flag=True, help="Mark it as trusted.")
@override_option
@talks_to_service
def add(client: Client, output: Output, name: str, ranges: tuple[str, ...], trusted: bool, override: str) -> None:
    """Add a named location."""
    body = NewLocation(display_name=name, ranges=ranges, is_trusted=trusted, override=override)
    added, raw = client.post("/identity/conditionalAccess/namedLocations", LocationShape, body)
    output.facts(raw, _facts(added))
    _published(client, output, added)


@locations.command("edit")
@click.argument("name")
@click.option("--range", "ranges", multiple=True, help="Ranges in place of those there are; again for each.")
@click.option("--trusted/--untrusted", default=None, help="Mark it as trusted, or not.")
@override_option
@talks_to_service
def edit(
    client: Client, output: Output, name: str, ranges: tuple[str, ...], trusted: bool | None, override: str
) -> None:
    """Replace the ranges of a location, or its trust."""
    body = LocationChange(ranges=ranges or None, is_trusted=trusted, override=override)
    path = f"/identity/conditionalAccess/namedLocations/{segment(name)}"
    changed, raw = client.patch(path, LocationShape, body)
    output.facts(raw, _facts(changed))
    _published(client, output, changed)


@locations.command("remove")
@click.argument("name")
@override_option
@talks_to_service
def remove(client: Client, output: Output, name: str, override: str) -> None:
    """Remove a location that no policy names."""
    path = f"/identity/conditionalAccess/namedLocations/{segment(name)}"
    gone, raw = client.delete(path, LocationShape, override=override or None)
    output.said(raw, f"{gone.display_name} is removed", *published_lines(gone.published, Called(client)))


def _published(client: Client, output: Output, location: LocationShape) -> None:
    if not output.as_json:
        output.said(b"", *published_lines(location.published, Called(client)))


def _ranges(location: LocationShape) -> str:
    shown = ", ".join(location.ranges[:4])
    more = len(location.ranges) - 4
    return f"{shown} and {more} more" if more > 0 else shown


def _facts(location: LocationShape) -> tuple[tuple[str, str], ...]:
    return (
        ("location", location.display_name),
        ("trusted", yes(location.is_trusted)),
        ("ranges", ", ".join(location.ranges)),
        ("not decided", ", ".join(location.undecided)),
        ("id", location.id),
    )
