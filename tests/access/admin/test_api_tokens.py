"""Named tokens of the API: one role each, never the one that owns everything; judged, limited and logged."""

from datetime import timedelta

import msgspec
import pytest

from assay.access.api_tokens import ApiTokens, token_role
from assay.access.authorize import PERMISSIONS
from assay.access.callers import Callers
from assay.access.exchange import Allow, CheckAnswer, CheckRequest, Connection, Refuse
from assay.access.named_locations import NamedLocations
from assay.access.policy_sets import keep_policy_set_in_force
from assay.events import EventQuery, search
from assay.events.records.search import content
from assay.governance.roles import GLOBAL_ADMINISTRATOR, built_in_roles, find_role
from assay.policy.definition import BuiltInControl
from assay.policy.targets import API
from assay.sealing import KeyPurpose
from assay.values import ConflictError, InvalidInputError, NotFoundError
from tests.access.house import BY, House
from tests.access.test_check import publish
from tests.access.test_console import about

ORIGIN = "https://api.assay.localhost:8443"


async def ask(house: House, secret: str, *, address: str = "198.51.100.7") -> CheckAnswer:
    return await house.ask(
        CheckRequest(
            connection=Connection(peer_ip=address, peer_port=50_000, number=1),
            method="GET",
            host="api.assay.localhost",
            path="/v1.0/assay/me",
            authorization=f"Bearer {secret}",
            user_agent="curl/8.5",
        )
    )


def callers(house: House) -> Callers:
    return Callers(
        signals=house.signals,
        sessions=house.sessions,
        issuer=house.addresses.id_origin,
        keys=lambda: house.jwks(KeyPurpose.ASSERTION),
        now=house.clock.now,
    )


async def test_a_token_is_a_program_with_its_role_until_it_is_revoked(house: House) -> None:
    tokens = ApiTokens(house.premises)
    made = await tokens.add(BY, name="reports", role="Reports Reader")
    answer = await ask(house, made.secret)
    assert isinstance(answer, Allow)
    assert answer.without_authorization
    assertion = dict(answer.headers)["Assay-Assertion"]
    caller = callers(house).caller(assertion, ORIGIN)
    assert caller is not None
    assert (caller.name, caller.user_id, caller.token_id) == ("reports", None, made.credential.id)
    assert caller.roles == {find_role("Reports Reader").id}
    await tokens.revoke(BY, "reports")
    assert callers(house).caller(assertion, ORIGIN) is None, "with the assertion of before, too"
    refused = await ask(house, made.secret)
    assert isinstance(refused, Refuse)
    assert refused.status == 401


@pytest.mark.parametrize("role", ["Global Administrator", GLOBAL_ADMINISTRATOR, "Teams Administrator", "King", ""])
async def test_no_token_has_a_role_that_owns_everything_or_that_the_api_does_not_know(house: House, role: str) -> None:
    with pytest.raises(InvalidInputError):
        await ApiTokens(house.premises).add(BY, name="x", role=role)


def test_every_other_role_that_the_api_knows_can_be_a_tokens() -> None:
    assert {
        token_role(built_in_roles()[role].display_name).id for role in PERMISSIONS if role != GLOBAL_ADMINISTRATOR
    } == set(PERMISSIONS) - {GLOBAL_ADMINISTRATOR}


async def test_a_token_is_held_to_its_time_its_place_and_the_policies(house: House) -> None:
    tokens = ApiTokens(house.premises)
    await NamedLocations(house.premises).add(BY, name="office", ranges=("203.0.113.0/24",))
    await house.store.write(keep_policy_set_in_force)
    made = await tokens.add(
        BY, name="office", role="Security Reader", lifetime=timedelta(hours=1), location_names=["office"]
    )
    assert isinstance(await ask(house, made.secret, address="203.0.113.7"), Allow)
    elsewhere = await ask(house, made.secret)
    assert isinstance(elsewhere, Refuse)
    assert elsewhere.status == 403
    house.clock.advance(hours=1)
    over = await ask(house, made.secret, address="203.0.113.7")
    assert isinstance(over, Refuse)
    assert over.status == 401


async def test_policies_for_people_are_not_for_programs(house: House) -> None:
    made = await ApiTokens(house.premises).add(BY, name="reports", role="Reports Reader")
    await publish(house, about(API, BuiltInControl.MFA))
    assert isinstance(await ask(house, made.secret), Allow), "no program can prove a second factor"


async def test_names_are_used_once_and_what_is_gone_is_said(house: House) -> None:
    tokens = ApiTokens(house.premises)
    await tokens.add(BY, name="reports", role="Reports Reader")
    with pytest.raises(ConflictError):
        await tokens.add(BY, name="reports", role="Reports Reader")
    await tokens.revoke(BY, "reports")
    with pytest.raises(NotFoundError):
        await tokens.revoke(BY, "reports")
    house.clock.advance(seconds=1)
    await tokens.add(BY, name="reports", role="Global Reader")
    assert [(each.credential.name, each.credential.revoked_at is None) for each in await tokens.every()] == [
        ("reports", True),
        ("reports", False),
    ]


async def test_making_and_revoking_are_in_the_log_without_the_secret(house: House) -> None:
    tokens = ApiTokens(house.premises)
    made = await tokens.add(BY, name="reports", role="Reports Reader")
    await tokens.revoke(BY, "reports")
    page = await house.store.read(lambda reader: search(reader, EventQuery(limit=100)))
    told = [event for event in map(content, page.events) if event is not None]
    codes = [event.metadata.event_code for event in told]
    assert codes[:2] == ["credential.revoked", "credential.added"]
    assert all(made.secret.encode() not in msgspec.json.encode(event) for event in told)
