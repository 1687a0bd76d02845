"""`assay login` as a flow: who may confirm a code, what a code is good for, and what ends the token."""

import asyncio
import threading
from datetime import timedelta

import pytest
from msgspec.structs import replace

from assay.access.admission import TokenSession
from assay.access.command_lines import Begun, NotYet
from assay.access.end_command_lines import end_without_role
from assay.access.exchange import Allow, CheckAnswer, CheckRequest, Connection, Refuse
from assay.access.revoke_sessions import Revocation, Sessions
from assay.access.steps import (
    AskAgain,
    AskDeviceCode,
    AskFirstFactor,
    AskSecondFactor,
    ConfirmDevice,
    DeviceAnswered,
    Outcome,
    Refused,
)
from assay.access.visitor import Visitor
from assay.events import EventQuery, search
from assay.events.records.search import content
from assay.policy import PolicyState
from assay.policy.definition import BuiltInControl
from assay.policy.request import TransferMethod
from assay.policy.targets import API
from assay.sessions.device_code import OPEN_OF_SOURCE
from assay.sessions.session import SessionKind
from assay.values import Reason, SessionId
from tests.access.house import BY, House, Person
from tests.access.test_check import policy, publish
from tests.access.test_console import about

CLI = Visitor(cookie="", address="198.51.100.7", port=40_000, user_agent="assay/0.1 (Linux)")


@pytest.fixture
async def mia(house: House) -> Person:
    person = await house.person("mia")
    await house.roles.assign(BY, "Reports Reader", user="mia")
    await person.sign_in()
    return person


async def begun(house: House, visitor: Visitor = CLI, client: str = "assay on engine-room") -> Begun:
    found = await house.command_lines.begin(visitor, client)
    assert found is not None
    return found


async def polled(house: House, code: Begun) -> str | TokenSession:
    house.clock.advance(seconds=6)
    found = await house.command_lines.poll(CLI, code.device_code)
    return found.error if isinstance(found, NotYet) else found


async def logged_in(house: House, person: Person) -> TokenSession:
    code = await begun(house)
    answered = await house.command_lines.answer(person.visitor, code.user_code, allow=True)
    assert answered.step == DeviceAnswered(user_name=person.user_name, allowed=True)
    found = await polled(house, code)
    assert isinstance(found, TokenSession)
    return found


async def ask(house: House, token: str, *, host: str = "api", method: str = "GET") -> CheckAnswer:
    return await house.ask(
        CheckRequest(
            connection=Connection(peer_ip=CLI.address, peer_port=40_000, number=1),
            method=method,
            host=f"{host}.assay.localhost",
            path="/v1.0/assay/me",
            authorization=f"Bearer {token}",
            user_agent=CLI.user_agent,
        )
    )


async def codes_of_events(house: House) -> list[str]:
    page = await house.store.read(lambda reader: search(reader, EventQuery(limit=100)))
    return [event.metadata.event_code for event in map(content, page.events) if event is not None]


async def test_a_code_that_is_confirmed_gives_one_token_that_opens_the_api_and_nothing_else(
    house: House, mia: Person
) -> None:
    code = await begun(house)
    assert await polled(house, code) == "authorization_pending"
    shown = (await house.command_lines.look(mia.visitor, code.user_code.lower())).step
    assert isinstance(shown, ConfirmDevice)
    assert (shown.client, shown.address, shown.own_address) == ("assay on engine-room", CLI.address, mia.address)
    assert shown.roles == ("Reports Reader",)
    await house.command_lines.answer(mia.visitor, code.user_code, allow=True)
    found = await polled(house, code)
    assert isinstance(found, TokenSession)
    assert found.session.kind is SessionKind.COMMAND_LINE
    assert found.session.ends_at - found.session.started_at == timedelta(hours=12)
    assert await polled(house, code) == "invalid_grant", "a code is good once"
    answer = await ask(house, found.token)
    assert isinstance(answer, Allow)
    assert answer.without_authorization
    assert answer.cookie is None
    claims = house.claims(answer)
    assert (claims["aud"], claims["sub"]) == ("https://api.assay.localhost:8443", await mia.user_id())
    for other in ("console", "id", "wiki"):
        assert not isinstance(await ask(house, found.token, host=other), Allow)
    assert await house.sign_in.session(Visitor(cookie=found.token[:43], address="::1", port=1, user_agent="")) is None
    codes = await codes_of_events(house)
    assert "command-line.allowed" in codes
    assert codes.count("session.started") == 3, "the link's, the browser's, and the token's"


async def test_a_token_lives_with_its_session_its_person_and_the_role(house: House, mia: Person) -> None:
    await house.roles.assign(BY, "Global Administrator", user=(await house.person("root")).user_name)
    for end in ("revoked", "logged out", "role taken", "disabled"):
        token = await logged_in(house, mia)
        assert isinstance(await ask(house, token.token), Allow), end
        match end:
            case "revoked":
                done = await Sessions(house.premises).revoke(BY, session=token.session.id)
                assert isinstance(done, Revocation)
                assert done.sessions == (token.session.id,)
            case "logged out":
                await house.command_lines.revoke(CLI, token.token)
            case "role taken":
                await house.roles.remove(BY, "Reports Reader", user="mia")
            case "disabled":
                await house.people.disable(BY, "mia")
        refused = await ask(house, token.token)
        assert isinstance(refused, Refuse), end
        assert refused.status == (403 if end == "role taken" else 401), end
        if end == "role taken":
            await house.roles.assign(BY, "Reports Reader", user="mia")


