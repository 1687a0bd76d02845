"""Which files a command about policies is given, and how much of them."""

import os
from pathlib import Path

import pytest

from assay.cli.policy_files import content_of, files_of
from assay.policy.importers.source import MAX_BYTES


def test_files_below_a_directory_in_any_case_and_no_more_than_is_read(tmp_path: Path) -> None:
    """A published pack has .JSON beside .json: passed over, what it refuses would be granted."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "second.JSON").write_bytes(b"[]")
    (tmp_path / "a.json").write_bytes(b"{}")
    (tmp_path / "readme.md").write_bytes(b"x")
    (tmp_path / "c.json").mkdir()
    with (tmp_path / "d.json").open("wb") as large:
        large.truncate(3 * MAX_BYTES)
    found = {Path(file.name).name: len(file.content) for file in files_of([tmp_path])}
    assert found == {"a.json": 2, "second.JSON": 2, "d.json": MAX_BYTES + 1}
    assert [file.name for file in files_of([tmp_path / "readme.md"])] == [str(tmp_path / "readme.md")]


def test_whatever_is_below_a_directory_is_read_or_said_to_be_unreadable(tmp_path: Path) -> None:
    """Links are followed, and into no circle; what would be waited for is not opened; a name may be any octets."""
    pack, elsewhere = tmp_path / "pack", tmp_path / "elsewhere"
    for directory in (pack / "inner", elsewhere):
        directory.mkdir(parents=True)
    (elsewhere / "linked.json").write_bytes(b"[]")
    (elsewhere / "again.json").write_bytes(b"{}")
    (pack / "there").symlink_to(elsewhere)
    (pack / "again.json").symlink_to(elsewhere / "again.json")
    (pack / "inner" / "up").symlink_to(pack)
    (pack / "gone.json").symlink_to(tmp_path / "nothing")
    (pack / "circle.json").symlink_to(pack / "circle.json")
    os.mkfifo(pack / "pipe.json")
    (Path(os.fsdecode(os.fsencode(pack) + b"/\xff\n.json"))).write_bytes(b"1")
    found = {Path(file.name).name: file.content or file.unreadable for file in files_of([pack])}
    assert found == {
        "again.json": b"{}",
        "linked.json": b"[]",
        "gone.json": "No such file or directory",
        "circle.json": "Too many levels of symbolic links",
        "pipe.json": "it is no regular file",
        "\\xff\n.json": b"1",
    }


def test_a_file_that_cannot_be_read_to_the_end_is_said_with_its_name() -> None:
    """Its error has no name of its own, and would be taken for one of what is written."""
    with pytest.raises(OSError, match="/proc/self/mem"):
        content_of(Path("/proc/self/mem"))
