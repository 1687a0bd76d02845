"""A start that fails leaves nothing behind, and a stop signs everything that was written."""

import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.events import EventQuery, search, tail
from assay.events.note import read_checkpoints
from assay.events.records.log import read_tree
from assay.places import Places
from assay.server.service import Service
from assay.server.settings import ServiceSettings
from assay.store import Database, Store
from assay.values import AssayError
from tests.ports import free_port


@pytest.fixture
def places() -> Iterator[Places]:
    """Below /tmp: pytest's own directory may leave no room for a socket's name (unix(7): 107 bytes)."""
    with tempfile.TemporaryDirectory(prefix="assay-") as name:
        directory = Path(name)
        yield Places(
            data=directory / "data", master_key=directory / "master-key.json", checkpoints=directory / "checkpoints.txt"
        )


def service(places: Places, port: int) -> Service:
    return Service(ServiceSettings(places=places, base_domain="assay.localhost", port=port))


async def test_the_last_checkpoint_covers_the_last_event(places: Places) -> None:
    running = service(places, free_port())
    await running.start()
    verifiers = running.keys.verifiers()
    assert running.gateway.cuts, "this host lets connections be cut"
    await running.stop()
    store = Store(Database.at(places.database))
    size = (await store.read(read_tree)).size
    (last,) = await store.read(lambda reader: tail(reader, after=size - 2, limit=1))
    await store.close()
    assert last.code == "service.stopped"
    points = tuple(read_checkpoints(places.checkpoints.read_text(), verifiers))
    assert points[-1].signed
    assert points[-1].size == size
    assert not places.admin_socket.exists()
    assert not places.pages_socket.exists()


async def test_a_start_that_fails_lets_go_of_everything(places: Places) -> None:
    port = free_port()
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(AssayError):
            await service(places, port).start()
    again = service(places, free_port())
    await again.start()
    found = await again.store.read(lambda reader: search(reader, EventQuery(code="service.stopped")))
    assert found.events == (), "what never started did not stop"
    await again.stop()
