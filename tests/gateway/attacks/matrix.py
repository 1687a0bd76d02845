"""`python -m tests.gateway.attacks.matrix` carries every attack out and writes the table in docs/gateway.md."""

import asyncio
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.gateway.attacks import (
    answers,
    cookies,
    expectations,
    hosts,
    identity_headers,
    methods,
    origins,
    paths,
    smuggling,
    tokens,
    trailers,
)
from tests.gateway.attacks.attack import Attack
from tests.gateway.attacks.stage import Stage

CLASSES = (
    paths,
    identity_headers,
    trailers,
    methods,
    hosts,
    cookies,
    tokens,
    origins,
    smuggling,
    answers,
    expectations,
)
PAGE = Path(__file__).parents[3] / "docs" / "gateway.md"
BEGIN, END = "<!-- attacks: written by tests.gateway.attacks.matrix -->\n", "<!-- /attacks -->\n"
Row = tuple[str, str, str]


def expected() -> list[tuple[str, list[Row]]]:
    """The table as the cases say it."""
    return [(each.TITLE, [(attack.name, *attack.cells) for attack in each.ATTACKS]) for each in CLASSES]


def rendered(classes: Iterable[tuple[str, list[Row]]]) -> str:
    lines: list[str] = []
    for title, rows in classes:
        lines += [f"### {title}", "", "| attack | HTTP/1.1 | HTTP/2 |", "|---|---|---|"]
        lines += [f"| {name} | {one} | {two} |" for name, one, two in rows]
        lines.append("")
    return "\n".join(lines) + "\n"


async def observed(attacks: Iterable[Attack]) -> list[Row]:
    """Every attack of these carried out, one after another."""
    with tempfile.TemporaryDirectory() as directory:
        stage = Stage(Path(directory))
        await stage.start()
        try:
            return [(attack.name, *await stage.carry_out(attack)) for attack in attacks]
        finally:
            await stage.stop()


async def _main() -> int:
    wrong = 0
    for each in CLASSES:
        for attack, (name, *cells) in zip(each.ATTACKS, await observed(each.ATTACKS), strict=True):
            if tuple(cells) != attack.cells:
                wrong += 1
                sys.stdout.write(f"{each.__name__}: {name}: {attack.cells} but {tuple(cells)}\n")
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{rendered(expected())}{END}{after}")
    sys.stdout.write(f"{sum(len(each.ATTACKS) for each in CLASSES)} attacks, {wrong} not as expected\n")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
