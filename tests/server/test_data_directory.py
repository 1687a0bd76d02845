"""The data directory: what cannot be one is said with what to do, and what is needed is there before anything runs."""

from pathlib import Path

import pytest

from assay.places import Places
from assay.server.data_directory import lock
from assay.values import AssayError


def of(directory: Path) -> Places:
    """Places that lie under this directory alone."""
    return Places(
        data=directory / "data",
        master_key=directory / "keys" / "key.json",
        checkpoints=directory / "apart" / "checkpoints.txt",
    )


def test_the_place_of_the_checkpoints_is_made_even_where_the_key_lies_elsewhere(tmp_path: Path) -> None:
    where = of(tmp_path)
    release = lock(where)
    assert where.checkpoints.parent.is_dir()
    assert where.checkpoints.parent.stat().st_mode & 0o077 == 0
    release()


def test_a_file_is_no_data_directory(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(AssayError) as refused:
        lock(of(tmp_path))
    assert "--data" in refused.value.remedy


def test_one_process_at_a_time(tmp_path: Path) -> None:
    release = lock(of(tmp_path))
    with pytest.raises(AssayError, match="runs already"):
        lock(of(tmp_path))
    release()
    lock(of(tmp_path))()


def test_a_start_that_failed_leaves_no_empty_directory_and_takes_nothing_away(tmp_path: Path) -> None:
    where = of(tmp_path)
    lock(where)()
    assert not where.checkpoints.parent.exists()
    (tmp_path / "apart").mkdir()
    lock(where)()
    assert where.checkpoints.parent.exists(), "it was there before"
    release = lock(of(tmp_path / "new"))
    (tmp_path / "new" / "apart" / "checkpoints.txt").touch()
    release()
    assert (tmp_path / "new" / "apart" / "checkpoints.txt").exists()
