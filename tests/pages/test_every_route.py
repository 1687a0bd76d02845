"""Every route of the pages, and every kind of visitor: what each is answered, by the real flows."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import httpx
import msgspec
import pytest
from litestar import Litestar

from assay.access.cookies import APP_COOKIE, ID_COOKIE, STATE_COOKIE
from assay.access.revoke_sessions import Sessions
from assay.pages import PagesSettings, create_pages
from assay.pages.guard import Guard
from assay.pages.routes.app_host import KEYS_CACHING
from assay.pages.security_headers import SECURITY_HEADERS
from assay.store import Store
from tests.access.house import BY, NOW, HandClock, House

NEW_PASSWORD = "another quiet harbour, with nine lamps"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
WHY = "lost the phone; known by sight"
RESET = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
async def house(sqlite_store: Store) -> AsyncIterator[House]:
    opened = House(sqlite_store, HandClock(NOW))
    await opened.start()
    yield opened
    opened.hashing.close()


def pages_of(house: House) -> Guard:
    """The pages, as the service puts them together."""
    made = create_pages(
        sign_in=house.sign_in,
        enrol=house.enrol,
        tickets=house.tickets,
        help_desk=house.help_desk,
        own_resets=house.own_resets,
        command_lines=house.command_lines,
        own_home=house.own_home,
        own_sessions=house.own_sessions,
        own_devices=house.own_devices,
        own_sign_ins=house.own_sign_ins,
        settings=PagesSettings(base_domain=house.addresses.base, port=house.addresses.port),
    )
    assert isinstance(made, Guard)
    return made


def routes_of(pages: Guard) -> set[tuple[str, str]]:
    """Every method and path that the application answers."""
    app = pages._app
    assert isinstance(app, Litestar)
    return {
        (method, route.path) for route in app.routes for method in getattr(route, "methods", ()) if method != "OPTIONS"
    }


SECRET = "s" * 43
# What each POST carries: right in form, so that the answer is the flow's and not the form's.
BODIES: dict[str, dict[str, str]] = {
    "/sign-in/password": {"user_name": "nobody-at-all", "password": "wrong wrong wrong"},
    "/sign-in/totp": {"code": "000000"},
    "/sign-in/recovery": {"code": "7ZQK-0M3F-XR2A-9TBC"},
    "/methods/password": {"password": NEW_PASSWORD, "repeated": NEW_PASSWORD},
    "/methods/totp": {"code": "000000"},
    "/methods/remove": {"id": RESET},
    "/sessions/report": {"id": RESET},
    "/devices/forget": {"id": RESET},
    "/help-desk/resets": {"user_name": "nobody-at-all", "why": WHY},
    "/help-desk/resets/approve": {"id": RESET},
    "/help-desk/resets/link": {"id": RESET},
    "/help-desk/resets/cancel": {"id": RESET},
    "/device": {"code": "BCDF-GHJK"},
    "/device/answer": {"code": "BCDF-GHJK", "answer": "allow"},
    "/oauth2/token": {"grant_type": "authorization_code", "device_code": SECRET},
    "/oauth2/revoke": {"token": SECRET},
}
PASSKEY = {"handle": "x", "credential": {}}


async def ask(house: House, pages: Guard, method: str, path: str, cookie: str) -> str:
    """The answer in short: the status, and the page's heading, the place it leads to, or the script's error."""
    host = f"wiki.{house.addresses.base}:8443" if path.startswith("/.assay") else f"id.{house.addresses.base}:8443"
    headers = {
        "assay-connection": "192.0.2.7:50123|127.0.0.1:8443|1|HTTP/2|",
        "host": host,
        "accept": "text/html",
        "sec-fetch-site": "same-origin",
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
        "cookie": f"{ID_COOKIE}={cookie}; {APP_COOKIE}={cookie}; {STATE_COOKIE}={SECRET}",
    }
    content = b""
    if method == "POST" and "passkey" in path:
        sent = PASSKEY if path.endswith("passkey") else {}
        content, headers["content-type"] = msgspec.json.encode(sent), "application/json"
        headers |= {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}
    elif method == "POST":
        content, headers["content-type"] = urlencode(BODIES.get(path, {})).encode(), FORM
    path = path.replace("{code:str}", "c" * 27).replace("{name:str}", "none.css")
    if path == "/.assay/ticket":
        path += f"?ticket={SECRET}"
    transport = httpx.ASGITransport(app=pages)  # type: ignore[arg-type]  # httpx types ASGI with plain dicts
    async with httpx.AsyncClient(transport=transport, base_url=f"https://{host}") as client:
        answer = await client.request(method, path, headers=headers, content=content)
    for name, value in SECURITY_HEADERS:
        assert answer.headers.get_list(name) == [value], (path, name)
    assert answer.headers.get("cache-control") in ("no-store", KEYS_CACHING), path
    assert answer.headers.get("content-type", "").count("charset") <= 1, path
    return f"{answer.status_code} {said(answer)}".strip()


def said(answer: httpx.Response) -> str:
    """What the person or the script learns."""
    if "location" in answer.headers:
        return str(answer.headers["location"])
    heading = re.search(r"<h1>(.*?)</h1>", answer.text)
    if heading is not None:
        return re.sub("<.*?>", "", heading[1]).partition(",")[0]
    code = re.search(r'"code":"(\w+)"', answer.text)
    location = re.search(r'"location":"(.*?)"', answer.text)
    if location is not None:
        return location[1]
    return code[1] if code is not None else "options" if answer.text.startswith('{"options"') else ""


async def visitors(house: House) -> dict[str, str]:
    """The cookie of each kind of visitor."""
    await house.app("wiki")
    cookies = {"nobody": ""}
    for name in ("person", "disabled", "ended", "desk", "owner"):
        person = await house.person(name)
        await person.sign_in()
        cookies[name] = person.cookie
    await house.roles.assign(BY, "Helpdesk Administrator", user="desk")
    await house.roles.assign(BY, "Global Administrator", user="owner")
    await house.people.disable(BY, "disabled")
    await Sessions(house.premises).revoke(BY, user="ended")
    return cookies


SIGN_IN, NOTHING, NO_LINK = "200 Sign in", "404 Nothing here", "404 This link does not work"
DESK = "200 Help-desk"
REFUSED, LET_IN = "403 You cannot open API now", "200 Let a command line in"
SESSIONS, DEVICES, SIGN_INS = "200 Your sessions", "200 Your devices", "200 Your sign-ins"

# What outsiders (nobody, a disabled person, a session that was revoked), a person, and the help-desk are answered.
EVERYBODY: dict[tuple[str, str], str] = {
    ("GET", "/.assay/assets/{name:str}"): NOTHING,
    ("GET", "/.assay/jwks.json"): "200",
    ("GET", "/.assay/ticket"): NO_LINK,
    ("GET", "/enrol/{code:str}"): NO_LINK,
    ("POST", "/enrol/{code:str}"): NO_LINK,
    ("GET", "/health/alive"): "200",
    ("GET", "/health/ready"): "200",
    ("GET", "/device/answer"): "303 /device",
    ("POST", "/oauth2/device_authorization"): "200",
    ("POST", "/oauth2/revoke"): "200",
    ("POST", "/oauth2/token"): "400",
    ("GET", "/help-desk/resets"): "303 /help-desk",
    ("GET", "/help-desk/resets/approve"): "303 /help-desk",
    ("GET", "/help-desk/resets/cancel"): "303 /help-desk",
    ("GET", "/help-desk/resets/link"): "303 /help-desk",
    ("GET", "/.well-known/change-password"): "303 /methods",
    ("GET", "/.well-known/passkey-endpoints"): "200",
    ("GET", "/devices/forget"): "303 /devices",
    ("GET", "/offers/later"): "303 /",
    ("GET", "/sessions/end-others"): "303 /sessions",
    ("GET", "/sessions/report"): "303 /sessions",
    ("GET", "/methods/remove"): "303 /methods",
    ("GET", "/methods/password"): "303 /methods",
    ("GET", "/methods/recovery-codes"): "303 /methods",
    ("GET", "/methods/renewed"): "200 Your new sign-in methods are in",
    ("GET", "/methods/totp"): "303 /methods",
    ("GET", "/methods/totp/new"): "303 /methods",
    ("GET", "/sign-in/password"): "303 /sign-in",
    ("GET", "/sign-in/recovery"): "303 /sign-in",
    ("GET", "/sign-in/totp"): "303 /sign-in",
    ("GET", "/signed-out"): "200 You are signed out",
    ("POST", "/offers/later"): "303 /",
    ("GET", "/reset/cancel"): "303 /",
    ("GET", "/reset/seen"): "303 /",
    ("POST", "/sign-in/passkey/options"): "200 options",
    ("POST", "/.assay/sign-out"): "200 You are on your way",
    ("POST", "/sign-out"): "303 /signed-out",
}
KINDS: dict[tuple[str, str], tuple[str, str, str]] = {
    ("GET", "/"): (SIGN_IN, "200 Hello", "200 Hello"),
    ("GET", "/continue"): (SIGN_IN, "303 /", "303 /"),
    ("GET", "/sign-in"): (SIGN_IN, "303 /", "303 /"),
    ("GET", "/methods"): (SIGN_IN, "200 Your sign-in methods", "200 Your sign-in methods"),
    ("GET", "/device"): (SIGN_IN, REFUSED, LET_IN),
    ("POST", "/device"): (SIGN_IN, REFUSED, LET_IN),
    ("POST", "/device/answer"): (SIGN_IN, REFUSED, LET_IN),
    ("GET", "/sessions"): (SIGN_IN, SESSIONS, SESSIONS),
    ("GET", "/devices"): (SIGN_IN, DEVICES, DEVICES),
    ("GET", "/sign-ins"): (SIGN_IN, SIGN_INS, SIGN_INS),
    ("POST", "/sessions/report"): (SIGN_IN, SESSIONS, SESSIONS),
    ("POST", "/sessions/end-others"): (SIGN_IN, SESSIONS, SESSIONS),
    ("POST", "/devices/forget"): (SIGN_IN, DEVICES, DEVICES),
    ("POST", "/methods/remove"): (SIGN_IN, "200 Your sign-in methods", "200 Your sign-in methods"),
    ("GET", "/help-desk"): (SIGN_IN, NOTHING, DESK),
    ("POST", "/help-desk/resets"): (SIGN_IN, NOTHING, DESK),
    ("POST", "/help-desk/resets/approve"): (SIGN_IN, NOTHING, DESK),
    ("POST", "/help-desk/resets/cancel"): (SIGN_IN, NOTHING, DESK),
    ("POST", "/help-desk/resets/link"): (SIGN_IN, NOTHING, DESK),
    ("POST", "/methods/passkey"): ("200 /methods", "403 passkeyMalformed", "403 passkeyMalformed"),
    ("POST", "/methods/passkey/options"): ("200 /methods", "200 options", "200 options"),
    ("POST", "/methods/password"): (SIGN_IN, "303 /methods", "303 /methods"),
    ("POST", "/methods/recovery-codes"): (SIGN_IN, "200 Your recovery codes", "200 Your recovery codes"),
    ("POST", "/methods/totp"): (SIGN_IN, "200 Your sign-in methods", "200 Your sign-in methods"),
    ("POST", "/methods/totp/new"): (SIGN_IN, "200 Set up an authenticator app", "200 Set up an authenticator app"),
    ("POST", "/sign-in/passkey"): ("403 passkeyMalformed", "200 /", "200 /"),
    ("POST", "/sign-in/password"): (SIGN_IN, "303 /", "303 /"),
    ("POST", "/sign-in/recovery"): (SIGN_IN, "303 /", "303 /"),
    ("POST", "/sign-in/totp"): (SIGN_IN, "303 /", "303 /"),
    ("POST", "/reset/cancel"): (SIGN_IN, "303 /", "303 /"),
    ("POST", "/reset/seen"): (SIGN_IN, "303 /", "303 /"),
}
EXPECTED = {route: (answer, answer, answer) for route, answer in EVERYBODY.items()} | KINDS


async def test_every_route_for_every_kind_of_visitor(house: House) -> None:
    pages = pages_of(house)
    cookies = await visitors(house)
    wrong = []
    # Those that end sessions come last.
    for route in sorted(EXPECTED, key=lambda route: ("sign-out" in route[1], route)):
        outsider, person, staff = EXPECTED[route]
        expected = {"person": person, "desk": staff, "owner": staff}
        for kind, cookie in cookies.items():
            found = await ask(house, pages, *route, cookie)
            if found != expected.get(kind, outsider):
                wrong.append((*route, kind, found))
    assert wrong == []


def test_a_new_route_needs_a_row(house: House) -> None:
    assert routes_of(pages_of(house)) == set(EXPECTED)


async def test_a_method_that_a_route_does_not_have_is_refused(house: House) -> None:
    pages = pages_of(house)
    for path in sorted({path for _, path in EXPECTED}):
        for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"):
            assert (await ask(house, pages, method, path, "")).startswith("405"), (method, path)
