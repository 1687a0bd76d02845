"""A pytest plugin: how tests are shared out over the workers."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One browser at a time: two on two cores time each other out."""
    for item in items:
        if item.get_closest_marker("browser") is not None:
            item.add_marker(pytest.mark.xdist_group("browser"))