async def test_a_token_ends_after_twelve_hours_whatever_is_done_with_it(house: House, mia: Person) -> None:
    token = await logged_in(house, mia)
    for _ in range(11):
        house.clock.advance(hours=1)
        assert isinstance(await ask(house, token.token), Allow)
    house.clock.advance(hours=1)
    assert isinstance(await ask(house, token.token), Refuse)


async def test_policies_about_the_api_decide_about_the_page_and_about_every_request(house: House, mia: Person) -> None:
    token = await logged_in(house, mia)
    await publish(house, about(API, BuiltInControl.BLOCK))
    refused = await ask(house, token.token)
    assert isinstance(refused, Refuse)
    assert refused.status == 403
    page = (await house.command_lines.page(mia.visitor)).step
    assert isinstance(page, Refused)
    assert page.reasons[0].code == "blockedByPolicy"
    await publish(house, policy(state=PolicyState.DISABLED))


async def test_a_policy_on_the_device_code_flow_is_about_command_lines_alone(house: House, mia: Person) -> None:
    """D FLOW: a session that a code let in stays one, however it asks later."""
    token = await logged_in(house, mia)
    blocking = policy(block=True)
    conditions = replace(blocking.conditions, transfer_methods=(TransferMethod.DEVICE_CODE_FLOW,))
    await publish(house, replace(blocking, conditions=conditions))
    refused = await ask(house, token.token)
    assert isinstance(refused, Refuse)
    assert refused.status == 403
    page = (await house.command_lines.page(mia.visitor)).step
    assert isinstance(page, Refused), "no other code is let in either"
    assert page.reasons[0].code == "blockedByPolicy"
    wiki = await house.app("wiki", assigned=["mia"])
    assert isinstance(await mia.open(wiki), Allow), "a browser was let in by nobody's code"


async def test_read_only_over_the_api_is_read_only(house: House, mia: Person) -> None:
    token = await logged_in(house, mia)
    await publish(house, policy(read_only=True))
    assert isinstance(await ask(house, token.token), Allow)
    refused = await ask(house, token.token, method="POST")
    assert isinstance(refused, Refuse)
    assert refused.status == 403


async def test_only_who_administers_and_has_just_proved_two_factors_may_let_one_in(house: House, mia: Person) -> None:
    code = await begun(house)
    nina = await house.person("nina")
    await nina.sign_in()
    stranger = Visitor(cookie="", address="192.0.2.1", port=1, user_agent="")
    for act in (
        lambda visitor: house.command_lines.page(visitor),
        lambda visitor: house.command_lines.look(visitor, code.user_code),
        lambda visitor: house.command_lines.answer(visitor, code.user_code, allow=True),
    ):
        assert isinstance((await act(stranger)).step, AskFirstFactor)
        refused = (await act(nina.visitor)).step
        assert isinstance(refused, Refused)
        assert refused.reasons[0].code == "notAssigned"
    house.clock.advance(minutes=9)
    code = await begun(house)
    house.clock.advance(minutes=2)
    stale = (await house.command_lines.answer(mia.visitor, code.user_code, allow=True)).step
    assert isinstance(stale, AskAgain), "two factors of eleven minutes ago"
    await mia.password()
    assert isinstance((await house.command_lines.page(mia.visitor)).step, AskSecondFactor)
    await mia.totp()
    assert isinstance((await house.command_lines.page(mia.visitor)).step, AskDeviceCode)
    assert await polled(house, code) == "authorization_pending", "nothing was confirmed meanwhile"


async def test_a_code_that_is_refused_or_over_or_used_or_never_was_is_one_answer(house: House, mia: Person) -> None:
    refused, over, used = await begun(house), await begun(house), await begun(house)
    await house.command_lines.answer(mia.visitor, refused.user_code, allow=False)
    assert await polled(house, refused) == "access_denied"
    await house.command_lines.answer(mia.visitor, used.user_code, allow=True)
    assert isinstance(await polled(house, used), TokenSession)
    steps = [(await house.command_lines.look(mia.visitor, each.user_code)).step for each in (refused, used)]
    steps.append((await house.command_lines.look(mia.visitor, "ZZZZ-ZZZZ")).step)
    house.clock.advance(minutes=10)
    assert await polled(house, over) == "expired_token"
    await mia.sign_in()
    steps.append((await house.command_lines.look(mia.visitor, over.user_code)).step)
    steps.append((await house.command_lines.answer(mia.visitor, over.user_code, allow=True)).step)
    assert all(isinstance(step, AskDeviceCode) and step.error is not None for step in steps)
    assert {step.error.code for step in steps if isinstance(step, AskDeviceCode) and step.error} == {
        "deviceCodeUnknown"
    }
    assert await polled(house, over) == "expired_token"
    assert "command-line.denied" in await codes_of_events(house)


