"""What is kept between the requests of a session is what judging anew would say."""

import msgspec
import pytest

from assay.access.exchange import Allow, CheckAnswer
from assay.access.import_policies import ImportOptions
from assay.access.live_sessions import LiveAppSession
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
