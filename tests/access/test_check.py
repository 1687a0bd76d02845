"""The judgement of requests: who gets in, what the app learns, and how fast a change is known."""

from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from assay.access.decide import judge
from assay.access.exchange import Allow, Grant, Redirect, Refuse
from assay.access.explain import Decisions
from assay.access.groups import Groups
from assay.access.policy_sets import keep_policy_set_in_force
from assay.access.snapshot import decode_snapshot, encode_snapshot
from assay.access.steps import AskSecondFactor, Enter, Refused
from assay.access.visitor import Destination
from assay.governance.records import policies
from assay.network.records import locations
from assay.policy import AppTarget, ConditionalAccessPolicy, NamedLocation, PolicyState, decide
from assay.policy.condition_set import Applications, ConditionSet, Locations, Users
from assay.policy.definition import BuiltInControl, GrantControls
from assay.policy.session_controls import LimitControls, SessionControls
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
    house.clock.advance(seconds=30)
    assert not await redeems(late), "at its end"
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


async def outside(house: House, controls: GrantControls) -> None:
    """A policy for everybody who is seen outside the office, 192.0.2.0/24."""
    office = NamedLocation(id="a55a0000-0000-4000-8000-0000000000bb", display_name="Office", ranges=("192.0.2.0/24",))
    await house.store.write(lambda transaction: locations.put(transaction, office))
    base = policy()
    where = Locations(include_locations=("All",), exclude_locations=(office.id,))
    conditions = msgspec.structs.replace(base.conditions, locations=where)
    await publish(house, msgspec.structs.replace(base, conditions=conditions, grant_controls=controls))
    await house.store.write(keep_policy_set_in_force)


async def test_who_is_blocked_at_the_app_and_not_at_id_is_told_so_and_not_sent_in_circles(
    house: House, alice: Person
) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    await outside(house, GrantControls(built_in_controls=(BuiltInControl.BLOCK,)))
    assert isinstance(await alice.open(wiki), Allow)
    alice.address_at_apps = "2001:db8::7"
    refused = await alice.ask(wiki)
    assert isinstance(refused, Redirect)
    step = await alice.follow(refused)
    assert isinstance(step, Refused)
    assert [reason.code for reason in step.reasons] == ["blockedByPolicy", "otherAddress"]
    assert [remedy.code for remedy in step.remedies] == ["askHelpDesk", "useOneNetwork"]
    account = await Decisions(house.premises).explain(step.short_code)
    assert str(account.request.address) == "2001:db8::7"
    assert account.same
    alice.address_at_apps = ""
    assert isinstance(await alice.follow(refused), Refused), "the page reloaded is the same page"
    assert isinstance(await alice.open(wiki), Allow), "and the way is free once the app sees the office"


async def test_who_needs_a_step_up_at_the_app_and_not_at_id_is_asked_for_it(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    await outside(house, GrantControls(built_in_controls=(BuiltInControl.MFA,)))
    assert isinstance(await alice.open(wiki), Allow)
    alice.address_at_apps = "2001:db8::7"
    refused = await alice.ask(wiki)
    assert isinstance(refused, Redirect)
    assert isinstance(await alice.follow(refused), AskSecondFactor)
    house.clock.advance(seconds=60)
    entered = (await alice.totp(destination=Destination(app=wiki.id, path="/", state=alice.state))).step
    assert isinstance(entered, Enter)
    await alice.enter(wiki, entered)
    assert isinstance(await alice.ask(wiki), Allow)


async def test_the_code_of_somebody_elses_refusal_says_nothing(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    await outside(house, GrantControls(built_in_controls=(BuiltInControl.BLOCK,)))
    bob = await house.person("bob")
    await house.apps.assign(BY, "wiki", user="bob")
    await bob.password()
    assert isinstance(await bob.open(wiki), Allow)
    bob.address_at_apps = "2001:db8::7"
    refused = await bob.ask(wiki)
    assert isinstance(refused, Redirect)
    assert isinstance(await alice.follow(refused), Enter)


async def test_after_a_step_up_at_id_an_app_that_was_left_idle_opens(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    assert isinstance(await alice.open(wiki), Allow)
    house.clock.advance(minutes=55)
    assert isinstance((await alice.totp()).step, Enter)
    house.clock.advance(minutes=10)
    assert isinstance(await alice.open(wiki), Allow)


async def test_an_assertion_is_made_anew_when_what_it_says_changes_and_only_then(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    first = await alice.open(wiki)
    house.clock.advance(seconds=2)
    await house.app("payroll")
    await house.person("bob")
    assert house.claims(await alice.ask(wiki))["iat"] == house.claims(first)["iat"], "a change that says nothing of her"
    groups = Groups(house.premises)
    await groups.add(BY, name="staff")
    await groups.add_member(BY, "staff", user="alice")
    changed = house.claims(await alice.ask(wiki))
    assert changed["groups"] == ["staff"]
    house.clock.advance(seconds=2)
    assert house.claims(await alice.ask(wiki)) == changed
    await groups.edit(BY, "staff", name="crew")
    assert house.claims(await alice.ask(wiki))["groups"] == ["crew"]


async def test_an_assertion_is_never_of_the_future(house: House, alice: Person) -> None:
    wiki = await house.app("wiki", assigned=["alice"])
    first = house.claims(await alice.open(wiki))
    house.clock.advance(minutes=-1)
    again = house.claims(await alice.ask(wiki))
    assert again["iat"] == first["iat"] - 60  # type: ignore[operator]  # a claim is an object
