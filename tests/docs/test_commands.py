"""Every command in the documents works: it is run, or it stands on one list with the reason and is parsed."""

from collections.abc import Iterator
from functools import cache

import pytest

from tests.docs.blocks import PAGES, SHELL, Block, Command, blocks, commands, named_commands
from tests.docs.company import MEANT, THINGS, UPSTREAM, Company, company
from tests.docs.not_run import NOT_RUN, NotRun
from tests.docs.parser import parse, unknown, verbs
from tests.ports import free_port


@cache
def every_block() -> tuple[Block, ...]:
    return tuple(block for page in PAGES for block in blocks(page))


@cache
def every_command() -> tuple[Command, ...]:
    shell = (block for block in every_block() if block.language in SHELL)
    return tuple(command for block in shell for command in commands(block))


def run_here() -> list[Command]:
    return [command for command in every_command() if not listed(NOT_RUN, command)]


def listed(rows: tuple[NotRun, ...], command: Command) -> bool:
    return any(concerns(row, command) for row in rows)


def concerns(row: NotRun, command: Command) -> bool:
    return row.page in ("", command.page) and command.normal.startswith(row.begins)


def test_every_fence_says_what_it_is() -> None:
    assert [block for block in every_block() if not block.language] == []


def test_the_program_takes_every_command_as_it_stands() -> None:
    refused = [f"{each}: {said}" for each in every_command() if each.assay is not None and (said := parse(each.assay))]
    assert refused == []


def test_sentences_name_no_command_and_no_option_that_does_not_exist() -> None:
    named = [each for page in PAGES for each in named_commands(page) if each.assay is not None]
    assert len(named) > 100
    assert [f"{each}: {said}" for each in named if each.assay is not None and (said := unknown(each.assay))] == []


def test_run_knows_every_verb_that_is_named() -> None:
    named = (*every_command(), *(each for page in PAGES for each in named_commands(page)))
    assert [str(each) for each in named if each.words[0] == "./run" and each.words[1] not in verbs()] == []


def test_no_list_is_stale() -> None:
    """What is not run, what is there before and what a word means: each row is about a command that stands there."""
    assert [row for row in NOT_RUN if not any(concerns(row, command) for command in every_command())] == []
    words = {(command.page, word) for command in run_here() for word in command.words}
    assert set(MEANT) - words == set()
    named = {part for _, word in words for part in word.split("=")}
    assert {thing.name for thing in THINGS} - named == set()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with company(tmp_path_factory.mktemp("docs"), port=free_port()) as running:
        yield running


@pytest.mark.slow
def test_every_other_command_is_run_in_the_order_of_its_page(place: Company) -> None:
    run = run_here()
    assert len(run) > 100
    foreign = [str(command) for command in run if command.assay is None]
    assert foreign == [], "neither ours nor on the list of what is not run"
    failed = [f"{command}\n    {said}" for command in run if (said := place.follow(command))]
    assert failed == [], "\n".join(failed)


@pytest.mark.slow
def test_an_app_is_there_from_the_first_start(place: Company) -> None:
    said = "".join(place.installed.printed)
    assert f"Behind the gateway: {place.installed.app_origin('wiki')}/ ({UPSTREAM})" in said
    assert "assigned: owner" in said
    assert "assay trust" in said
