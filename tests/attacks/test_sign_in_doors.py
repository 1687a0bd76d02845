"""The doors around a session, tried through the real gateway: planted cookies, forged ways back, stolen tickets."""

import asyncio
import re
from urllib.parse import urlencode

import pytest

from tests.attacks.outsider import (
    APP_COOKIE,
    BASE,
    BROWSER,
    FORM,
    ID,
    ID_COOKIE,
    PASSWORD,
    STATE_COOKIE,
    WIKI,
    People,
    cookies_set,
)

PLANTED = "p" * 43
FOREIGN = (
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%5cevil.example",
    "/%2f/evil.example",
    "/\t/evil.example",
    "/\r\nlocation: https://evil.example",
    "https://evil.example/",
    f"https://{WIKI}@evil.example/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/.assay/ticket?ticket=x",
    "",
    "wiki",
    "/\x00",
    "/\u2028",
)


@pytest.fixture(scope="module")
def wiki_id(people: People) -> str:
    listed = people.installed.json("apps", "show", "wiki")
    assert isinstance(listed, dict)
    return str(listed["id"])


@pytest.mark.parametrize("path", FOREIGN)
async def test_no_way_back_leads_anywhere_else(people: People, wiki_id: str, path: str) -> None:
    session = await people.with_password("alice")
    query = urlencode({"app": wiki_id, "path": path, "state": PLANTED})
    answer = await people.send(ID, "GET", f"/continue?{query}", cookies=session)
    assert answer.status < 500
    location = answer.header("location")
    if "/.assay/ticket" in location:
        assert location.startswith(f"https://{WIKI}:{people.port}/.assay/ticket?ticket=")
        ticket = location.partition("ticket=")[2]
        there = await people.send(WIKI, "GET", f"/.assay/ticket?ticket={ticket}", cookies={STATE_COOKIE: PLANTED})
        assert there.header("location").startswith(f"https://{WIKI}:{people.port}/")
        assert not there.header("location").startswith(f"https://{WIKI}:{people.port}//")
    else:
        assert location in ("", "/")


@pytest.mark.parametrize("path", ["//evil.example", "/sign-out", "/enrol/x", "https://evil.example", "/help-desk/../x"])
async def test_without_an_app_a_way_back_is_one_of_our_few_pages(people: People, path: str) -> None:
    session = await people.with_password("alice")
    answer = await people.send(ID, "GET", f"/continue?{urlencode({'path': path})}", cookies=session)
    assert answer.header("location") == "/"


@pytest.mark.parametrize(
    "query",
    ["app=a&app=b", "refused=x&refused=y", "unknown=1", "app=" + "a" * 65, "state=" + "s" * 257, "path=" + "a" * 9_000],
)
async def test_parameters_come_once_known_and_bounded(people: People, query: str) -> None:
    assert (await people.send(ID, "GET", f"/continue?{query}")).status in (400, 414, 431)


@pytest.mark.parametrize("refused", ["AAAAAAAA", "' OR 1=1", "\u202e", "../../x"])
async def test_a_forged_refusal_changes_nothing(people: People, wiki_id: str, refused: str) -> None:
    session = await people.with_password("alice")
    query = urlencode({"app": wiki_id, "path": "/", "state": PLANTED, "refused": refused[:8]})
    answer = await people.send(ID, "GET", f"/continue?{query}", cookies=session)
    assert "/.assay/ticket?ticket=" in answer.header("location")


@pytest.mark.parametrize(
    "name", [ID_COOKIE, ID_COOKIE.lower(), f"\xa0{ID_COOKIE}", f"{ID_COOKIE}\xa0", "assay-id", f"={ID_COOKIE}"]
)
async def test_a_planted_cookie_is_neither_a_session_nor_taken_over(people: People, name: str) -> None:
    """Session fixation: the secret after a sign-in is new, and the planted one is worth nothing."""
    theirs = await people.with_password("carol")
    for planted in (PLANTED, theirs[ID_COOKIE]):
        mine = cookies_set(
            await people.post("/sign-in/password", {"user_name": "bob", "password": PASSWORD}, cookies={name: planted})
        )
        assert mine[ID_COOKIE] != planted
    if name != ID_COOKIE and name != f"={ID_COOKIE}":
        home = await people.send(ID, "GET", "/", cookies={name: (await people.with_password("carol"))[ID_COOKIE]})
        assert "carol" not in home.body.decode(), "planted by a sibling host, it signs nobody in"


