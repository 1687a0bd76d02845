"""One house for all tests of nodes: to build it takes longer than most of them, and each leaves it as it was.

They run one after another, in one process (tests/run/grouping.py) and in the order of their files: the first finds a
house without an owner, the last leaves it to a later release.
"""

from collections.abc import Iterator

import pytest

from tests.nodes.house import House, database_at, running_house
from tests.nodes.lan import Lan, lan
from tests.postgres import Cluster


@pytest.fixture(scope="package")
def place() -> Iterator[Lan]:
    """The machines."""
    with lan() as made:
        yield made


@pytest.fixture(scope="package")
def cluster(place: Lan) -> Iterator[Cluster]:
    """The PostgreSQL of their database's machine."""
    with database_at(place) as running:
        yield running


@pytest.fixture(scope="package")
def built(place: Lan, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Both nodes; what a file does to them before its tests, it does to these."""
    with running_house(place, cluster, tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture
def two(built: House) -> Iterator[House]:
    """The same house, nobody signed in and both nodes running, whatever the test before left; as seen by the client."""
    with built.place.at("client"):
        if built.owner is not None:
            built.put_in_order()
        yield built
