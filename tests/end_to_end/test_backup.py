"""A backup of a real service under load, by the program; restored elsewhere, where people sign in."""

import asyncio
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.installation import ASSAY, Installation, installation
from tests.end_to_end.person import Person
from tests.end_to_end.upstream import echoing
from tests.ports import free_port


def backups(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(("source", "target"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
async def test_what_was_backed_up_while_people_work_is_there_after_a_restore_on_another_database(
    source: str, target: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    cluster = request.getfixturevalue("postgres_cluster")
    options = ("--database", cluster.new_database()) if source == "postgresql" else ()
    port = free_port()
    kept = tmp_path / "backups"
    kept.mkdir()
    identity, file = tmp_path / "identity", kept / "assay.backup"
    with (
        installation(tmp_path / "one", port=port, options=options) as installed,
        echoing(tmp_path / "app") as listening,
    ):
        owner = Person(installed, "owner")
        await owner.enrol(installed.owner_link())
        installed.run("apps", "protect", f"unix://{listening}", "--name", "wiki")
        assert (await owner.open("wiki", "/before")).text.startswith("GET /before")
        recipient = installed.run("backup", "keygen", str(identity)).strip()

        over = asyncio.Event()

        async def work() -> int:
            count = 0
            while not over.is_set():
                assert (await owner.fetch("wiki", f"/{count}")).status_code == 200
                await asyncio.to_thread(installed.run, "users", "add", f"during{count}")
                count += 1
            return count

        working = asyncio.create_task(work())
        said = await asyncio.to_thread(installed.run, "backup", str(file), "--recipient", recipient)
        over.set()
        assert await working > 0
        assert "backed up to" in said
        assert backups(kept) == ["assay.backup"]
        assert file.stat().st_mode & 0o777 == 0o600
        assert "good" in installed.run("backup", "verify", str(file), "--identity", str(identity))
        found = installed.json("events", "search", "--code", "backup.made")
        assert isinstance(found, dict)
        assert len(found["value"]) == 1
        key = tmp_path / "checkpoint.key"
        key.write_text(installed.checkpoint_key())

        installed.stop()
        again = Installation(tmp_path / "two", port=port)
        (tmp_path / "two").mkdir()
        into = ("--database", cluster.new_database()) if target == "postgresql" else ()
        secrets = ("--identity", str(identity), "--key", str(key))
        restore = ("restore", str(file), "--data", str(again.data), *secrets, *into)
        assert "restored into" in again.run(*restore)
        again.run(*restore, code=1)
        again.options = into
        try:
            again.start()
            person = owner
            person.installed = again
            assert (await person.fetch("wiki")).status_code == 401, "sessions of before have ended"
            person.client.cookies.clear()
            assert (await person.sign_in()).status_code in (200, 303)
            assert (await person.open("wiki", "/again")).text.startswith("GET /again")
            assert again.run("events", "verify").startswith("good")
        finally:
            again.stop()
        await owner.client.aclose()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One for the two that follow; the second of them kills it."""
    with installation(tmp_path_factory.mktemp("service"), port=free_port()) as running:
        yield running


@pytest.mark.slow
def test_a_full_disk_leaves_nothing_half_and_says_so(service: Installation, tmp_path: Path) -> None:
    installed = service
    kept = tmp_path / "kept"
    kept.mkdir()
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("seven words that nobody would ever guess\n")

    def full() -> None:
        # The kernel refuses what goes beyond this, as a full disk does (setrlimit(2)).
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

    command = [ASSAY, "backup", str(kept / "b"), "--passphrase-file", str(passphrase), "--data", str(installed.data)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=installed.environment, preexec_fn=full, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "nothing was left behind" in done.stderr
    assert backups(kept) == []
    installed.run("backup", str(kept / "b"), "--passphrase-file", str(passphrase))
    assert backups(kept) == ["b"]
    installed.run("backup", "verify", str(kept / "b"), "--passphrase-file", str(passphrase))
    passphrase.write_text("seven words that somebody has guessed wrong\n")
    installed.run("backup", "verify", str(kept / "b"), "--passphrase-file", str(passphrase), code=1)


@pytest.mark.slow
def test_a_service_that_dies_in_the_middle_leaves_no_backup(service: Installation, tmp_path: Path) -> None:
    installed = service
    kept = tmp_path / "kept"
    kept.mkdir()
    earlier = kept / "b"
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("seven words that nobody would ever guess\n")
    installed.run("backup", str(earlier), "--passphrase-file", str(passphrase))
    before = earlier.read_bytes()
    assert installed.process is not None
    installed.process.kill()
    installed.process.wait(60)
    installed.run("backup", str(earlier), "--passphrase-file", str(passphrase), code=3)
    assert backups(kept) == ["b"]
    assert earlier.read_bytes() == before
