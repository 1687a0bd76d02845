"""What is kept between the requests of a session is what judging anew would say."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import msgspec
import pytest

from assay.access.exchange import Allow, CheckAnswer, CheckRequest, Connection
from assay.access.groups import Groups
from assay.access.import_policies import ImportOptions
from assay.access.kept_allowance import LONGEST_KEPT_COOKIE
from assay.access.live_sessions import LiveAppSession
from assay.access.revoke_sessions import Sessions
from assay.apps import App
from assay.policy import SourceFile
from assay.sessions.secret import secret_hash
from assay.values import Reason
from tests.access.house import BY, CHROME, House, Person

WINDOWS = CHROME.replace("X11; Linux x86_64", "Windows NT 10.0; Win64; x64")
BLOCK = {"operator": "OR", "builtInControls": ["block"]}
ON_WINDOWS = {"conditions": {"platforms": {"includePlatforms": ["windows"]}}, "grantControls": BLOCK}
HOURLY = {"sessionControls": {"signInFrequency": {"isEnabled": True, "type": "hours", "value": 1}}}


async def publish(house: House, name: str, policy: dict[str, dict[str, object]]) -> None:
    everybody: dict[str, object] = {
        "users": {"includeUsers": ["All"]},
        "applications": {"includeApplications": ["All"]},
        "clientAppTypes": ["all"],
    }
    conditions = everybody | policy.get("conditions", {})
    content = {"displayName": name, "state": "enabled", **policy, "conditions": conditions}
    file = SourceFile(name=f"{name}.json", content=msgspec.json.encode(content))
    await house.policies.import_files(BY, (file,), ImportOptions())


@pytest.fixture
async def wiki(house: House) -> App:
    return await house.app("wiki", assigned=["alice"])


@pytest.fixture
async def alice(house: House) -> Person:
    person = await house.person("alice")
    await person.sign_in()
    return person


def kept_of(house: House, person: Person) -> LiveAppSession:
    found = house.sessions.find(secret_hash(person.app_cookies["wiki"]))
    assert found is not None
    return found


async def asked(person: Person, wiki: App) -> CheckAnswer:
    return await person.ask(wiki, navigation=False)


async def test_the_same_question_is_judged_once(house: House, alice: Person, wiki: App) -> None:
    assert isinstance(await alice.open(wiki), Allow)
    kept = kept_of(house, alice)
    first = kept.judged
    house.clock.advance(minutes=5)
    assert isinstance(await asked(alice, wiki), Allow)
    assert kept.judged is first
    await house.apps.protect(BY, "unix:///run/other.sock", name="other")
    assert isinstance(await asked(alice, wiki), Allow)
    assert kept.judged is not first, "whatever is changed, everything is judged again"


async def test_another_client_is_another_question(house: House, alice: Person, wiki: App) -> None:
    await publish(house, "not on Windows", ON_WINDOWS)
    assert isinstance(await alice.open(wiki), Allow)
    alice.user_agent = WINDOWS
    assert not isinstance(await asked(alice, wiki), Allow)
    alice.user_agent = CHROME
    assert isinstance(await asked(alice, wiki), Allow)


async def test_another_address_is_another_question(house: House, alice: Person, wiki: App) -> None:
    assert isinstance(await alice.open(wiki), Allow)
    kept = kept_of(house, alice)
    alice.address_at_apps = "198.51.100.7"
    assert isinstance(await asked(alice, wiki), Allow)
    assert kept.judged is not None
    assert str(kept.judged.judgement.request.address) == "198.51.100.7"


async def test_a_judgement_is_not_kept_longer_than_the_proofs_allow(house: House, alice: Person, wiki: App) -> None:
    await publish(house, "hourly", HOURLY)
    assert isinstance(await alice.open(wiki), Allow)
    house.clock.advance(minutes=55)
    assert isinstance(await asked(alice, wiki), Allow)
    house.clock.advance(minutes=6)
    assert not isinstance(await asked(alice, wiki), Allow)


async def test_while_nothing_may_be_granted_what_was_kept_is_not_either(house: House, alice: Person, wiki: App) -> None:
    assert isinstance(await alice.open(wiki), Allow)
    house.signals.standing.leave(Reason.of("nodeClock", seconds="60"))
    assert not isinstance(await asked(alice, wiki), Allow)
    house.signals.standing.enter("nodeClock")
    assert isinstance(await asked(alice, wiki), Allow)
    house.store.feed.lost(LookupError("what changed is not known"))
    assert not isinstance(await asked(alice, wiki), Allow)


async def test_new_proofs_are_another_question(house: House, alice: Person, wiki: App) -> None:
    assert isinstance(await alice.open(wiki), Allow)
    kept = kept_of(house, alice)
    first = kept.judged
    session = kept.live.session
    await alice.sign_in()
    assert isinstance(await asked(alice, wiki), Allow)
    assert kept.live.session.proofs != session.proofs
    assert kept.judged is not first


def request_of(person: Person, wiki: App, **differs: str) -> CheckRequest:
    """One with a cookie of the app's own, and what differs of it; `peer` and `forwarded_for` are the connection's."""
    connection = Connection(
        peer_ip=differs.pop("peer", "192.0.2.10"),
        peer_port=50_000,
        number=1,
        forwarded_for=differs.pop("forwarded_for", ""),
    )
    fields = {"method": "GET", "user_agent": CHROME, "cookie": "theme=dark"} | differs
    fields["cookie"] += f"; __Host-assay-app={person.app_cookies['wiki']}"
    return CheckRequest(connection=connection, host=person.house.host(wiki), path="/", accept="text/html", **fields)


async def test_the_same_request_is_answered_with_what_was_kept(house: House, alice: Person, wiki: App) -> None:
    await alice.open(wiki)
    request = request_of(alice, wiki)
    first = await house.ask(request)
    assert isinstance(first, Allow)
    house.clock.advance(seconds=30)
    assert await house.ask(request) is first
    live = kept_of(house, alice).live
    assert live.last_seen == house.clock.now(), "it is use of the session"
    house.clock.advance(minutes=3)
    renewed = await house.ask(request)
    assert isinstance(renewed, Allow)
    assert renewed.headers != first.headers, "an assertion is renewed before its end"


@pytest.mark.parametrize(
    "differs",
    [
        {"cookie": "theme=light"},
        {"cookie": ""},
        {"user_agent": WINDOWS},
        {"peer": "198.51.100.7"},
        {"forwarded_for": "198.51.100.7"},
        {"method": "POST"},
        {"upgrade": "websocket"},
    ],
    ids=str,
)
async def test_what_differs_is_answered_as_if_nothing_were_kept(
    house: House, alice: Person, wiki: App, differs: dict[str, str]
) -> None:
    await publish(house, "not on Windows", ON_WINDOWS)
    await alice.open(wiki)
    request, other = request_of(alice, wiki), request_of(alice, wiki, **differs)
    first = await house.ask(request)
    assert isinstance(first, Allow)
    answer = await house.ask(other)
    kept_of(house, alice).allowance = None
    assert answer == await house.ask(other) or not isinstance(answer, Allow)
    assert await house.ask(request) == first


async def test_a_long_cookie_is_not_kept(house: House, alice: Person, wiki: App) -> None:
    """Whoever is signed in chooses how long the app's own cookies are: they must not fill the memory."""
    await alice.open(wiki)
    long = await house.ask(request_of(alice, wiki, cookie=f"theme={'x' * LONGEST_KEPT_COOKIE}"))
    assert isinstance(long, Allow)
    assert kept_of(house, alice).allowance is None
    short = await house.ask(request_of(alice, wiki))
    assert isinstance(short, Allow)
    assert short.cookie == "theme=dark"


