"""A browser without a window: cookies, redirects and the sign-in pages' forms, over real HTTPS."""

import asyncio
import time
from html.parser import HTMLParser
from pathlib import Path
from types import TracebackType
from urllib.parse import urljoin

import httpx

from assay.simulator.demo_info import DemoInfo, DemoPerson
from tests.https_client import https_client
from tests.totp import totp_code

NAVIGATION = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "none"}

STEP = 30  # seconds that a code is shown
# The last step of which each secret's code was used here: none is taken twice.
_USED: dict[str, int] = {}


async def _next_code(secret: str) -> str:
    """The code of this moment, or the next; where both are spent, as soon as there is another."""
    step = max(int(time.time() / STEP), _USED.get(secret, 0) + 1)
    # That of the next step is taken already.
    await asyncio.sleep(max(0.0, (step - 1) * STEP - time.time()))
    _USED[secret] = step
    return totp_code(secret, step * STEP)


class Forms(HTMLParser):
    """The forms of a page: action to hidden fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, dict[str, str]] = {}
        self.onward = ""  # where a `refresh` leads
        self._action = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._action = given.get("action") or ""
            self.fields[self._action] = {}
        elif tag == "meta" and given.get("http-equiv") == "refresh":
            self.onward = (given.get("content") or "").partition("url=")[2]
        elif tag == "input" and self._action and given.get("name"):
            self.fields[self._action][str(given["name"])] = given.get("value") or ""


class Browser:
    """One browser of one person."""

    def __init__(self, info: DemoInfo) -> None:
        self.info = info
        self.client = https_client(info.address, Path(info.ca_file))

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.client.aclose()

    def url(self, app: str) -> str:
        """The address of an app of the demo."""
        return next(each.url for each in self.info.apps if each.name == app)

    async def get(self, url: str) -> httpx.Response:
        """Navigate, following redirects."""
        return await self._onward(await self.client.get(url, headers=NAVIGATION, follow_redirects=True))

    async def submit(self, page: httpx.Response, action: str, **values: str) -> httpx.Response:
        """Fill in and send the page's form with this action."""
        fields = Forms(page.text).fields[action] | values
        origin = f"{page.url.scheme}://{page.url.netloc.decode()}"
        headers = NAVIGATION | {"sec-fetch-site": "same-origin", "origin": origin}
        sent = await self.client.post(
            urljoin(str(page.url), action), data=fields, headers=headers, follow_redirects=True
        )
        return await self._onward(sent)

    async def _onward(self, page: httpx.Response) -> httpx.Response:
        onward = Forms(page.text).onward if "html" in page.headers.get("content-type", "") else ""
        return await self.get(onward) if onward else page

    async def sign_in(self, person: DemoPerson, app: str) -> httpx.Response:
        """Open an app and sign in on the way, with password and a code that was not used yet."""
        page = await self.get(self.url(app))
        page = await self.submit(page, "/sign-in/password", user_name=person.user, password=person.password)
        # The first may have been used in the company's past, which ended just now.
        for _ in range(3):
            if "/sign-in/totp" in Forms(page.text).fields:
                page = await self.submit(page, "/sign-in/totp", code=await _next_code(person.totp_secret))
        return page
