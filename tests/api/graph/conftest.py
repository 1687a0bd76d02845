"""A company behind the console's socket."""

import pytest

from tests.api.graph.company import Company, founded
from tests.api.graph_service import GraphService


@pytest.fixture
async def company(graph: GraphService) -> Company:
    """Lists of everything that there is."""
    return await founded(graph)
