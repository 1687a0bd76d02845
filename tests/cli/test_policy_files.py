"""Which files a command about policies is given, and how much of them."""

from pathlib import Path

from assay.cli.policy_files import files_of
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
    found = {Path(name).name: len(content) for name, content in files_of([tmp_path])}
    assert found == {"a.json": 2, "second.JSON": 2, "d.json": MAX_BYTES + 1}
    assert [name for name, _ in files_of([tmp_path / "readme.md"])] == [str(tmp_path / "readme.md")]
