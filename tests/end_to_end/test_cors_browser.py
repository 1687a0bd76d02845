"""Scripts of another origin in real Chromium: what the browser asks, sends and lets them read."""

import asyncio
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.end_to_end.browser import chromium
from tests.end_to_end.installation import Installation
from tests.end_to_end.person import Person
from tests.end_to_end.recording_app import recording_app

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FETCH = """async ([url, options]) => {
  try { const answer = await fetch(url, options); return [answer.status, answer.type, await answer.text()]; }
  catch (error) { return [0, "refused", error.name]; }
}"""
CROWDED = 150
CROWD = (
    """base => { for (let n = 0; n < 170; n += 1) document.cookie = `crowd${n}=1; domain=${base}; path=/; secure`; }"""
)
PUT = {"method": "PUT", "credentials": "include", "headers": {"x-token": "1"}, "body": "changed"}
SIMPLE = {"method": "POST", "credentials": "include", "body": "changed", "mode": "no-cors"}


async def sign_in(installed: Installation) -> list[dict[str, object]]:
    """The owner's cookies of both apps, earned as a browser without script would."""
    owner = Person(installed, "owner")
    await owner.enrol(installed.owner_link())
    for name in ("wiki", "files"):
        assert (await owner.open(name)).status_code == 200
    cookies = [
        {
            "name": cookie.name,
            "value": cookie.value or "",
            "url": installed.app_origin(cookie.domain.partition(".")[0]),
            "secure": True,
            "httpOnly": True,
            "sameSite": "Lax",
        }
        for cookie in owner.client.cookies.jar
        if cookie.name == "__Host-assay-app"
    ]
    await owner.client.aclose()
    assert len(cookies) == 2
    return cookies


def fetched(page: Page, url: str, options: dict[str, object]) -> list[object]:
    answer: list[object] = page.evaluate(FETCH, [url, options])
    return answer


def test_a_script_of_another_origin_in_a_real_browser(installed: Installation, tmp_path: Path) -> None:
    with recording_app() as wiki, recording_app() as files:
        installed.run("apps", "protect", wiki.url, "--name", "wiki", "--owner", "owner")
        installed.run("apps", "protect", files.url, "--name", "files", "--owner", "owner")
        cookies = asyncio.run(sign_in(installed))
        with chromium(tmp_path / "person", installed.authority) as context:
            context.add_cookies(cookies)  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(f"{installed.app_origin('files')}/")
            url = f"{installed.app_origin('wiki')}/api"
            wiki.asked.clear()

            assert fetched(page, url, {"credentials": "include"})[1] == "refused", (
                "read by nobody, whatever the app says"
            )
            assert wiki.asked == [("GET", "/api")]
            assert fetched(page, url, PUT)[1] == "refused"
            fetched(page, url, SIMPLE)
            assert wiki.asked == [("GET", "/api")], "neither the preflight nor a change reached the app"

            installed.run("apps", "origins", "wiki", "--allow", installed.app_origin("files"))
            assert fetched(page, url, {"credentials": "include"})[:2] == [200, "cors"]
            assert fetched(page, url, PUT)[:2] == [200, "cors"]
            assert wiki.asked == [("GET", "/api"), ("GET", "/api"), ("PUT", "/api")], "no preflight reached the app"

            installed.run("apps", "origins", "wiki", "--remove", installed.app_origin("files"))
            assert fetched(page, url, PUT)[1] == "refused"
            assert len(wiki.asked) == 3, "even while the browser remembers the preflight"

            # On HTTP/2 each cookie is a header of its own.
            page.evaluate(CROWD, installed.authority.parent.name)
            # The browser stores them one by one, while the script goes on.
            page.wait_for_function(f"document.cookie.split(';').length > {CROWDED}")
            assert len(context.cookies(f"{installed.app_origin('files')}/")) > CROWDED
            answer = page.goto(f"{installed.app_origin('files')}/")
            assert answer is not None
            assert answer.status == 200, "a jar full of a neighbour's cookies"
