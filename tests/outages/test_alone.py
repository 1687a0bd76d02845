"""A machine without network, names and random devices: what is decided here needs none of them."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation
from tests.end_to_end.person import Person
from tests.nodes.lan import Lan, forget_stale, run
from tests.outages.conftest import SignedIn

pytestmark = [pytest.mark.namespaces, pytest.mark.slow]


class Alone(Installation):
    """In a namespace with a loopback and nothing else; no name server is named, and the random devices are empty."""

    place: Lan

    @property
    def launcher(self) -> tuple[str, ...]:
        # `ip netns exec` gives its program mounts of its own: nobody else sees these.
        hidden = "".join(f"mount --bind /dev/null {path} && " for path in HIDDEN)
        return (*self.place.within("alone"), "sh", "-c", f'{hidden}exec "$@"', "sh")


HIDDEN = ("/etc/resolv.conf", "/dev/random", "/dev/urandom")


@pytest.fixture
def alone(tmp_path: Path, port: int) -> Iterator[Alone]:
    forget_stale()
    made = Alone(tmp_path, port=port)
    made.place = Lan(f"as{os.getpid()}")
    space = made.place.namespace("alone")
    run("ip", "netns", "add", space)
    try:
        run("ip", "-n", space, "link", "set", "lo", "up")
        made.start()
        with made.place.at("alone"):
            yield made
    finally:
        made.stop()
        with suppress(AssertionError):
            run("ip", "netns", "delete", space)


async def test_r38_without_names_routes_and_random_devices_it_starts_and_decides(
    alone: Alone, signed_in: SignedIn
) -> None:
    async with signed_in(alone) as owner:
        assert (await owner.fetch("wiki")).status_code == 200
        stranger = Person(alone, "nobody")
        assert (await stranger.fetch("wiki")).status_code == 401
        assert (await stranger.give_password()).status_code != 503
        await stranger.client.aclose()
        assert "sessions ended: 1" in alone.run("sessions", "revoke", "--all")
        assert (await owner.fetch("wiki")).status_code == 401
        # An app that is found by a name: nobody can say where it is, and that harms no other.
        alone.run("apps", "protect", "http://wiki.company.example:8080", "--name", "elsewhere")
        assert alone.run("events", "verify").startswith("good")
