"""The judgement of requests: who gets in, what the app learns, and how fast a change is known."""

from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from assay.access.decide import judge
from assay.access.exchange import Allow, Grant, Redirect, Refuse
from assay.access.snapshot import decode_snapshot, encode_snapshot
from assay.access.visitor import Destination
from assay.governance.records import policies
from assay.policy import AppTarget, ConditionalAccessPolicy, PolicyState, decide
from assay.policy.definition import (
    Applications,
    BuiltInControl,
    ConditionSet,
    GrantControls,
    LimitControls,
    SessionControls,
    Users,
)
from assay.values import AppId, PolicyId, SessionId
from tests.access.house import BY, House, Person


def policy(
    *, state: PolicyState = PolicyState.ENABLED, block: bool = False, read_only: bool = False
) -> ConditionalAccessPolicy:
    return ConditionalAccessPolicy(
        id=PolicyId("a55a0000-0000-4000-8000-0000000000aa"),
        display_name="Test",
        state=state,
        conditions=ConditionSet(
            users=Users(include_users=("All",)), applications=Applications(include_applications=("All",))
        ),
        grant_controls=GrantControls(built_in_controls=(BuiltInControl.BLOCK,)) if block else None,
        session_controls=SessionControls(limits=LimitControls(read_only=True)) if read_only else None,
    )


async def publish(house: House, published: ConditionalAccessPolicy) -> None:
    await house.store.write(lambda transaction: policies.put(transaction, published, house.clock.now()))


def withdrawn(house: House, session: SessionId, app: AppId, person: Person) -> str | None:
    """Why what this person has open in full may not stay open."""
    grants = (Grant(user_agent=person.user_agent),)
    found = house.check.open_access.withdrawn(session, app, person.address, grants, house.clock.now())
    return None if found is None else found.reason.code


@pytest.fixture
async def alice(house: House) -> Person:
    person = await house.person("alice")
    await person.password()
    return person


async def test_who_is_assigned_gets_in_and_the_app_learns_who_it_is(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    answer = await alice.open(wiki, "/page?x=1")
    assert isinstance(answer, Allow)
    assert answer.cookie == "theme=dark", "our own cookie is no business of the app's"
    claims = house.claims(answer)
    assert claims["preferred_username"] == "alice"
    assert claims["aud"] == "https://wiki.assay.localhost:8443"
    assert claims["iss"] == "https://id.assay.localhost:8443"
    assert claims["amr"] == ["pwd"]


async def test_access_exists_only_by_assignment(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    other = await house.app("payroll")
    assert isinstance(await alice.open(wiki), Allow)
    assert isinstance(await alice.open(other), Redirect)
    refused = await alice.ask(other, navigation=False)
    assert isinstance(refused, Refuse)
    assert refused.status == 401


async def test_an_apps_cookie_opens_that_app_only(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    payroll = await house.app("payroll", assigned=["alice"])
    assert isinstance(await alice.open(wiki), Allow)
    alice.app_cookies["payroll"] = alice.app_cookies["wiki"]
    assert not isinstance(await alice.ask(payroll), Allow)


async def test_a_ticket_works_once_in_the_browser_that_set_out_and_on_its_app(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    await house.app("payroll", assigned=["alice"])
    redirect = await alice.ask(wiki)
    assert isinstance(redirect, Redirect)
    state = parse_qs(urlsplit(redirect.location).query)["state"][0]

    async def ticket() -> str:
        step = (await house.sign_in.start(alice.visitor, Destination(app=wiki.id, path="/", state=state))).step
        return parse_qs(urlsplit(step.location).query)["ticket"][0]  # type: ignore[union-attr]

    async def redeems(value: str, *, host: str = "wiki.assay.localhost", by: str = state) -> bool:
        return isinstance(await house.tickets.redeem(host, value, by, alice.visitor), Redirect)

    assert not await redeems(await ticket(), by="A" * 43), "another browser's state"
    assert not await redeems(await ticket(), host="payroll.assay.localhost"), "another app's host"
    late = await ticket()
    house.clock.advance(seconds=31)
    assert not await redeems(late), "after its time"
    good = await ticket()
    assert await redeems(good)
    assert not await redeems(good), "a second time"


@pytest.mark.parametrize("change", ["disable", "unassign", "revoke", "remove", "sign out"])
async def test_a_change_is_known_when_the_one_who_made_it_is_told(house: House, alice: Person, change: str) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    assert isinstance(await alice.open(wiki), Allow)
    session = await alice.session_id()
    match change:
        case "disable":
            await house.people.disable(BY, "alice")
        case "unassign":
            await house.apps.unassign(BY, "wiki", user="alice")
        case "revoke":
            await house.sign_in.sign_out(alice.visitor)
        case "remove":
            await house.people.remove(BY, "alice")
        case "sign out":
            await house.tickets.sign_out("wiki.assay.localhost", alice.app_cookies["wiki"], alice.visitor)
    assert withdrawn(house, session, wiki.id, alice) is not None
    assert isinstance(await alice.ask(wiki), Redirect)


async def test_a_report_only_policy_lets_in_and_the_same_policy_switched_on_refuses(
    house: House, alice: Person
) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    await publish(house, policy(state=PolicyState.REPORT_ONLY, block=True))
    assert isinstance(await alice.open(wiki), Allow)
    await publish(house, policy(block=True))
    refused = await alice.ask(wiki, navigation=False)
    assert isinstance(refused, Refuse)
    assert refused.status == 403
    problem = msgspec.json.decode(refused.body)
    assert problem["error"] == "accessDenied"
    assert len(problem["decision"]) == 8


async def test_read_only_refuses_what_can_write(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    assert isinstance(await alice.open(wiki), Allow)
    session = await alice.session_id()
    await publish(house, policy(read_only=True))
    assert withdrawn(house, session, wiki.id, alice) == "limitsNarrowed", "what is open may be writing"
    assert isinstance(await alice.ask(wiki), Allow)
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = await alice.ask(wiki, method=method, navigation=False)
        assert isinstance(answer, Refuse), method
        assert answer.status == 403


async def test_a_cookie_that_comes_twice_is_refused(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    assert isinstance(await alice.open(wiki), Allow)
    alice.app_cookies["wiki"] += f"; __Host-assay-app={'A' * 43}"
    answer = await alice.ask(wiki)
    assert isinstance(answer, Refuse)
    assert answer.status == 400


async def test_a_recorded_decision_is_asked_again_with_the_same_answer(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    await alice.open(wiki)
    session = await house.sign_in.session(alice.visitor)
    assert session is not None
    subject = house.signals.subject(session.user_id)
    assert subject is not None
    judgement = judge(
        house.signals,
        subject,
        AppTarget(app_id=wiki.id),
        proofs=session.proofs,
        address=alice.visitor.ip,
        user_agent=alice.user_agent,
        at=house.clock.now(),
    )
    kept = decode_snapshot(encode_snapshot(judgement.request), judgement.request.at)
    assert kept == judgement.request
    assert decide(house.signals.compiled, house.signals.compiled.subject(kept.principal), kept) == judgement.decision
