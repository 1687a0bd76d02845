"""No app stands on a socket of ours: who is assigned to it would talk to the service as its own user."""

from pathlib import Path

import pytest

from tests.attacks.outsider import People


@pytest.mark.parametrize("socket", ["admin.sock", "check.sock", "pages.sock", "envoy-admin.sock"])
def test_an_app_on_a_socket_of_ours_is_refused(people: People, socket: str) -> None:
    upstream = f"unix://{people.installed.data}/run/{socket}"
    protected = people.installed.run("apps", "list")
    with pytest.raises(AssertionError):
        people.installed.run("apps", "protect", upstream, "--name", f"own-{socket.partition('.')[0]}")
    assert people.installed.run("apps", "list") == protected


def test_an_app_on_a_link_to_a_socket_of_ours_is_refused(people: People, tmp_path: Path) -> None:
    (tmp_path / "innocent.sock").symlink_to(people.installed.data / "run" / "admin.sock")
    with pytest.raises(AssertionError):
        people.installed.run("apps", "protect", f"unix://{tmp_path}/innocent.sock", "--name", "innocent")
