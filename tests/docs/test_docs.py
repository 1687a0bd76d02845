"""The documents tell the truth: what they name exists, and what exists is named."""

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from assay.cli import assay

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?://)([^)#]+)")
COMMAND = re.compile(r"^\s*(?:\$ )?\./run assay ([a-z-]+(?: [a-z-]+)?)", re.M)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    broken = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert broken == []


def test_every_room_is_in_the_architecture_and_every_file_it_names_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    source = ROOT / "src" / "assay"
    rooms = {path.name for path in source.iterdir() if (path / "__init__.py").exists()}
    table = re.findall(r"^\| `([a-z]+)/` \| .*? \| (.*) \|$", text, re.M)
    assert {room for room, _ in table} == rooms
    for room, where in table:
        for name in re.findall(r"`([a-z_]+(?:/[a-z_]+)?\.py)`", where):
            assert (source / room / name).exists() or (source / name).exists(), f"{room}/{name}"
    for name in re.findall(r"`((?:access|gateway|policy|pages|sessions|events|store|identities)/[a-z_]+\.py)`", text):
        assert (source / name).exists(), name


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[<>=\[]", one)[0] for one in project["dependencies"]}
    rows = set(re.findall(r"^\| ([a-z0-9-]+) \|", (ROOT / "docs" / "dependencies.md").read_text(), re.M)) - {"package"}
    assert rows == names
    page = (ROOT / "docs" / "dependencies.md").read_text()
    extras = {re.split(r"[<>=\[]", one)[0] for group in project["optional-dependencies"].values() for one in group}
    assert all(name in page for name in extras)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_in_the_documents_exists(page: Path) -> None:
    for words in COMMAND.findall(page.read_text()):
        verbs = words.split()
        result = CliRunner().invoke(assay, [verbs[0], "--help"])
        assert result.exit_code == 0, verbs
        if len(verbs) > 1 and "Commands:" in result.output:
            assert re.search(rf"^  {verbs[1]}\b", result.output, re.M), words


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\((\d{4}-[a-z-]+\.md)\)", (folder / "README.md").read_text()))
    assert listed == {path.name for path in folder.glob("[0-9]*.md")}


def test_every_row_of_the_threat_model_names_a_test_that_exists() -> None:
    rows = re.findall(r"^\| .* \|$", (ROOT / "docs" / "threat-model.md").read_text(), re.M)
    for row in rows:
        if row.startswith("| door "):
            continue
        named = re.findall(r"`(tests/[a-z_/]+\.py)::([a-z_A-Z0-9]+)`", row)
        assert named, f"no test: {row}"
        for file, name in named:
            assert re.search(rf"\bdef {name}\b", (ROOT / file).read_text()), f"{file}::{name}"


def test_every_row_of_the_failure_table_names_a_test_that_exists() -> None:
    rows = re.findall(r"^\| (R\d\d) \|(.*)\|$", (ROOT / "docs" / "reliability.md").read_text(), re.M)
    assert len(rows) >= 15
    for number, row in rows:
        named = re.findall(r"`(tests/[a-z_/]+\.py)::([a-z_A-Z0-9]+)`", row)
        assert named, f"no test: {number}"
        for file, name in named:
            assert re.search(rf"\bdef {name}\b", (ROOT / file).read_text()), f"{file}::{name}"
