"""What the service keeps is its own user's alone, even where somebody opens the directory later."""

import stat

from tests.attacks.outsider import People


def test_no_file_is_open_to_others(people: People) -> None:
    found = [path for path in people.installed.data.rglob("*") if not path.is_symlink()]
    assert people.installed.data / "assay.db" in found
    assert [path for path in found if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
