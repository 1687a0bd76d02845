"""The console and the API at the check: built-in apps, for who holds a role that the API knows, judged like all."""

from base64 import b64encode

import msgspec
import pytest

from assay.access.exchange import Allow, CheckAnswer, CheckRequest, Connection, Redirect, Refuse
from assay.access.own_steps import Home
from assay.apps import App
from assay.events.records.decisions import DecisionQuery, search_decisions
from assay.policy import ConditionalAccessPolicy, PolicyState
from assay.policy.condition_set import Applications, ConditionSet, Users
from assay.policy.definition import BuiltInControl, GrantControls
from assay.policy.targets import API, CONSOLE
from assay.values import AppId, PolicyId
from tests.access.house import BY, House, Person
from tests.access.test_check import publish, withdrawn

TOKEN = f"Bearer assay_{'0' * 64}"


@pytest.fixture
async def mia(house: House) -> Person:
    person = await house.person("mia")
    await house.roles.assign(BY, "Reports Reader", user="mia")
    await person.sign_in()
    return person


@pytest.fixture
def console(house: House) -> App:
    return house.signals.apps[CONSOLE]


def about(app_id: AppId, control: BuiltInControl) -> ConditionalAccessPolicy:
    return ConditionalAccessPolicy(
        id=PolicyId("a55a0000-0000-4000-8000-0000000000ab"),
        display_name="About one of ours",
        state=PolicyState.ENABLED,
        conditions=ConditionSet(
            users=Users(include_users=("All",)), applications=Applications(include_applications=(app_id,))
        ),
        grant_controls=GrantControls(built_in_controls=(control,)),
    )


async def at_api(house: House, *, authorization: str = "", cookie: str = "", page: bool = False) -> CheckAnswer:
    return await house.ask(
        CheckRequest(
            connection=Connection(peer_ip="192.0.2.10", peer_port=50_000, number=1),
            method="GET",
            host="api.assay.localhost",
            path="/v1.0/users",
            authorization=authorization,
            cookie=cookie,
            accept="text/html" if page else "*/*",
            fetch_mode="navigate" if page else "",
            fetch_dest="document" if page else "",
        )
    )


async def test_a_role_that_the_api_knows_opens_the_console_and_nothing_else_does(
    house: House, mia: Person, console: App
) -> None:
    answer = await mia.open(console)
    assert house.claims(answer)["aud"] == "https://console.assay.localhost:8443"
    nina = await house.person("nina")
    await nina.sign_in()
    assert isinstance(await nina.open(console), Redirect)
    await house.roles.assign(BY, "Teams Administrator", user="nina")
    assert isinstance(await nina.open(console), Redirect), "a role that the API does not know"


async def test_a_role_that_is_taken_closes_what_is_open(house: House, mia: Person, console: App) -> None:
    assert isinstance(await mia.open(console), Allow)
    session = await mia.session_id()
    assert withdrawn(house, session, CONSOLE, mia) is None
    await house.roles.remove(BY, "Reports Reader", user="mia")
    assert withdrawn(house, session, CONSOLE, mia) == "notAssigned"
    assert isinstance(await mia.ask(console), Redirect)


async def test_what_a_role_opened_is_closed_with_it_whatever_other_role_is_left(
    house: House, mia: Person, console: App
) -> None:
    await house.roles.assign(BY, "Directory Readers", user="mia")
    answer = await mia.open(console)
    assert isinstance(answer, Allow)
    session = await mia.session_id()

    def found() -> str | None:
        at = house.clock.now()
        gone = house.check.open_access.withdrawn(session, CONSOLE, mia.address, (answer.grant,), at)
        return None if gone is None else gone.reason.code

    assert found() is None
    await house.roles.assign(BY, "Teams Administrator", user="mia")
    await house.roles.remove(BY, "Teams Administrator", user="mia")
    assert found() is None, "it opened nothing here"
    await house.roles.remove(BY, "Reports Reader", user="mia")
    assert found() == "roleRemoved"
    anew = await mia.ask(console)
    assert isinstance(anew, Allow), "and goes on with what is left"
    assert house.check.open_access.withdrawn(session, CONSOLE, mia.address, (anew.grant,), house.clock.now()) is None


async def test_policies_that_name_the_console_decide_and_each_decision_is_kept(
    house: House, mia: Person, console: App
) -> None:
    assert isinstance(await mia.open(console), Allow)
    session = await mia.session_id()
    await publish(house, about(CONSOLE, BuiltInControl.BLOCK))
    assert withdrawn(house, session, CONSOLE, mia) == "blockedByPolicy"
    refused = await mia.ask(console, "/v1.0/users", navigation=False)
    assert isinstance(refused, Refuse)
    error = msgspec.json.decode(refused.body)["error"]
    assert error["code"] == "Authorization_RequestDenied"
    assert error["innerError"]["reasons"][0]["code"] == "blockedByPolicy"
    assert error["innerError"]["decision"]
    await house.log.flush()
    found = await house.store.read(lambda reader: search_decisions(reader, DecisionQuery(app_id=CONSOLE)))
    assert {record.outcome for record in found} == {"allow", "block"}


async def test_who_administers_has_a_tile_for_the_console_and_none_for_the_api(house: House, mia: Person) -> None:
    home = await house.own_home.home(mia.visitor)
    assert isinstance(home, Home)
    assert [tile.url for tile in home.apps] == ["https://console.assay.localhost:8443/"]


async def test_at_the_api_a_session_in_a_browser_is_nobody(house: House, mia: Person, console: App) -> None:
    assert isinstance(await mia.open(console), Allow)
    cookie = f"__Host-assay-app={mia.app_cookies['console']}"
    for page in (False, True):
        answer = await at_api(house, cookie=cookie, page=page)
        assert isinstance(answer, Refuse), "neither let in nor sent to a page"
        assert answer.status == 401
        assert dict(answer.headers)["www-authenticate"] == 'Bearer realm="api.assay.localhost"'


async def test_at_the_api_every_token_that_opens_nothing_is_answered_alike(house: House, mia: Person) -> None:
    """Made up, not of our form, or the secret of a browser's session."""
    await mia.open(house.signals.apps[CONSOLE])
    answers = [
        await at_api(house, authorization=each)
        for each in (TOKEN, "Bearer assay_", f"Bearer assay_{'g' * 64}", f"Bearer assay_{'0' * 4_000}")
    ]
    assert all(isinstance(answer, Refuse) and answer.status == 401 for answer in answers)
    bodies = [msgspec.json.decode(answer.body)["error"] for answer in answers if isinstance(answer, Refuse)]
    assert {body["code"] for body in bodies} == {"Authentication_Required"}
    assert {body["innerError"]["code"] for body in bodies} == {"credentialInvalid"}
    basic = b64encode(f"x:assay_{'0' * 64}".encode()).decode()
    kept = await at_api(house, authorization=f"Basic {basic}")
    assert isinstance(kept, Refuse)
    assert "error" not in dict(kept.headers)["www-authenticate"], "what a browser may keep is not even looked at"
    foreign = await at_api(house, authorization=f"Bearer {mia.app_cookies['console']}")
    assert isinstance(foreign, Refuse)
    assert foreign.status == 401


async def test_the_console_and_the_api_cannot_be_changed_or_opened_to_anybody(house: House, mia: Person) -> None:
    del mia
    assert house.signals.apps_by_name["api"].id == API
    for name in ("console", "api"):
        with pytest.raises(Exception, match="reserved"):
            await house.apps.protect(BY, "unix:///run/x.sock", name=name)
        with pytest.raises(Exception, match="there is no app"):
            await house.apps.assign(BY, name, user="mia")
