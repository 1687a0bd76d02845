"""The page on which a command line is let in, and what programs ask: what it says, and who is answered."""

import httpx
import pytest

from tests.pages.company import PASSWORD, TOTP

CODE = "BCDF-GHJK"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def ada(client: httpx.AsyncClient) -> httpx.AsyncClient:
    await client.post("/sign-in/password", data={"user_name": "ada", "password": PASSWORD})
    await client.post("/sign-in/totp", data={"code": TOTP})
    return client


async def test_the_page_says_who_asks_and_warns(ada: httpx.AsyncClient) -> None:
    asked = await ada.get("/device")
    assert "Did somebody give you a code" in asked.text
    shown = (await ada.post("/device", data={"code": CODE})).text
    for fact in (CODE, "assay on engine-room", "198.51.100.7", "192.0.2.7", "Global Administrator", "12 hours"):
        assert fact in shown, fact
    assert "another address than yours" in shown
    assert "Allow this only if you started it yourself" in shown


async def test_an_address_with_the_code_in_it_fills_nothing_in(ada: httpx.AsyncClient) -> None:
    page = await ada.get(f"/device?user_code={CODE}&code={CODE}")
    assert CODE.replace("-", "") not in page.text.replace("-", "").replace("BCDFGHJK.", "")
    assert 'value=""' in page.text


async def test_a_wrong_code_is_said_beside_the_field(ada: httpx.AsyncClient) -> None:
    page = (await ada.post("/device", data={"code": "XXXX-XXXX"})).text
    assert "No command line waits with this code" in page
    assert 'aria-describedby="code-error code-hint"' in page


@pytest.mark.parametrize(("answer", "heading"), [("allow", "is let in"), ("deny", "is refused")])
async def test_an_answer_is_told(ada: httpx.AsyncClient, answer: str, heading: str) -> None:
    assert heading in (await ada.post("/device/answer", data={"code": CODE, "answer": answer})).text


async def test_an_answer_that_is_neither_is_refused(ada: httpx.AsyncClient) -> None:
    assert (await ada.post("/device/answer", data={"code": CODE, "answer": "perhaps"})).status_code == 400


async def test_another_origin_confirms_nothing(ada: httpx.AsyncClient) -> None:
    for site in ("cross-site", "same-site", "none"):
        sent = {"sec-fetch-site": site, "origin": "https://wiki.example.com"}
        answer = await ada.post("/device/answer", data={"code": CODE, "answer": "allow"}, headers=sent)
        assert answer.status_code == 403, site


async def test_programs_are_answered_and_other_sites_pages_are_not(client: httpx.AsyncClient) -> None:
    plain = {name: value for name, value in client.headers.items() if not name.startswith("sec-fetch")}
    client.headers = httpx.Headers(plain | {"accept": "*/*"})
    begun = await client.post("/oauth2/device_authorization", data={"client_id": "assay-cli", "scope": "unknown"})
    assert begun.status_code == 200
    assert begun.json() == {
        "device_code": "d" * 43,
        "user_code": CODE,
        "verification_uri": f"{client.base_url}/device".replace("//device", "/device"),
        "expires_in": 600,
        "interval": 5,
    }
    assert begun.headers["cache-control"] == "no-store"
    for headers in (
        {"origin": "https://wiki.example.com"},
        {"sec-fetch-site": "cross-site"},
        {"cookie": "__Host-assay-id=x"},
    ):
        refused = await client.post("/oauth2/device_authorization", data={"client_id": "x"}, headers=headers)
        assert refused.status_code == 403, headers


@pytest.mark.parametrize(
    ("path", "sent", "error"),
    [
        ("token", b"", "invalid_request"),
        ("token", b"grant_type=password&device_code=x", "unsupported_grant_type"),
        ("token", b"grant_type=urn:ietf:params:oauth:grant-type:device_code", "invalid_request"),
        ("token", b"device_code=a&device_code=b", "invalid_request"),
        ("token", b"grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=x", "authorization_pending"),
        ("revoke", b"", "invalid_request"),
        ("device_authorization", b"device_name=" + b"x" * 300, "invalid_request"),
        ("device_authorization", b"%00=%00", "invalid_request"),
    ],
)
async def test_what_programs_get_wrong_is_said_in_oauths_words(
    client: httpx.AsyncClient, path: str, sent: bytes, error: str
) -> None:
    answer = await client.post(f"/oauth2/{path}", content=sent, headers=FORM)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
