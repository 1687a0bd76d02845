"""Sign-in, step-up, refusal and sign-out over the routes."""

import httpx
import pytest

from assay.identities.hashing import HashingBusyError
from assay.pages.assets import assets
from tests.pages.company import NOON, PASSWORD, RECOVERY, TOTP, Company, Person

WIKI = {"app": "wiki", "path": "/page?a=<b>", "state": "s"}


async def signed_in(client: httpx.AsyncClient) -> None:
    await client.post("/sign-in/password", data={"user_name": "ada", "password": PASSWORD})


async def test_password_and_totp_end_at_the_app(client: httpx.AsyncClient) -> None:
    asked = await client.get("/continue", params=WIKI)
    assert asked.status_code == 200
    assert "<strong>Wiki</strong>" in asked.text
    assert 'name="path" value="/page?a=&lt;b&gt;"' in asked.text
    wrong = await client.post("/sign-in/password", data={**WIKI, "user_name": "ada", "password": "no"})
    assert wrong.status_code == 200
    assert 'role="alert"' in wrong.text
    assert "<title>Error: " in wrong.text
    assert "set-cookie" not in wrong.headers
    second = await client.post("/sign-in/password", data={**WIKI, "user_name": "ada", "password": PASSWORD})
    assert "One more step" in second.text
    assert "Two factors for the wiki" in second.text
    cookie = second.headers["set-cookie"]
    assert cookie.startswith("__Host-assay-id=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"}
    entered = await client.post("/sign-in/totp", data={**WIKI, "code": TOTP})
    assert entered.headers["set-cookie"] != cookie
    assert entered.status_code == 200
    assert 'http-equiv="refresh" content="0; url=https://wiki.example.com/.assay/ticket?ticket=' in entered.text
    again = await client.get("/continue", params=WIKI)
    assert again.status_code == 303
    assert again.headers["location"].startswith("https://wiki.example.com/.assay/ticket?ticket=")


async def test_a_recovery_code_steps_up(client: httpx.AsyncClient) -> None:
    await signed_in(client)
    wrong = await client.post("/sign-in/recovery", data={**WIKI, "code": "nope"})
    assert "<details open>" in wrong.text
    assert 'aria-describedby="recovery-error recovery-hint"' in wrong.text
    entered = await client.post("/sign-in/recovery", data={**WIKI, "code": RECOVERY[0]})
    assert "/.assay/ticket?ticket=" in entered.text


async def test_signed_in_without_destination_goes_home(client: httpx.AsyncClient) -> None:
    answer = await client.post("/sign-in/password", data={"user_name": "ada", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    home = await client.get("/")
    assert "Hello, Ada Lovelace" in home.text
    assert 'href="https://wiki.example.com/"' in home.text


async def test_refusal_says_what_why_and_what_now(client: httpx.AsyncClient) -> None:
    await signed_in(client)
    refused = await client.get("/continue", params={"app": "vault", "state": "s"})
    assert refused.status_code == 403
    for text in (
        "You cannot open Vault now",
        "The policy “Only from the office” blocks this access.",
        "Ask the owner of the app",
        "K7QM-2XRD",
        NOON.strftime("%Y-%m-%d %H:%M:%S UTC"),
        "ada",
        "Try again",
        "Use another account",
        "Sign out",
    ):
        assert text in refused.text
    other = await client.post("/sign-out", data={"app": "vault", "state": "s"})
    assert other.headers["location"] == "/continue?app=vault&path=%2F&state=s"


async def test_sign_out_removes_the_cookie(client: httpx.AsyncClient, company: Company) -> None:
    await signed_in(client)
    out = await client.post("/sign-out", headers={"content-type": "application/x-www-form-urlencoded"})
    assert (out.status_code, out.headers["location"]) == (303, "/signed-out")
    assert "__Host-assay-id=;" in out.headers["set-cookie"]
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert not company.sessions
    assert "You are signed out" in (await client.get("/signed-out")).text


async def test_a_ticket_is_redeemed_once_and_only_with_the_state_cookie(
    client: httpx.AsyncClient, company: Company
) -> None:
    host = {"host": "wiki.example.com", "sec-fetch-site": "same-site"}
    company.tickets.update(first="/page", second="/page")
    refused = await client.get("/.assay/ticket?ticket=first", headers=host)
    assert refused.status_code == 404
    assert "Open the app again" in refused.text
    state = {**host, "cookie": "__Host-assay-state=s"}
    entered = await client.get("/.assay/ticket?ticket=second", headers=state)
    assert (entered.status_code, entered.headers["location"]) == (302, "/page")
    assert [cookie.partition("=")[0] for cookie in entered.headers.get_list("set-cookie")] == [
        "__Host-assay-app",
        "__Host-assay-state",
    ]
    assert (await client.get("/.assay/ticket?ticket=second", headers=state)).status_code == 404


async def test_a_flow_cannot_lead_away(client: httpx.AsyncClient, company: Company) -> None:
    company.tickets["away"] = "https://evil.example/"
    host = {"host": "wiki.example.com", "cookie": "__Host-assay-state=s"}
    answer = await client.get("/.assay/ticket?ticket=away", headers=host)
    assert answer.status_code == 500
    assert "location" not in answer.headers


@pytest.mark.parametrize("name", ["pages.css", "passkey.js", "icon.svg"])
async def test_assets_are_kept_by_browsers_on_every_host(client: httpx.AsyncClient, name: str) -> None:
    for host in ("id.example.com", "wiki.example.com"):
        answer = await client.get(assets()[name].address, headers={"host": host})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.content == assets()[name].content


@pytest.mark.parametrize("path", ["/sign-in/password", "/sign-in/totp", "/sign-in/recovery"])
async def test_reloading_an_answer_begins_again(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


async def test_when_passwords_queue_up_the_page_says_so(client: httpx.AsyncClient, company: Company) -> None:
    company.people = Crowd()
    answer = await client.post("/sign-in/password", data={"user_name": "ada", "password": PASSWORD})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")
    assert "in a few seconds" in answer.text


class Crowd(dict[str, Person]):
    """People of whom too many sign in at once."""

    def get(self, key: str, default: object = None) -> Person:  # type: ignore[override]  # it never returns
        raise HashingBusyError("full")