async def test_a_session_that_is_tossed_beside_ours_signs_nobody_in(people: People) -> None:
    """Login CSRF by cookie: two of one name are none, and the page asks for a sign-in in words."""
    mine, theirs = await people.with_password("alice"), await people.with_password("bob")
    header = f"{ID_COOKIE}={theirs[ID_COOKIE]}; {ID_COOKIE}={mine[ID_COOKIE]}"
    home = await people.send(ID, "GET", "/", headers=(*BROWSER, ("cookie", header)))
    assert home.status == 200
    assert "Sign in" in home.body.decode()


async def test_a_jar_full_of_foreign_cookies_at_worst_signs_out(people: People) -> None:
    mine = await people.with_password("alice")
    crowd = {f"c{number}": "x" * 200 for number in range(180)}
    home = await people.send(ID, "GET", "/", cookies=crowd | mine)
    assert "Hello" in home.body.decode()
    evicted = await people.send(ID, "GET", "/", cookies=crowd)
    assert evicted.status == 200
    assert "Sign in" in evicted.body.decode()


async def test_another_origin_signs_nobody_in_or_out(people: People) -> None:
    """Login CSRF by form: the attacker's own password, posted by a page of the attacker's."""
    path = "/sign-in/password"
    body = urlencode({"user_name": "bob", "password": PASSWORD}).encode()
    for headers in (
        (("origin", f"https://{WIKI}:{people.port}"),),
        (("origin", "null"),),
        (),
        (("sec-fetch-site", "same-site"), ("origin", f"https://{ID}:{people.port}")),
        (("sec-fetch-site", "cross-site"),),
        (("sec-fetch-site", "none"),),
    ):
        answer = await people.send(ID, "POST", path, headers=(*BROWSER, ("content-type", FORM), *headers), body=body)
        assert answer.status == 403, headers
        assert ID_COOKIE not in cookies_set(answer)


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/json", ""])
async def test_a_form_is_a_form(people: People, kind: str) -> None:
    fields = urlencode({"user_name": "bob", "password": PASSWORD}).encode()
    assert (await people.post("/sign-in/password", fields, kind=kind)).status == 415


async def test_an_attackers_ticket_does_not_sign_the_victims_browser_in(people: People) -> None:
    """Login CSRF by ticket: it is bound to the browser that set out, and its attempt uses it up."""
    ticket, state = await people.ticket(await people.with_password("bob"))
    _, victims = await people.ticket(await people.with_password("alice"))
    assert await people.redeem(ticket, victims) == {}
    assert await people.redeem(ticket, {}) == {}
    assert await people.redeem(ticket, state) == {}


async def test_a_stolen_ticket_is_worth_nothing(people: People) -> None:
    """From the address, the history, a log or a Referer: without the state cookie, after use, in parallel."""
    ticket, state = await people.ticket(await people.with_password("bob"))
    thieves = await asyncio.gather(*(people.redeem(ticket, {STATE_COOKIE: PLANTED}) for _ in range(8)))
    assert thieves == [{}] * 8
    ticket, state = await people.ticket(await people.with_password("bob"))
    assert await people.redeem(ticket, state)
    assert await people.redeem(ticket, state) == {}
    at_id = await people.send(ID, "GET", f"/.assay/ticket?ticket={ticket}", cookies=state)
    assert at_id.status == 404
    refused = people.installed.run("events", "search", "--code", "ticket.refused", "--json")
    assert "ticketOtherBrowser" in refused
    assert "ticketUsed" in refused
    assert ticket not in people.installed.run("events", "export")


async def test_the_page_of_a_ticket_tells_no_other_host_its_address(people: People) -> None:
    ticket, state = await people.ticket(await people.with_password("bob"))
    answer = await people.send(WIKI, "GET", f"/.assay/ticket?ticket={ticket}", cookies=state)
    assert answer.header("referrer-policy") == "same-origin"
    assert answer.header("cache-control") == "no-store"
    assert ticket not in answer.header("location")


