"""The door of the console's socket: whose assertion is believed, what every answer carries, which files are served."""

import asyncio
import os
import sys
from asyncio import create_subprocess_exec, subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from assay.access.exchange import Allow
from assay.access.revoke_sessions import Sessions
from tests.access.house import BY, House
from tests.api.graph_service import API_HOST, HOST, ORIGIN, GraphService
from tests.api.service import short_directory

ME = "/v1.0/assay/me"
ASK = """
import socket, sys
with socket.socket(socket.AF_UNIX) as client:
    client.connect(sys.argv[1])
    client.sendall(b"GET /v1.0/assay/me HTTP/1.1\\r\\nHost: console\\r\\nConnection: close\\r\\n\\r\\n")
    while octets := client.recv(65536):
        sys.stdout.buffer.write(octets)
"""


async def test_who_asks_is_told_who_they_are_and_what_they_may(graph: GraphService) -> None:
    mia = await graph.person("mia", "Reports Reader")
    found = (await graph.ask(await graph.assertion(mia), ME)).json()
    assert found["user"]["userPrincipalName"] == "mia"
    assert found["user"]["id"] == await mia.user_id()
    assert found["sessionId"] == await mia.session_id()
    assert found["token"] is None
    assert [role["displayName"] for role in found["roles"]] == ["Reports Reader"]
    assert found["permissions"] == ["AuditLog.Read.All", "Decision.Read.All", "Organization.Read.All", "User.Read"]
    assert found["organization"]["baseDomain"] == "assay.localhost"


async def test_nothing_but_a_good_assertion_for_this_very_origin_is_believed(graph: GraphService) -> None:
    mia = await graph.person("mia", "Global Administrator")
    good = await graph.assertion(mia)
    wiki = await graph.house.app("wiki", assigned=["mia"])
    answer = await mia.open(wiki)
    assert isinstance(answer, Allow)
    elsewhere = dict(answer.headers)["Assay-Assertion"]
    claims = graph.house.claims(answer) | {"aud": ORIGIN}
    forged = jwt.encode({"alg": "ES256", "typ": "JWT"}, claims, ECKey.generate_key("P-256"))
    unsigned = f"eyJhbGciOiJub25lIn0.{good.split('.')[1]}."
    assert (await graph.ask(good, ME)).status_code == 200
    for bad in ("", "x", "x.y.z", elsewhere, forged, unsigned, good[:-4], good.replace(".", ". ", 1), "x" * 70_000):
        refused = await graph.ask(bad, ME)
        assert refused.status_code in (401, 431, 400), bad[:40]
    assert (await graph.ask(good, ME, host=API_HOST)).status_code == 401, "made for the console, shown at the API"
    assert (await graph.ask(good, ME, host="wiki.assay.localhost:8443")).status_code == 404
    assert (await graph.ask("", ME)).json()["error"]["code"] == "Authentication_Required"


async def test_an_assertion_is_good_for_its_minutes_and_its_session(graph: GraphService) -> None:
    mia = await graph.person("mia", "Global Administrator")
    assertion = await graph.assertion(mia)
    graph.house.clock.advance(minutes=5)
    assert (await graph.ask(assertion, ME)).status_code == 401, "replayed after its time"
    assertion = await graph.assertion(mia)
    await Sessions(graph.house.premises).revoke(BY, session=await mia.session_id())
    assert (await graph.ask(assertion, ME)).status_code == 401, "its session was revoked"


async def test_who_is_disabled_is_nobody(graph: GraphService) -> None:
    await graph.person("root", "Global Administrator")
    mia = await graph.person("mia", "Reports Reader")
    assertion = await graph.assertion(mia)
    await graph.house.people.disable(BY, "mia")
    assert (await graph.ask(assertion, ME)).status_code == 401


