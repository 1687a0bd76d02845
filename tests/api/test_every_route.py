"""Every route of the admin API, and every kind of host user: the service's own and root are answered, no other."""

import os
import re
from pathlib import Path

import httpx
import pytest

from assay.api.admin_api import admin_routes
from tests.access.house import House
from tests.api.service import AdminService, short_directory

OWN, OTHER = os.getuid(), 54_321


def routes_of(service: AdminService) -> list[tuple[str, str]]:
    """Every method and path that the application answers."""
    app = admin_routes(service._flows())
    found = {(method, route.path) for route in app.routes for method in getattr(route, "methods", ())}
    return sorted((method, path) for method, path in found if method != "OPTIONS")


async def answers(house: House, uids: frozenset[int]) -> dict[tuple[str, str], int]:
    """The status of each route for us, where these users of the host may ask."""
    with short_directory() as directory:
        running = AdminService(house, Path(directory), uids=uids)
        await running.server.start()
        found = {}
        try:
            transport = httpx.AsyncHTTPTransport(uds=str(running.server.path), verify=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://assay", timeout=60) as client:
                for method, path in routes_of(running):
                    concrete = re.sub(r"\{.*?\}", "00000000-0000-4000-8000-000000000000", path)
                    async with client.stream(method, concrete, json=None if method == "GET" else {}) as answer:
                        found[method, path] = answer.status_code
        finally:
            await running.server.stop()
    return found


async def test_the_services_own_user_is_answered_at_every_route(house: House) -> None:
    found = await answers(house, frozenset({OWN}))
    assert len(found) > 40, "the routes were found"
    assert {route: status for route, status in found.items() if status in (401, 403) or status >= 500} == {}


@pytest.mark.parametrize("allowed", [frozenset({OTHER}), frozenset({OTHER, OTHER + 1}), frozenset()])
async def test_nobody_else_is_answered_at_any_route(house: House, allowed: frozenset[int]) -> None:
    """We are the wrong user of the host wherever only others may ask; root is no exception that is made elsewhere."""
    found = await answers(house, allowed)
    assert set(found.values()) == {403}
