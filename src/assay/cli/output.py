"""What commands print: aligned text for people, the API's own JSON for programs."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import click

from assay.cli.typed import typed

WIDEST: Final = 120  # of a column; what is longer stands out of it


class Output:
    """Prints one command's result, either way."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def table(self, raw: bytes, head: Sequence[str], rows: Iterable[Sequence[str]], *, empty: str) -> None:
        """A table, or the JSON it was made from; `empty` where there is no row."""
        if self.as_json:
            click.echo(raw)
            return
        lines = [tuple(map(plain, row)) for row in rows]
        if not lines:
            click.echo(typed(empty))
            return
        longest = [max(len(row[column]) for row in (tuple(head), *lines)) for column in range(len(head))]
        # One name of a thousand letters must not move everything else off the screen.
        widths = [min(width, WIDEST) for width in longest]
        for row in (tuple(head), *lines):
            click.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())

    def facts(self, raw: bytes, facts: Iterable[tuple[str, str]]) -> None:
        """One thing with its properties, or its JSON."""
        if self.as_json:
            click.echo(raw)
            return
        found = tuple(facts)
        width = max(len(name) for name, _ in found)
        for name, value in found:
            click.echo(f"{name.ljust(width)}  {plain(typed(value))}".rstrip())

    def said(self, raw: bytes, *lines: str) -> None:
        """What was done in a sentence or a few, or its JSON."""
        if self.as_json:
            click.echo(raw)
            return
        for line in lines:
            click.echo(plain(typed(line)))


def plain(text: str) -> str:
    """Text of others for a terminal: nothing in it can move the cursor or forge a line."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def when(instant: datetime | None) -> str:
    """An instant as lists show it: UTC, to the second."""
    return "" if instant is None else instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def yes(value: bool) -> str:
    """A truth value as a word."""
    return "yes" if value else "no"
