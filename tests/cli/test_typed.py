"""Commands in messages are those that this person types: under this name, for this data directory."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from assay.cli import assay


def said(*arguments: str, program: str = "./run assay") -> str:
    done = CliRunner().invoke(assay, arguments, env={"ASSAY_COMMAND": program})
    assert done.exit_code != 0
    return done.output


def test_the_program_and_the_data_directory_are_named(tmp_path: Path) -> None:
    data = tmp_path / "a place"
    assert f"start it with: ./run assay up --data '{data}'; or name" in said("users", "list", "--data", str(data))


def test_the_doctor_names_them_too(tmp_path: Path) -> None:
    assert f"./run assay up --data {tmp_path}" in said("doctor", "--data", str(tmp_path))


def test_a_directory_that_the_environment_names_is_not_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_DATA", str(tmp_path))
    assert "start it with: ./run assay up; or name" in said("users", "list")


def test_what_programs_read_is_spelled_one_way(tmp_path: Path) -> None:
    assert "start it with: assay up; or name" in said("users", "list", "--json", "--data", str(tmp_path))
