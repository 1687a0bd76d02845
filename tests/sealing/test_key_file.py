"""The key file: made once, safe or refused, rotated whole."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from assay.sealing import KeyFile, KeyFileError
from assay.sealing.key_file import check_status

AT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def key_file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path / "keys" / "master.key", data_directory=tmp_path / "data")


def test_it_is_made_for_its_owner_alone_and_read_back(key_file: KeyFile) -> None:
    made = key_file.create(at=AT)
    assert key_file.path.stat().st_mode & 0o777 == 0o600
    assert key_file.path.parent.stat().st_mode & 0o777 == 0o700
    assert key_file.load().keys == made.keys
    assert [path.name for path in key_file.path.parent.iterdir()] == ["master.key"]


def test_a_key_is_never_overwritten(key_file: KeyFile) -> None:
    made = key_file.create(at=AT)
    with pytest.raises(KeyFileError, match="already"):
        key_file.create(at=AT)
    assert key_file.load().keys == made.keys
    assert [path.name for path in key_file.path.parent.iterdir()] == ["master.key"]


def test_rotation_adds_a_key_that_seals_and_keeps_those_that_open(key_file: KeyFile) -> None:
    sealed = key_file.create(at=AT).seal(b"x", context="c")
    added = key_file.add(at=AT)
    rotated = key_file.load()
    assert len(rotated.keys) == 2
    assert rotated.newest.id == added
    assert rotated.open(sealed, context="c") == b"x"
    assert key_file.path.stat().st_mode & 0o777 == 0o600


def test_a_demo_key_says_so_in_the_file_and_after_rotation(key_file: KeyFile) -> None:
    key_file.create(at=AT, demo=True)
    assert "demo's keys" in key_file.path.read_text()
    key_file.add(at=AT)
    assert key_file.is_demo()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_file_that_others_can_reach_is_refused_with_the_fix(key_file: KeyFile, mode: int) -> None:
    key_file.create(at=AT)
    key_file.path.chmod(mode)
    with pytest.raises(KeyFileError) as caught:
        key_file.load()
    assert "chmod 600" in caught.value.remedy


def test_a_file_of_another_user_is_refused() -> None:
    def status(owner: int, mode: int = 0o100600) -> os.stat_result:
        return os.stat_result((mode, 0, 0, 1, owner, 0, 0, 0, 0, 0))

    path = Path("master.key")
    check_status(path, status(1000), user=1000)
    check_status(path, status(0, 0o100400), user=1000)
    with pytest.raises(KeyFileError, match="belongs to user 1001"):
        check_status(path, status(1001), user=1000)
    with pytest.raises(KeyFileError, match="no regular file"):
        check_status(path, status(1000, 0o010600), user=1000)


def test_the_data_directory_is_no_place_for_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "link").symlink_to(data)
    for path in (data / "master.key", data / "deep" / "master.key", tmp_path / "link" / "master.key"):
        with pytest.raises(KeyFileError) as caught:
            KeyFile(path, data_directory=data)
        assert "--master-key" in caught.value.remedy


def test_a_missing_file_is_said_and_not_made(key_file: KeyFile) -> None:
    with pytest.raises(KeyFileError, match="No such file"):
        key_file.load()
    assert not key_file.exists()


@pytest.mark.parametrize("content", [b"", b"{}", b'{"format":"other/1","note":"","demo":false,"keys":[]}', b"\xff"])
def test_a_damaged_file_is_said(key_file: KeyFile, content: bytes) -> None:
    key_file.create(at=AT)
    key_file.path.write_bytes(content)
    with pytest.raises(KeyFileError, match="damaged"):
        key_file.load()


def test_a_key_of_wrong_length_is_damage(key_file: KeyFile) -> None:
    key_file.create(at=AT)
    stored = msgspec.json.decode(key_file.path.read_bytes())
    stored["keys"][0]["secret"] = "AAAA"
    key_file.path.write_bytes(msgspec.json.encode(stored))
    with pytest.raises(KeyFileError, match="incomplete"):
        key_file.load()


def test_a_key_that_seals_later_opens_on_every_node_before_it_does(key_file: KeyFile) -> None:
    first = key_file.create(at=AT).newest.id
    later = key_file.add(at=AT, seals_from=AT + timedelta(hours=1))
    assert key_file.load(at=AT).newest.id == first
    sealed = key_file.load(at=AT + timedelta(hours=1)).seal(b"x", context="c")
    assert key_file.load(at=AT + timedelta(hours=1)).newest.id == later
    assert key_file.load(at=AT).open(sealed, context="c") == b"x"


def test_the_last_key_is_never_removed(key_file: KeyFile) -> None:
    first = key_file.create(at=AT).newest.id
    second = key_file.add(at=AT)
    key_file.remove([first])
    assert [key.id for key in key_file.load().keys] == [second]
    with pytest.raises(KeyFileError, match="stays"):
        key_file.remove([second])


def test_a_new_file_is_written_beside_one_that_comes_from_elsewhere(key_file: KeyFile, tmp_path: Path) -> None:
    first = key_file.create(at=AT).newest.id
    second = key_file.add(at=AT, into=tmp_path / "next.json")
    assert [key.id for key in key_file.load().keys] == [first]
    beside = KeyFile(tmp_path / "next.json", data_directory=tmp_path / "data")
    assert [key.id for key in beside.load().keys] == [first, second]
    assert beside.path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyFileError, match="already"):
        key_file.add(at=AT, into=beside.path)


WRITING = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from assay.sealing import KeyFile
file = KeyFile(Path(sys.argv[1]), data_directory=Path(sys.argv[2]))
def killed(event, arguments):
    if event == "os.rename":
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(killed)
file.add(at=datetime(2026, 3, 2, tzinfo=UTC))
"""


def test_a_draft_of_a_process_that_was_killed_is_gone_after_the_next_change(key_file: KeyFile, tmp_path: Path) -> None:
    first = key_file.create(at=AT).newest.id
    done = subprocess.run(
        [sys.executable, "-c", WRITING, str(key_file.path), str(tmp_path / "data")], timeout=60, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert len(list(key_file.path.parent.iterdir())) == 2, "it was killed in the middle"
    assert [key.id for key in key_file.load().keys] == [first]
    key_file.add(at=AT)
    assert [path.name for path in key_file.path.parent.iterdir()] == ["master.key"]
