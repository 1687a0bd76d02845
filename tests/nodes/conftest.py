"""One house with two running nodes for all tests of a file: starting one takes longer than most of them."""

from collections.abc import Iterator

import pytest

from tests.nodes.house import House, house


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Both nodes; the bound without the database is one that a test can wait for."""
    with house(tmp_path_factory.mktemp("house"), settings="outage_minutes = 1\n") as made:
        yield made


@pytest.fixture
def two(running: House) -> House:
    """The same house, nobody signed in and both nodes running, whatever the test before left."""
    if running.owner is not None:
        running.put_in_order()
    return running
