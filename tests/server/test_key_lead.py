"""A rotation under a moved clock: an app that keeps the published keys as long as it is told never meets a stranger."""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from assay.access.assertion import KEYS_KEPT, LIFETIME
from assay.access.rotation_rules import LEAD, SHORTEST_LEAD
from assay.pages.routes.app_host import KEYS_CACHING
from assay.server.keys import complete_keys
from tests.access.house import BY, NOW, House
from tests.api.service import AdminService

STEP = timedelta(seconds=30)
WHILE = timedelta(minutes=36)


async def started(house: House, directory: Path) -> AdminService:
    """A service with every key that a first start makes."""
    await house.store.write(lambda transaction: complete_keys(transaction, house.keyring, house.clock))
    return AdminService(house, directory)


async def lived(service: AdminService, until: datetime) -> tuple[dict[datetime, KeySet], dict[datetime, str]]:
    """What was published at each step, and what was signed."""
    clock, keys = service.house.clock, service.keys
    published: dict[datetime, KeySet] = {}
    signed: dict[datetime, str] = {}
    while clock.now() < until:
        await service.key_care.flow.rotate_when_due(BY, every=timedelta(days=90))
        published[clock.now()] = KeySet.import_key_set(msgspec.json.decode(keys.jwks()))
        key = keys.assertion()
        signed[clock.now()] = jwt.encode({"alg": "ES256", "kid": key.kid}, {}, key.private)
        clock.advance(seconds=STEP.total_seconds())
    return published, signed


def refused(published: dict[datetime, KeySet], signed: dict[datetime, str], key_ids: set[str]) -> list[datetime]:
    """When an app refused what an honest person brought: whatever it had fetched, and may still have kept."""
    found = []
    for made, token in signed.items():
        for fetched, keys in published.items():
            # Fetched before it was made and kept since, or fetched while it was good.
            if not made - KEYS_KEPT < fetched <= made + LIFETIME:
                continue
            try:
                key_ids.add(str(jwt.decode(token, keys).header["kid"]))
            except (JoseError, ValueError):
                found.append(made)
    return found


@pytest.mark.parametrize("lead", [None, LEAD, SHORTEST_LEAD])
async def test_no_app_refuses_while_a_key_rotates(house: House, tmp_path: Path, lead: timedelta | None) -> None:
    service = await started(house, tmp_path)
    before = house.clock.now()
    house.clock.advance(seconds=60)
    await service.key_care.flow.rotate_assertion(BY, lead=lead)
    published, signed = await lived(service, before + WHILE)
    key_ids: set[str] = set()
    assert refused(published, signed, key_ids) == []
    assert len(key_ids) == 2, "both signed"
    assert len(published[max(published)].keys) == 1, "and the one before is gone in the end"
    assert f"max-age={KEYS_KEPT.total_seconds():.0f}" in KEYS_CACHING


async def test_a_theft_does_not_wait_for_apps(house: House, tmp_path: Path) -> None:
    """What the rule above holds against: signed at once, an app with the keys of a moment ago refuses."""
    service = await started(house, tmp_path)
    published, signed = await lived(service, NOW + timedelta(minutes=2))
    await service.key_care.flow.rotate_assertion(BY, at_once=True)
    more, others = await lived(service, NOW + WHILE)
    assert refused(published | more, signed | others, set()) != []
