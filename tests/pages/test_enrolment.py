"""The one-time link and the sign-in methods over the routes."""

import httpx
import pytest

from tests.pages.company import PASS, PASSWORD, RECOVERY, TOTP, Company

FORM = {"content-type": "application/x-www-form-urlencoded"}


async def enrolled(client: httpx.AsyncClient) -> None:
    await client.post(f"/enrol/{PASS}", headers=FORM)


async def test_looking_at_the_link_uses_nothing_up(client: httpx.AsyncClient, company: Company) -> None:
    for _ in range(2):
        looked = await client.get(f"/enrol/{PASS}")
        assert "Welcome, Grace Hopper" in looked.text
        assert "set-cookie" not in looked.headers
    used = await client.post(f"/enrol/{PASS}", headers=FORM)
    assert (used.status_code, used.headers["location"]) == (303, "/methods")
    assert "__Host-assay-id=" in used.headers["set-cookie"]
    assert (await client.get(f"/enrol/{PASS}")).status_code == 404
    assert (await client.post(f"/enrol/{PASS}", headers=FORM)).status_code == 404


async def test_password_totp_and_recovery_codes_complete_it(client: httpx.AsyncClient, company: Company) -> None:
    await enrolled(client)
    assert "Two things are needed" in (await client.get("/methods")).text
    saved = await client.post("/methods/password", data={"password": PASSWORD, "repeated": PASSWORD})
    assert (saved.status_code, saved.headers["location"]) == (303, "/methods")
    key = await client.post("/methods/totp/new", headers=FORM)
    assert "<svg viewBox" in key.text
    assert "<span>JBSW</span> <span>Y3DP</span>" in key.text
    wrong = await client.post("/methods/totp", data={"code": "1"})
    assert 'aria-describedby="totp-error"' in wrong.text
    assert (await client.post("/methods/totp", data={"code": TOTP})).status_code == 303
    codes = await client.post("/methods/recovery-codes", headers=FORM)
    assert all(code in codes.text for code in RECOVERY)
    assert codes.headers["cache-control"] == "no-store"
    assert "You are ready" in (await client.get("/methods")).text


@pytest.mark.parametrize(
    ("password", "repeated", "text"),
    [
        ("short", "short", "Use at least 12 characters."),
        (PASSWORD, PASSWORD + "x", "The two passwords are not the same."),
    ],
)
async def test_a_refused_password_is_said_beside_the_field(
    client: httpx.AsyncClient, company: Company, password: str, repeated: str, text: str
) -> None:
    await enrolled(client)
    answer = await client.post("/methods/password", data={"password": password, "repeated": repeated})
    assert answer.status_code == 200
    assert text in answer.text
    assert 'aria-describedby="password-error password-hint"' in answer.text
    assert password not in answer.text.replace(text, "")
    assert not company.people["new"].password


async def test_without_a_session_every_method_asks_to_sign_in(client: httpx.AsyncClient) -> None:
    for path, data in (("/methods/password", {"password": "p", "repeated": "p"}), ("/methods/totp", {"code": TOTP})):
        answer = await client.post(path, data=data)
        assert 'autocomplete="username webauthn"' in answer.text
    script = {"content-type": "application/json", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}
    options = await client.post("/methods/passkey/options", headers=script, content=b"{}")
    assert options.json() == {"location": "/methods"}


async def test_passkey_errors_reach_the_script(client: httpx.AsyncClient) -> None:
    await enrolled(client)
    script = {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}
    sent = {"handle": "h", "credential": {"id": "x"}, "name": "refuse me"}
    answer = await client.post("/methods/passkey", headers=script, json=sent)
    assert answer.status_code == 403
    assert answer.json()["error"] == {
        "code": "passkeyName",
        "text": "Give the passkey a name of at most 64 characters.",
    }