async def test_changes_come_from_the_consoles_own_pages(graph: GraphService) -> None:
    mia = await graph.person("mia", "Global Administrator")
    assertion = await graph.assertion(mia)
    for foreign in (
        {},
        {"origin": "https://wiki.assay.localhost:8443"},
        {"origin": "null"},
        {"origin": ORIGIN, "sec_fetch_site": "same-site"},
        {"origin": ORIGIN, "sec_fetch_site": "cross-site"},
    ):
        refused = await graph.ask(assertion, ME, "POST", **foreign)
        assert refused.status_code == 403, foreign
    for own in ({"origin": ORIGIN}, {"origin": ORIGIN, "sec_fetch_site": "same-origin"}):
        assert (await graph.ask(assertion, ME, "POST", **own)).status_code == 405, "let in, and there is no such method"


async def test_another_origins_page_reads_nothing_with_the_session(graph: GraphService) -> None:
    """The answer would be hidden from it, but not how long it took: `$search` and `$filter` ask letter by letter."""
    assertion = await graph.assertion(await graph.person("mia", "Global Administrator"))
    link = {"sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
    frame = {"sec_fetch_mode": "navigate", "sec_fetch_dest": "iframe"}
    script = {"sec_fetch_mode": "no-cors", "sec_fetch_dest": "script"}
    refused = (
        *((ME, method, kind) for method in ("GET", "HEAD") for kind in (link, script)),
        *(("/people", "GET", kind) for kind in (frame, script, {})),
    )
    for site in ("same-site", "cross-site"):
        for path, method, kind in refused:
            answer = await graph.ask(assertion, path, method, sec_fetch_site=site, **kind)
            assert answer.status_code == 403, (site, path, method, kind)
        followed = await graph.ask(assertion, "/people", sec_fetch_site=site, **link)
        assert followed.status_code == 200, "a link to a view"
    for site in ("same-origin", "none"):
        assert (await graph.ask(assertion, ME, sec_fetch_site=site, sec_fetch_mode="cors")).status_code == 200


async def test_a_body_that_comes_after_its_role_was_taken_changes_nothing(graph: GraphService) -> None:
    """Who may what is asked of the headers, so that nobody else's body is read, and again once the body is there."""
    mia = await graph.person("mia", "User Administrator")
    await graph.house.roles.assign(BY, "Directory Readers", user="mia")
    bob = await graph.person("bob")
    assertion = await graph.assertion(mia)

    async def slowly() -> AsyncIterator[bytes]:
        yield b'{"displayName":'
        # The service has the headers: it reads the body only once they were let through.
        await graph.house.roles.remove(BY, "User Administrator", user="mia")
        yield b' "Robert"}'

    headers = {"host": HOST, "assay-assertion": assertion, "origin": ORIGIN, "content-type": "application/json"}
    async with graph.client() as client:
        url = f"/v1.0/users/{await bob.user_id()}"
        answer = await client.patch(url, headers=headers, content=slowly())
        assert answer.status_code == 403, answer.text
        assert answer.json()["error"]["innerError"]["code"] == "permissionMissing"
        read = await client.get(url, headers=headers)
        assert read.json()["displayName"] == "bob", "what is left of the roles reads"


async def test_what_changes_takes_turns_too_and_keeps_no_question_waiting(graph: GraphService) -> None:
    """Bodies are held in memory until they are answered: of one caller two at once, thirty wait, and no more."""
    assertion = await graph.assertion(await graph.person("mia", "User Administrator"))
    bob, go_on = await (await graph.person("bob")).user_id(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b'{"displayName":'
        await go_on.wait()
        yield b' "Robert"}'

    headers = {"host": HOST, "assay-assertion": assertion, "origin": ORIGIN, "content-type": "application/json"}
    async with graph.client() as client:
        url = f"/v1.0/users/{bob}"
        slow = [asyncio.create_task(client.patch(url, headers=headers, content=slowly())) for _ in range(2)]
        # Some of these may come before the slow ones.
        whole = b'{"displayName": "Bob"}'
        quick = [asyncio.create_task(client.patch(url, headers=headers, content=whole)) for _ in range(60)]
        async with asyncio.timeout(60):
            for answered in asyncio.as_completed(quick):
                answer = await answered
                if answer.status_code == 429:
                    break
        assert answer.headers["retry-after"] == "1"
        assert (await client.get(url, headers=headers)).status_code == 200
        go_on.set()
        assert [found.status_code for found in await asyncio.gather(*slow)] == [200, 200]
        assert {found.status_code for found in await asyncio.gather(*quick)} == {200, 429}


async def test_every_answer_is_hardened_and_can_be_found_again(graph: GraphService) -> None:
    assertion = await graph.assertion(await graph.person("mia", "Global Administrator"))
    for answer in (
        await graph.ask(assertion, ME, client_request_id="my-7"),
        await graph.ask(assertion, "/v1.0/nothing", client_request_id="my-7"),
        await graph.ask("", ME, client_request_id="my-7"),
        await graph.ask(assertion, "/", client_request_id="my-7"),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["client-request-id"] == "my-7"
        if answer.status_code >= 400:
            inner = answer.json()["error"]["innerError"]
            assert inner["request-id"] == answer.headers["request-id"]
            assert inner["client-request-id"] == "my-7"
    odd = await graph.ask(assertion, ME, client_request_id="a b\tc")
    assert "client-request-id" not in odd.headers


async def test_head_is_get_without_its_body(graph: GraphService) -> None:
    assertion = await graph.assertion(await graph.person("mia", "Global Administrator"))
    answer = await graph.ask(assertion, ME, "HEAD")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_the_api_is_described_for_who_is_signed_in(graph: GraphService) -> None:
    assert (await graph.ask("", "/v1.0/openapi.json")).status_code == 401
    assertion = await graph.assertion(await graph.person("mia", "Global Administrator"))
    found = (await graph.ask(assertion, "/v1.0/openapi.json")).json()
    assert found["openapi"].startswith("3.1")
    assert "/v1.0/assay/me" in found["paths"]


@pytest.mark.parametrize("path", ["/", "/people/1", "/decisions/ABCDEFGH", "/sign-ins?$filter=x"])
async def test_where_the_console_was_not_built_a_page_says_how(graph: GraphService, path: str) -> None:
    assertion = await graph.assertion(await graph.person("mia", "Global Administrator"))
    answer = await graph.ask(assertion, path)
    assert answer.status_code == 200
    assert "The console was not built" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


async def test_built_files_are_served_and_what_is_named_by_content_is_kept(house: House, tmp_path: Path) -> None:
    built = tmp_path / "static"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<title>Console</title>")
    (built / "assets" / "index-BZ3xYQ1k.js").write_text("export {}")
    (built / "icon.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("secret")
    (built / "link.txt").symlink_to(tmp_path / "secret.txt")
    with short_directory() as directory:
        graph = GraphService(house, Path(directory), console=built)
        await graph.server.start()
        assertion = await graph.assertion(await graph.person("mia", "Global Administrator"))
        script = await graph.ask(assertion, "/assets/index-BZ3xYQ1k.js")
        assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert script.headers["content-type"] == "text/javascript; charset=utf-8"
        for view in ("/", "/index.html", "/people/mia@example.com", "/decisions/ABCDEFGH"):
            answer = await graph.ask(assertion, view)
            assert (answer.text, answer.headers["cache-control"]) == ("<title>Console</title>", "no-store"), view
        assert (await graph.ask(assertion, "/icon.svg")).headers["cache-control"] == "no-store"
        for missing in ("/assets/index-00000000.js", "/favicon.ico", "/link.txt", "/assets/../../secret.txt"):
            assert (await graph.ask(assertion, missing)).status_code == 404, missing
        assert (await graph.ask("", "/")).status_code == 401, "files too are for who was let in"
        await graph.server.stop()


async def test_only_the_gateways_own_process_is_answered(graph: GraphService) -> None:
    """Another process of the same user, root or not, is not it; nor is anybody while there is no gateway."""
    asking = await create_subprocess_exec(
        sys.executable, "-I", "-c", ASK, str(graph.server.path), stdout=subprocess.PIPE
    )
    answer, _ = await asking.communicate()
    assert answer.startswith(b"HTTP/1.1 403")
    assert b'"code":"onlyGateway"' in answer
    assert (await graph.ask("", ME)).status_code == 401, "this process stands where Envoy would"
    graph.envoy = None
    assert (await graph.ask("", ME, host=HOST)).status_code == 403
    graph.envoy = os.getpid() + 1
    assert (await graph.ask("", ME)).status_code == 403
