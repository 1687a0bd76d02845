"""What works once works once, however many ask at the same moment."""

import asyncio
import re
from urllib.parse import urlsplit

from tests.attacks.outsider import APP_COOKIE, ID_COOKIE, PASSWORD, WIKI, People, cookies_set

AT_ONCE = 20


async def test_a_ticket(people: People) -> None:
    ticket, state = await people.ticket(await people.with_password("bob"))
    found = await asyncio.gather(*(people.redeem(ticket, state) for _ in range(AT_ONCE)))
    assert sum(map(bool, found)) == 1


async def test_a_ticket_that_was_tried_with_another_state_is_used_up(people: People) -> None:
    ticket, state = await people.ticket(await people.with_password("bob"))
    assert not await people.redeem(ticket, dict.fromkeys(state, "A" * 43))
    assert not await people.redeem(ticket, state)


async def test_a_recovery_code(people: People) -> None:
    sessions = [await people.with_password("bob") for _ in range(6)]
    code = {"code": people.knows["bob"].recovery_codes[0]}
    answers = await asyncio.gather(*(people.post("/sign-in/recovery", code, cookies=each) for each in sessions))
    assert sum(ID_COOKIE in cookies_set(answer) for answer in answers) == 1


async def test_a_recovery_code_of_somebody_else(people: People) -> None:
    session = await people.with_password("alice")
    code = {"code": people.knows["bob"].recovery_codes[1]}
    assert ID_COOKIE not in cookies_set(await people.post("/sign-in/recovery", code, cookies=session))


async def test_an_enrolment_link(people: People) -> None:
    printed = people.installed.run("users", "enrol", "bob", "--recover")
    link = re.search(r"https://\S+/enrol/\S+", printed)
    assert link is not None
    path = urlsplit(link[0]).path
    answers = await asyncio.gather(*(people.post(path, {}) for _ in range(AT_ONCE)))
    assert sum(ID_COOKIE in cookies_set(answer) for answer in answers) == 1


async def test_a_session_fixed_before_is_worth_nothing_after(people: People) -> None:
    before = await people.with_password("bob")
    raised = await people.post("/sign-in/password", {"user_name": "bob", "password": PASSWORD}, cookies=before)
    after = cookies_set(raised)
    assert after[ID_COOKIE] != before[ID_COOKIE]
    assert (await people.ticket(before))[0] == ""
    assert (await people.ticket(after))[0]


async def test_the_wikis_cookie_opens_nothing_else(people: People) -> None:
    session, app = await people.at_wiki("bob")
    assert (await people.ticket({ID_COOKIE: app[APP_COOKIE]}))[0] == ""
    assert (await people.send(WIKI, "GET", "/json", cookies={APP_COOKIE: session[ID_COOKIE]})).status == 302