@pytest.mark.parametrize("host", [ID, WIKI])
@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/methods", "/help-desk", "/enrol/x", "/nothing", "/.assay/ticket?ticket=x", "/.assay/x"]
)
async def test_nothing_of_ours_can_be_framed_or_kept(people: People, host: str, path: str) -> None:
    session = await people.with_password("alice")
    answer = await people.send(host, "GET", path, cookies=session)
    if host == WIKI and not path.startswith("/.assay/"):
        assert answer.status == 302, "an app's own page is its own business"
        return
    assert "frame-ancestors 'none'" in answer.header("content-security-policy"), (host, path)
    assert answer.header("x-frame-options") == "DENY"
    assert answer.header("cache-control") == "no-store"


async def test_looking_at_a_link_uses_nothing_up(people: People) -> None:
    printed = people.installed.run("users", "enrol", "bob", "--recover")
    found = re.search(r"https://[^/]+(/enrol/\S+)", printed)
    assert found is not None
    for headers in ((), (("purpose", "prefetch"),), (("sec-purpose", "prefetch;prerender"),)):
        assert (await people.send(ID, "GET", found[1], headers=(*BROWSER, *headers))).status == 200
    for method in ("OPTIONS", "PUT", "PATCH"):
        assert (await people.send(ID, method, found[1])).status == 405
    overridden = (*BROWSER, ("x-http-method-override", "POST"))
    assert ID_COOKIE not in cookies_set(await people.send(ID, "GET", found[1], headers=overridden))
    assert ID_COOKIE in cookies_set(await people.post(found[1], {}))


@pytest.mark.parametrize(
    "headers",
    [
        (("x-forwarded-host", "evil.example"),),
        (("forwarded", "host=evil.example"),),
        (("x-original-host", "evil.example"), ("x-forwarded-port", "1")),
        (("x-forwarded-proto", "http"),),
    ],
)
async def test_no_header_names_the_host_of_what_we_print(people: People, headers: tuple[tuple[str, str], ...]) -> None:
    for host, path in ((ID, "/signed-out"), (ID, "/nothing"), (WIKI, "/page"), (WIKI, "/.assay/ticket?ticket=x")):
        answer = await people.send(host, "GET", path, headers=(*BROWSER, *headers))
        everything = answer.body + answer.header("location").encode()
        assert b"evil.example" not in everything
        assert b"http://" not in everything


@pytest.mark.parametrize("host", ["evil.example", f"{ID}.evil.example", f"evil.{ID}", BASE, "127.0.0.1"])
async def test_another_host_in_the_request_line_or_header_is_not_served(people: People, host: str) -> None:
    for target, headers in (
        ("/sign-in", (("host", f"{host}:{people.port}"),)),
        (f"https://{host}:{people.port}/sign-in", ()),
    ):
        answer = await people.send(ID, "GET", target, headers=(*BROWSER, *headers))
        assert answer.status in (400, 404, 421, 301, 308), (target, headers, answer.status)
        assert "evil.example" not in answer.header("location")


async def test_after_signing_out_the_back_button_shows_nothing(people: People) -> None:
    session, app = await people.at_wiki("alice")
    out = await people.post("/sign-out", {}, cookies=session)
    assert out.status == 303
    assert "Sign in" in (await people.send(ID, "GET", "/", cookies=session)).body.decode()
    assert (await people.send(WIKI, "GET", "/json", cookies={APP_COOKIE: app[APP_COOKIE]})).status == 302


async def test_two_rises_at_once_leave_one_secret(people: People) -> None:
    before = await people.with_password("carol")
    fields = {"user_name": "carol", "password": PASSWORD}
    answers = await asyncio.gather(*(people.post("/sign-in/password", fields, cookies=before) for _ in range(6)))
    secrets = {found[ID_COOKIE] for found in map(cookies_set, answers) if ID_COOKIE in found}
    alive = [each for each in secrets if (await people.ticket({ID_COOKIE: each}))[0]]
    assert len(alive) >= 1
    assert (await people.ticket(before))[0] == ""
