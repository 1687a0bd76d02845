"""Commands in messages are those that this person types: under this name, for this data directory."""

import os
import subprocess
from pathlib import Path

from tests.end_to_end.installation import ASSAY


def said(*arguments: str, data: str = "") -> str:
    """What the program says where no service runs; `data` is ASSAY_DATA."""
    environment = {**os.environ, "ASSAY_COMMAND": "./run assay", "ASSAY_DATA": data}
    done = subprocess.run([ASSAY, *arguments], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 3, done
    return done.stdout + done.stderr


def test_the_program_and_the_data_directory_are_named(tmp_path: Path) -> None:
    data = tmp_path / "a place"
    assert f"start it with: ./run assay up --data '{data}'; or name" in said("users", "list", "--data", str(data))


def test_the_doctor_names_them_too(tmp_path: Path) -> None:
    assert f"./run assay up --data {tmp_path}" in said("doctor", "--data", str(tmp_path))


def test_a_directory_that_the_environment_names_is_not_repeated(tmp_path: Path) -> None:
    assert "start it with: ./run assay up; or name" in said("users", "list", data=str(tmp_path))


def test_what_programs_read_is_spelled_one_way(tmp_path: Path) -> None:
    assert "start it with: assay up; or name" in said("users", "list", "--json", "--data", str(tmp_path))
