"""Which requests get in, and what every answer carries."""

import httpx
import pytest

from assay.pages.arrival import read_arrival
from assay.pages.security_headers import SECURITY_HEADERS
from tests.pages.company import PASS, Company

SCRIPT = {"accept": "application/json", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}
CHANGES = (
    "/sign-in/password",
    "/sign-in/totp",
    "/sign-in/recovery",
    "/sign-in/passkey",
    "/sign-in/passkey/options",
    "/sign-out",
    f"/enrol/{PASS}",
    "/methods/password",
    "/methods/totp/new",
    "/methods/totp",
    "/methods/recovery-codes",
    "/methods/passkey",
    "/methods/passkey/options",
    "/help-desk/resets",
    "/help-desk/resets/approve",
    "/help-desk/resets/link",
    "/help-desk/resets/cancel",
    "/reset/cancel",
    "/reset/seen",
    "/methods/remove",
    "/sessions/report",
    "/sessions/end-others",
    "/devices/forget",
    "/offers/later",
)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 200),
        ("HEAD", "/", {}, 200),
        ("GET", "/nothing", {}, 404),
        ("DELETE", "/", {}, 405),
        ("POST", "/", {}, 405),
        ("GET", "/", {"host": "evil.example"}, 421),
        ("GET", "/", {"host": "id.example.com:444"}, 421),
        ("GET", "/", {"host": "example.com"}, 421),
        ("GET", "/", {"host": "a.id.example.com"}, 421),
        ("GET", "/", {"host": "wiki.example.com"}, 404),
        ("GET", "/.assay/jwks.json", {"host": "wiki.example.com"}, 200),
        ("GET", "/.assay/jwks.json", {"host": "other.example.com"}, 404),
        ("GET", "/.assay/jwks.json", {}, 404),
        ("GET", "/", {"assay-connection": ""}, 400),
        ("GET", "/", {"assay-connection": "192.0.2.7|127.0.0.1:8443|1|HTTP/2|"}, 400),
        ("GET", "/", {"assay-connection": "nonsense:80|"}, 400),
        ("GET", "/", {"assay-connection": "192.0.2.7:99999|"}, 400),
        ("GET", "/", {"assay-connection": "[2001:db8::1]:443|[::1]:8443|1|HTTP/2|"}, 200),
        ("GET", "/", {"sec-fetch-site": "same-site", **SCRIPT}, 403),
        ("GET", "/", {"sec-fetch-site": "same-site", "sec-fetch-dest": "iframe"}, 403),
        ("GET", "/", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": ""}, 403),
        ("GET", "/continue?app=wiki", {"sec-fetch-site": "same-site"}, 200),
        ("GET", "/continue?app=wiki&app=notes", {}, 400),
        ("GET", "/continue?surprise=1", {}, 400),
        ("GET", "/enrol/" + "x" * 200, {}, 400),
        ("GET", "/.assay/assets/pages.old.css", {}, 404),
    ],
)
async def test_admission(
    client: httpx.AsyncClient, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    answer = await client.request(method, path, headers=headers)
    assert answer.status_code == status
    assert (status != 405) == ("allow" not in answer.headers)
    for name, value in SECURITY_HEADERS:
        assert answer.headers.get_list(name) == [value], name
    if path != "/.assay/jwks.json" or status != 200:
        assert answer.headers["cache-control"] == "no-store"
        assert (answer.content == b"") == (method == "HEAD")


@pytest.mark.parametrize(
    ("headers", "admitted"),
    [
        ({"sec-fetch-site": "same-site", "origin": "https://id.example.com"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": ""}, False),
        ({"sec-fetch-site": "", "origin": "null"}, False),
        ({"sec-fetch-site": "", "origin": "https://wiki.example.com"}, False),
        ({"sec-fetch-site": "", "origin": "https://id.example.com:8443"}, False),
        ({"sec-fetch-site": "", "origin": "https://id.example.com"}, True),
        ({"sec-fetch-site": "same-origin"}, True),
    ],
)
async def test_only_our_own_pages_change_things(
    client: httpx.AsyncClient, company: Company, headers: dict[str, str], admitted: bool
) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    for path in CHANGES:
        answer = await client.post(path, headers={**form, **headers}, content=b"")
        assert (answer.status_code != 403) == admitted, path
        if not admitted:
            assert "came from another site" in answer.text, path
            assert company.passes, path


async def test_bodies_are_bounded_and_typed(client: httpx.AsyncClient) -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}
    json = {"content-type": "application/json"}
    for path in CHANGES:
        right, wrong = (json, form) if "passkey" in path else (form, json)
        empty = b"{}" if wrong is json else b""
        assert (await client.post(path, headers=wrong, content=empty)).status_code == 415, path
        assert (await client.post(path, headers=right, content=b"x" * 65_537)).status_code == 413, path
        assert (await client.post(path, headers=right, content=b"\xff=\x00")).status_code == 400, path
        unknown = b'{"surprise":1}' if right is json else b"surprise=1"
        assert (await client.post(path, headers=right, content=unknown)).status_code == 400, path


async def test_an_unannounced_length_is_bounded_too(client: httpx.AsyncClient) -> None:
    async def chunks() -> object:
        for _ in range(70):
            yield b"x" * 1024

    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = await client.post("/sign-in/totp", headers=form, content=chunks())  # type: ignore[arg-type]
    assert answer.status_code == 413


async def test_scripts_get_errors_as_json(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nothing", headers=SCRIPT)
    assert answer.status_code == 404
    assert answer.json() == {"error": {"code": "pageNotFound", "text": "There is nothing at this address."}}


async def test_a_failure_tells_nothing_of_itself(client: httpx.AsyncClient, company: Company) -> None:
    del company.people  # the flow now fails
    answer = await client.post("/sign-in/password", data={"user_name": "ada", "password": "secret"})
    assert answer.status_code == 500
    assert "AttributeError" not in answer.text
    assert "Something went wrong" in answer.text
    for name, _ in SECURITY_HEADERS:
        assert name in answer.headers


def test_a_header_sent_twice_is_no_header() -> None:
    arrival = read_arrival("GET", "/", [(b"host", b"id.example.com"), (b"host", b"evil.example")])
    assert arrival.host == ""
    tossed = read_arrival("GET", "/", [(b"cookie", b"__Host-assay-id=a"), (b"cookie", b"__Host-assay-id=b")])
    assert tossed.cookie_value("__Host-assay-id") == ""
