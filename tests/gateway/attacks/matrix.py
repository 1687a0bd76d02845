"""`python -m tests.gateway.attacks.matrix` carries every attack out and writes the table in docs/gateway.md."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from assay.store import Database
from assay.store.migrate import upgrade
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
from tests.gateway.attacks.stage import DATABASE, Stage

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
# Most attacks wait a second and do nothing: so long Envoy takes to close a connection on which it has refused to go on.
STAGES = 8


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


@asynccontextmanager
async def stages(number: int = STAGES) -> AsyncIterator[Sequence[Stage]]:
    """So many installations of their own, each with its app: an attack is alone on its one."""
    async with AsyncExitStack() as running:
        directories = [Path(running.enter_context(tempfile.TemporaryDirectory())) for _ in range(number)]
        schema, made = directories[0] / DATABASE, []
        database = Database.at(schema)
        upgrade(database)
        database.close()
        # The first is used last: until then it is the others' schema.
        for directory in reversed(directories):
            if directory != schema.parent:
                shutil.copy(schema, directory)
            stage = Stage(directory)
            await stage.start()
            running.push_async_callback(stage.stop)
            made.append(stage)
        yield made


async def observed(attacks: Iterable[Attack], installations: Sequence[Stage]) -> list[Row]:
    """Every attack of these carried out, by whichever installation is done with the one before."""
    waiting, rows = iter(enumerate(attacks)), dict[int, Row]()

    async def one_after_another(stage: Stage) -> None:
        for number, attack in waiting:
            rows[number] = (attack.name, *await stage.carry_out(attack))

    async with asyncio.TaskGroup() as tasks:
        for stage in installations:
            tasks.create_task(one_after_another(stage))
    return [row for _, row in sorted(rows.items())]


async def _main() -> int:
    wrong = 0
    async with stages() as installations:
        for each in CLASSES:
            for attack, (name, *cells) in zip(each.ATTACKS, await observed(each.ATTACKS, installations), strict=True):
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
