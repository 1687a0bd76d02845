"""The demo as somebody meets it: everybody signs in over HTTPS, apps that know nothing of Assay work."""

import asyncio
import json
import stat
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from websockets.asyncio.client import ClientConnection, connect

from assay.simulator.app_data import LARGE_FILE, ORDERS
from assay.simulator.demo_info import DemoInfo, DemoPerson
from assay.simulator.departments import APPS, INTERNALS
from tests.https_client import tls_context
from tests.simulator.browser import Browser
from tests.simulator.running_demo import RunningDemo, run
from tests.totp import totp_code

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.slow]
SECONDS = 60


def person(info: DemoInfo, *, group: str = "", role: str = "", kind: str = "member", number: int = 0) -> DemoPerson:
    """A person with what a test needs; different numbers, different people."""
    found = [
        each
        for each in info.people
        if each.kind == kind
        and each.enabled
        and (group in each.groups or not group)
        and (role in each.roles or not role)
    ]
    return found[number]


async def web_socket(browser: Browser, app: str, path: str, *, origin: str = "") -> ClientConnection:
    """A WebSocket with the cookies of this browser, as a page of the app's would open it."""
    address, url = browser.info.address.split(":"), browser.url(app)
    cookies = [cookie for cookie in browser.client.cookies.jar if cookie.domain.startswith(f"{app}.")]
    return await connect(
        url.replace("https:", "wss:") + path,
        host=address[0],
        port=int(address[1]),
        ssl=tls_context(Path(browser.info.ca_file)),
        origin=origin or url.rstrip("/"),  # type: ignore[arg-type]  # a NewType of str
        open_timeout=60,
        additional_headers={"cookie": "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies)},
    )


async def messages(socket: ClientConnection) -> Iterable[dict[str, Any]]:
    """The first few messages."""
    async with asyncio.timeout(SECONDS):
        return [json.loads(await socket.recv()) for _ in range(3)]


async def test_everybody_signs_in_with_password_and_code(demo: RunningDemo) -> None:
    for each in demo.info.people:
        async with Browser(demo.info) as browser:
            page = await browser.sign_in(each, "verify")
            if not each.enabled:
                assert "/sign-in/password" in page.url.path
                continue
            assert page.url == browser.url("verify"), each.user
            shown = (await browser.get(f"{browser.url('verify')}json")).json()
            claims = shown["assertion"]["claims"]
            assert shown["assertion"]["valid"] is True
            assert claims["preferred_username"] == each.user
            assert claims["groups"] == sorted(each.groups)
            assert (claims["acr"], claims["amr"]) == ("aal2", ["mfa", "otp", "pwd"])
            assert shown["cookies"] == {}


async def test_the_company_has_everybody_it_needs(demo: RunningDemo) -> None:
    people = demo.info.people
    assert len(people) == 12
    assert Counter(each.kind for each in people) == {"member": 10, "guest": 1, "customer": 1}
    assert [each.enabled for each in people].count(False) == 1
    assert sum("Global Administrator" in each.roles for each in people) == 2
    assert person(demo.info, group="Service accounts").user == "svc-reports"
    assert [app.name for app in demo.info.apps] == [app.name for app in APPS]


async def test_an_assertion_by_somebody_else_is_refused(demo: RunningDemo) -> None:
    """Sent straight to the app's socket: through the gateway nobody's own header arrives at all."""
    now = int(time.time())
    verify = next(app.url for app in demo.info.apps if app.name == "verify").rstrip("/")
    claims = {"iss": demo.info.url.rstrip("/"), "aud": verify, "sub": "1", "iat": now, "exp": now + 300}
    forged = jwt.encode({"alg": "ES256", "kid": "mine"}, claims, ECKey.generate_key("P-256"))
    async with Browser(demo.info) as browser:
        await browser.sign_in(person(demo.info, group="Finance"), "verify")
        through = await browser.client.get(f"{verify}/json", headers={"assay-assertion": forged})
        assert through.json()["assertion"]["claims"]["sub"] != "1"
    code, body = await straight(demo.data / "apps" / "verify.sock", forged)
    assert code == 403
    assert b"noValidAssertion" in body


async def straight(socket: Path, assertion: str) -> tuple[int, bytes]:
    """Ask an app without the gateway."""
    reader, writer = await asyncio.open_unix_connection(socket)
    head = f"GET /json HTTP/1.1\r\nhost: app\r\nassay-assertion: {assertion}\r\nconnection: close\r\n\r\n"
    writer.write(head.encode())
    answer = await asyncio.wait_for(reader.read(), SECONDS)
    writer.close()
    return int(answer.split(b" ", 2)[1]), answer


async def test_the_small_apps_show_their_pages(demo: RunningDemo) -> None:
    async with Browser(demo.info) as browser:
        page = await browser.sign_in(person(demo.info, group="Platform team"), "wiki")
        assert "What everybody should find" in page.text
        builds = await browser.get(browser.url("builds"))
        assert ("What was built last" in builds.text, builds.status_code) == (True, 200)
        assert (await browser.get(f"{browser.url('builds')}page/3")).text != builds.text
        # Whoever is not assigned sees why, and none of it.
        refused = await browser.get(browser.url("payroll"))
        assert "What everybody earns" not in refused.text
        assert "assign you to it" in refused.text


async def test_it_tells_of_its_attacks_and_where_to_look(demo: RunningDemo) -> None:
    assert {attack.kind for attack in demo.info.attacks} == {"passwordSpray", "stolenSession", "insider"}
    for attack in demo.info.attacks:
        assert attack.title in demo.output
        for words in attack.look:
            assert f"assay {words}" in demo.output
            status, printed = await run(demo.home, *words.split(), "--data", str(demo.data))
            assert status == 0, printed
            assert attack.user in printed or attack.address in printed


async def test_datasette_shows_the_orders(demo: RunningDemo) -> None:
    async with Browser(demo.info) as browser:
        page = await browser.sign_in(person(demo.info, group="IT", number=1), "datasette")
        assert "Datasette: company" in page.text
        rows = (await browser.get(f"{browser.url('datasette')}company/order.json?_size=3")).json()
        assert rows["filtered_table_rows_count"] == ORDERS


async def test_marimo_works_over_its_web_socket(demo: RunningDemo) -> None:
    async with Browser(demo.info) as browser:
        page = await browser.sign_in(person(demo.info, group="IT", number=2), "marimo")
        assert "<marimo-" in page.text
        async with await web_socket(browser, "marimo", "ws?session_id=s_123456") as socket:
            ready, *_ = await messages(socket)
        assert ready["op"] == "kernel-ready"
        assert "Damped oscillation" in json.dumps(ready)


async def test_files_come_in_parts(demo: RunningDemo) -> None:
    async with Browser(demo.info) as browser:
        await browser.sign_in(person(demo.info, group=INTERNALS, number=-1), "files")
        url = f"{browser.url('files')}measurements.bin"
        part = await browser.client.get(url, headers={"range": "bytes=1000-1999"})
        assert (part.status_code, len(part.content)) == (206, 1000)
        assert part.headers["content-range"] == f"bytes 1000-1999/{LARGE_FILE}"


async def test_verify_makes_streams_visible(demo: RunningDemo) -> None:
    async with Browser(demo.info) as browser:
        await browser.sign_in(person(demo.info, group="Platform team", number=1), "verify")
        url = browser.url("verify")
        async with await web_socket(browser, "verify", "ws") as socket:
            await socket.send("hello")
            kinds = {key for message in await messages(socket) for key in message}
        assert kinds == {"tick", "echo", "at"}
        async with browser.client.stream("GET", f"{url}events") as events:
            assert events.headers["content-type"].startswith("text/event-stream")
            assert "event: tick" in await anext(aiter(events.aiter_text()))
        assert len((await browser.client.get(f"{url}download?bytes=1234567")).content) == 1_234_567
        origin = {"origin": url.rstrip("/")}
        sent = await browser.client.post(f"{url}upload", content=b"x" * 3_000_000, headers=origin)
        assert sent.json()["bytes"] == 3_000_000


async def test_what_is_secret_is_the_owners_alone(demo: RunningDemo) -> None:
    for path, mode in ((demo.data, 0o700), (demo.data / "apps", 0o700), (demo.data / "demo.json", 0o600)):
        assert stat.S_IMODE((await asyncio.to_thread(path.stat)).st_mode) == mode


async def test_it_says_how_to_sign_in(demo: RunningDemo) -> None:
    member = person(demo.info, group="Engineering")
    for text in (demo.info.url, member.user, member.password, f"demo code {member.user}", demo.info.ca_file):
        assert text in demo.output
    assert "36 policies" in demo.output
    status, printed = await run(demo.home, "demo", "code", member.user, "--data", str(demo.data))
    assert status == 0
    now = time.time()
    assert printed.strip() in {totp_code(member.totp_secret, at) for at in (now - 30, now)}


async def test_it_describes_itself_to_programs(demo: RunningDemo) -> None:
    status, printed = await run(demo.home, "demo", "info", "--json", "--data", str(demo.data))
    assert status == 0
    told = json.loads(printed)
    assert {"url", "address", "ca_file", "people", "apps"} <= told.keys()
    assert {"user", "password", "totp_secret", "groups", "roles"} <= told["people"][0].keys()
    status, printed = await run(demo.home, "demo", "info", "--data", str(demo.home))
    assert status == 3
    assert "there is no demo" in printed


async def test_the_import_says_what_cannot_be_met_here(demo: RunningDemo) -> None:
    status, printed = await run(demo.home, "demo", "policies", "--json", "--data", str(demo.data))
    assert status == 0
    policies = {policy["name"].partition("-")[0]: policy for policy in json.loads(printed)["policies"]}
    assert policies["CA200"]["state"] == "enabled"
    assert policies["CA205"]["state"] == "enabledForReportingButNotEnforced"
    assert "grantControls.builtInControls.compliantDevice" in policies["CA205"]["unenforced"]
    on = {name for name, policy in policies.items() if policy["state"] == "enabled"}
    assert not any(policy["undecided"] for policy in policies.values())
    assert not any(policies[name]["unenforced"] or policies[name]["missing"] for name in on)
    status, printed = await run(demo.home, "policy", "list", "--json", "--data", str(demo.data))
    assert sum(policy["state"] == "enabled" for policy in json.loads(printed)["value"]) == len(on) + 1


async def test_its_past_is_in_the_log_and_the_log_holds(demo: RunningDemo) -> None:
    where = ("--data", str(demo.data))
    status, printed = await run(demo.home, "events", "search", "--limit", "1000", "--json", *where)
    events = json.loads(printed)["value"]
    assert status == 0
    # Three days, and today, of which nothing may have happened yet: it is a minute after midnight somewhere.
    assert len({event["at"][:10] for event in events}) >= 3
    codes = Counter(event["code"] for event in events)
    assert codes["enrolment-link.used"] == 12
    assert min(codes[code] for code in ("sign-in.succeeded", "sign-in.failed", "sign-in.interrupted", "decision")) > 3
    # By number: what happens at once on two connections may be written in either order.
    assert [event["number"] for event in events] == sorted((event["number"] for event in events), reverse=True)
    status, printed = await run(demo.home, "events", "verify", *where)
    assert status == 0, printed


async def test_decisions_of_the_past_come_out_the_same(demo: RunningDemo) -> None:
    where = ("--json", "--data", str(demo.data))
    _, printed = await run(demo.home, "events", "search", "--code", "sign-in.", "--limit", "400", *where)
    decisions = [found for event in json.loads(printed)["value"] if (found := decision_of(event)) is not None]
    # Fewer where two of the three days were a weekend.
    assert len(decisions) > 20
    for decision in (decisions[0], decisions[len(decisions) // 2], decisions[-1]):
        status, printed = await run(demo.home, "explain", decision, *where)
        assert status == 0, printed
        assert json.loads(printed)["same"] is True


def decision_of(event: dict[str, Any]) -> str | None:
    decision = event["event"].get("unmapped", {}).get("decision")
    return None if decision is None else str(decision["uid"])
