"""The whole service on PostgreSQL, and the same data again after a restart."""

from pathlib import Path

import pytest

from tests.end_to_end.installation import installation
from tests.end_to_end.person import Person
from tests.end_to_end.upstream import echoing
from tests.ports import free_port


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_person_signs_in_and_everything_is_there_after_a_restart(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    options: tuple[str, ...] = ()
    if kind == "postgresql":
        options = ("--database", request.getfixturevalue("postgres_cluster").new_database())
    port = free_port()
    with installation(tmp_path, port=port, options=options) as installed, echoing(tmp_path / "app") as listening:
        owner = Person(installed, "owner")
        await owner.enrol(installed.owner_link())
        installed.run("apps", "protect", f"unix://{listening}", "--name", "wiki")
        assert (await owner.open("wiki", "/before")).text.startswith("GET /before")

        installed.stop()
        installed.start()
        assert "enrol" not in "".join(installed.printed), "the owner is there already"
        assert (await owner.fetch("wiki", "/after")).text.startswith("GET /after"), "sessions outlive a restart"
        await owner.sign_out()
        assert (await owner.fetch("wiki")).status_code == 401
        assert (await owner.sign_in()).status_code in (200, 303)
        assert (await owner.open("wiki", "/again")).text.startswith("GET /again")
        assert installed.run("events", "verify").startswith("good")
        await owner.client.aclose()
