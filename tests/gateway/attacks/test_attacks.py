"""Every attack ends as its cell says, in both protocols, and the document shows the same table."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import ModuleType

import pytest
import pytest_asyncio

from tests.gateway.attacks.fuzz import fuzz
from tests.gateway.attacks.matrix import BEGIN, CLASSES, END, PAGE, expected, observed, rendered, stages
from tests.gateway.attacks.stage import Stage


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def installations() -> AsyncIterator[Sequence[Stage]]:
    """For all classes of attacks."""
    async with stages() as made:
        yield made


@pytest.mark.slow
@pytest.mark.interop
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("attacks", CLASSES, ids=lambda module: module.__name__.rpartition(".")[2])
async def test_every_attack_ends_as_its_cell_says(attacks: ModuleType, installations: Sequence[Stage]) -> None:
    rows = await observed(attacks.ATTACKS, installations)
    assert rows == [(attack.name, *attack.cells) for attack in attacks.ATTACKS]


def test_no_cell_is_empty_and_no_row_is_there_twice() -> None:
    for title, rows in expected():
        assert all(all(row) for row in rows), title
        names = [name for name, _, _ in rows]
        assert len(names) == len(set(names)), title


def test_where_there_is_no_form_the_cell_says_why() -> None:
    for module in CLASSES:
        for attack in module.ATTACKS:
            for sent, cell in zip((attack.one, attack.two), attack.cells, strict=True):
                assert sent is not None or ":" in cell or " " in cell, attack.name


def test_the_document_shows_the_table() -> None:
    shown = PAGE.read_text().partition(BEGIN)[2].partition(END)[0]
    assert shown == f"\n{rendered(expected())}"


@pytest.mark.slow
@pytest.mark.interop
async def test_random_traffic_reaches_the_app_judged_or_not_at_all(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    await stage.start()
    found = await fuzz(stage, seconds=10, seed=20_261_124)
    await stage.stop()
    assert (found.unjudged, found.restarts, found.honest) == ((), 0, 200)
    assert found.judged > 0