async def test_what_is_kept_ends_with_the_session(house: House, alice: Person, wiki: App) -> None:
    await alice.open(wiki)
    request, session = request_of(alice, wiki), kept_of(house, alice).live.session
    assert isinstance(await house.ask(request), Allow)
    while house.clock.now() + session.idle / 2 < session.ends_at:
        house.clock.advance(seconds=session.idle.total_seconds() / 2)
        assert isinstance(await house.ask(request), Allow)
    house.clock.at = session.ends_at
    assert not isinstance(await house.ask(request), Allow)


async def test_what_is_kept_ends_when_the_session_was_idle(house: House, alice: Person, wiki: App) -> None:
    """The policy would let in for longer: what is kept knows of nothing but the session's own rules."""
    await alice.open(wiki)
    request, kept = request_of(alice, wiki), kept_of(house, alice)
    kept.live.session = msgspec.structs.replace(kept.live.session, idle=timedelta(seconds=60))
    assert isinstance(await house.ask(request), Allow)
    house.clock.advance(seconds=59)
    assert isinstance(await house.ask(request), Allow)
    house.clock.advance(seconds=60)
    assert not isinstance(await house.ask(request), Allow)


async def test_what_changes_between_two_requests_ends_what_was_kept(house: House, alice: Person, wiki: App) -> None:
    groups, sessions = Groups(house.premises), Sessions(house.premises)
    await groups.add(BY, name="staff")
    await groups.add_member(BY, "staff", user="alice")
    await alice.open(wiki)
    request = request_of(alice, wiki)

    async def step_back() -> None:
        house.clock.advance(seconds=-30)

    async def block() -> None:
        await publish(house, "nobody", {"grantControls": BLOCK})

    changes: tuple[tuple[Callable[[], Awaitable[object]], bool], ...] = (
        (lambda: house.apps.edit(BY, "wiki", display_name="Notes"), True),
        (lambda: house.people.edit(BY, "alice", display_name="Alice B"), True),
        (lambda: groups.edit(BY, "staff", name="crew"), True),
        (step_back, True),
        (lambda: house.apps.unassign(BY, "wiki", user="alice"), False),
        (lambda: house.apps.assign(BY, "wiki", group="crew"), True),
        (lambda: groups.remove_member(BY, "crew", user="alice"), False),
        (lambda: groups.add_member(BY, "crew", user="alice"), True),
        (block, False),
        (lambda: house.policies.remove(BY, "nobody"), True),
        (lambda: sessions.revoke(BY, user="alice"), False),
    )
    last = await house.ask(request)
    for number, (change, allowed) in enumerate(changes):
        assert not isinstance(last, Allow) or await house.ask(request) is last
        await change()
        answer = await house.ask(request)
        assert answer is not last, number
        assert isinstance(answer, Allow) == allowed, number
        last = answer
