"""What is set aside for a full disk: access can be taken away on it, and nothing else is written with it."""

import pytest

from assay.cli.bench.administrator import Administrator
from assay.store.reserve import SIZE, STEP, Reserve
from assay.values import AssayError
from tests.end_to_end.installation import installation
from tests.outages.conftest import Disk, SignedIn
from tests.outages.test_disk import fill
from tests.outages.waiting import until

MEGABYTES = 72


async def adds(administrator: Administrator, name: str) -> bool:
    """Whether a person can be added; where not, the words say why."""
    try:
        await administrator.add_user(name)
    except AssayError as refused:
        assert "the disk of the database is full" in refused.message, refused  # noqa: PT017 - anything else is a failure
        return False
    return True


@pytest.mark.namespaces  # mounting takes root, as those do
@pytest.mark.slow
async def test_r03_access_is_taken_away_on_a_full_disk(disk: Disk, port: int, signed_in: SignedIn) -> None:
    with disk(MEGABYTES) as place, installation(place, port=port) as installed:
        async with signed_in(installed) as owner:
            installed.run("users", "add", "mallory")
            reserve = installed.data / "reserve"
            assert reserve.stat().st_size == SIZE
            assert "16 MiB are set aside" in installed.run("doctor", code=1)
            administrator = Administrator(installed.data / "run" / "admin.sock")
            ballast = fill(installed.directory)
            number = 0
            while await adds(administrator, f"person{number}"):
                number += 1
            assert reserve.stat().st_size == SIZE, "nothing of it is for what is new"

            installed.run("users", "disable", "mallory")
            assert "sessions ended: 1" in installed.run("sessions", "revoke", "--all")
            assert (await owner.fetch("wiki")).status_code == 401
            assert SIZE - 4 * STEP <= reserve.stat().st_size < SIZE
            assert not await adds(administrator, "late"), "what was given back is for who takes access away"
            assert "are set aside" in installed.run("doctor", code=1)
            assert "session.revoked" in installed.run("events", "search", "--code", "session.revoked")

            ballast.unlink()

            async def everything_is_written_again() -> bool:
                # The file grows a moment before the service says so.
                return reserve.stat().st_size == SIZE and await adds(administrator, "after")

            await until(everything_is_written_again)
            await administrator.close()
            assert installed.run("events", "verify").startswith("good")


@pytest.mark.namespaces
def test_the_reserve_never_fills_a_disk(disk: Disk) -> None:
    with disk(24) as place:
        reserve = Reserve(place / "assay.db")
        assert not reserve.keep(), "a small disk has none, and works as it is"
        assert not (place / "reserve").exists()
        reserve.refuse()
        assert not reserve.spend()


def test_a_database_elsewhere_has_its_own_disk() -> None:
    reserve = Reserve(None)
    assert reserve.keep()
    assert not reserve.spend()