async def test_codes_are_not_guessed(house: House, mia: Person) -> None:
    async def guess(typed: str, number: int) -> Outcome:
        """At one of the two places by turns."""
        if number % 2:
            return await house.command_lines.look(mia.visitor, typed)
        return await house.command_lines.answer(mia.visitor, typed, allow=True)

    code = await begun(house)
    outcomes = [await guess("ZZZZ-ZZZZ", number) for number in range(7)]
    assert outcomes[-1].retry_after == 10
    told = outcomes[-1].step
    assert isinstance(told, AskDeviceCode)
    assert told.error == Reason.of("waitSeconds", seconds="10")
    blocked = [await guess(code.user_code, number) for number in range(2)]
    assert None not in [each.retry_after for each in blocked], "nothing is looked at meanwhile, also the right one"
    assert await polled(house, code) == "authorization_pending"
    house.clock.advance(seconds=11)
    assert isinstance((await house.command_lines.look(mia.visitor, code.user_code)).step, ConfirmDevice)
    allowed = (await house.command_lines.answer(mia.visitor, code.user_code, allow=True)).step
    assert isinstance(allowed, DeviceAnswered)
    assert "command-line.refused" in await codes_of_events(house)


async def test_garbage_is_answered_while_everybody_else_waits_for_the_writer(house: House) -> None:
    for _ in range(OPEN_OF_SOURCE):
        over = await begun(house)
    house.clock.advance(minutes=10)
    for _ in range(OPEN_OF_SOURCE):
        waiting = await begun(house)
    assert await house.command_lines.poll(CLI, waiting.device_code) == NotYet(error="authorization_pending")
    done = threading.Event()
    busy = asyncio.create_task(house.store.write(lambda _: done.wait()))
    try:
        async with asyncio.timeout(30):
            for made_up, why in (
                ("x" * 43, "invalid_grant"),
                ("x", "invalid_grant"),
                (over.device_code, "expired_token"),
                (waiting.device_code, "slow_down"),
            ):
                assert await house.command_lines.poll(CLI, made_up) == NotYet(error=why)
            for token in ("x", f"assay_{'0' * 64}", over.device_code):
                await house.command_lines.revoke(CLI, token)
            assert await house.command_lines.begin(CLI, "x") is None, "as many as may wait"
    finally:
        done.set()
        await busy


async def test_one_source_holds_few_codes_and_no_other_is_kept_from_it(house: House) -> None:
    for _ in range(OPEN_OF_SOURCE):
        assert await house.command_lines.begin(CLI, "x") is not None
    assert await house.command_lines.begin(CLI, "x") is None
    other = Visitor(cookie="", address="203.0.113.9", port=1, user_agent="")
    assert await house.command_lines.begin(other, "x") is not None
    house.clock.advance(minutes=10)
    assert await house.command_lines.begin(CLI, "x") is not None, "what is over is not counted"


async def test_who_asks_too_often_is_told_to_slow_down(house: House) -> None:
    code = await begun(house)
    assert await house.command_lines.poll(CLI, code.device_code) == NotYet(error="authorization_pending")
    house.clock.advance(seconds=4)
    assert await house.command_lines.poll(CLI, code.device_code) == NotYet(error="slow_down")
    house.clock.advance(seconds=1)
    assert await house.command_lines.poll(CLI, code.device_code) == NotYet(error="authorization_pending")


async def test_a_browser_that_signed_out_lets_nothing_in_any_more(house: House, mia: Person) -> None:
    code = await begun(house)
    await house.command_lines.answer(mia.visitor, code.user_code, allow=True)
    await house.sign_in.sign_out(mia.visitor)
    assert await polled(house, code) == "access_denied"


async def test_the_session_of_a_token_is_no_browsers(house: House, mia: Person) -> None:
    """Signing out in the browser does not end it, and it opens no page of the person's own."""
    token = await logged_in(house, mia)
    await house.sign_in.sign_out(mia.visitor)
    assert isinstance(await ask(house, token.token), Allow)
    listed = await Sessions(house.premises).open(user="mia")
    assert [(each.session.id, each.session.kind) for each in listed] == [
        (SessionId(token.session.id), SessionKind.COMMAND_LINE)
    ]


async def test_who_loses_the_role_loses_the_token_for_good(house: House, mia: Person) -> None:
    await house.roles.assign(BY, "Reports Reader", user=(nina := await house.person("nina")).user_name)
    await nina.sign_in()
    kept, lost = await logged_in(house, nina), await logged_in(house, mia)
    assert await end_without_role(house.premises, house.signals) == ()
    await house.roles.remove(BY, "Reports Reader", user="mia")
    assert await end_without_role(house.premises, house.signals) == (lost.session.id,)
    await house.roles.assign(BY, "Reports Reader", user="mia")
    refused = await ask(house, lost.token)
    assert isinstance(refused, Refuse)
    assert refused.status == 401
    assert isinstance(await ask(house, kept.token), Allow)
