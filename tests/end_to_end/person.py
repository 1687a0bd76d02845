"""A person at an HTTPS client: enrols, signs in and opens apps through the real gateway, without any script."""

import asyncio
import re
import time
from base64 import b32decode

import httpx

from assay.identities.methods.totp import STEP, code_at
from tests.end_to_end.installation import Installation
from tests.https_client import https_client

PASSWORD = "a quiet river under seven bridges"
# The last step of which each secret's code was used, by whoever knows it: none is good twice.
_USED: dict[bytes, int] = {}
NAVIGATION = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "none"}


class Person:
    """One browser without script, and what its person knows."""

    def __init__(self, installed: Installation, user_name: str) -> None:
        self.installed = installed
        self.user_name = user_name
        self.client = https_client(installed.address, installed.authority)
        self.secret = b""
        self.recovery_codes: list[str] = []

    async def enrol(self, link: str) -> None:
        """Password, authenticator app and recovery codes by the one-time link."""
        await self.use_link(link)
        await self.register()

    async def register(self) -> None:
        """Everything that signs in later, once the link is used."""
        await self._post("/methods/password", password=PASSWORD, repeated=PASSWORD)
        await self.new_authenticator_app()
        await self.new_recovery_codes()

    async def new_recovery_codes(self) -> None:
        """Make them; those of before are void, wherever this person's list of them is shared."""
        shown = await self._post("/methods/recovery-codes")
        self.recovery_codes[:] = re.findall(r"<code>([^<]+)</code>", shown.text)
        assert self.recovery_codes, shown.text

    async def new_authenticator_app(self) -> httpx.Response:
        """Register one, and prove it by its first code."""
        shown = await self._post("/methods/totp/new")
        groups = re.findall(r"<span>([A-Z2-7]{1,4})</span>", shown.text)
        self.secret = b32decode("".join(groups))
        confirmed = await self._post("/methods/totp", code=await self.code())
        assert confirmed.status_code == 303, confirmed.text
        return confirmed

    async def page(self, path: str) -> httpx.Response:
        """One of the own pages, without following where it leads."""
        return await self.client.get(f"{self.installed.id_origin}{path}", headers=NAVIGATION)

    async def post(self, path: str, **form: str) -> httpx.Response:
        """A form of the own pages."""
        return await self._post(path, **form)

    async def sign_in(self) -> httpx.Response:
        """Password, then code; the last answer."""
        await self.give_password()
        return await self.give_code(await self.code())

    async def use_link(self, link: str) -> httpx.Response:
        """Use a one-time link up."""
        return await self._post(link)

    async def give_password(self) -> httpx.Response:
        """The first step of a sign-in."""
        return await self._post("/sign-in/password", user_name=self.user_name, password=PASSWORD)

    async def give_code(self, code: str) -> httpx.Response:
        """The second."""
        return await self._post("/sign-in/totp", code=code)

    async def give_recovery_code(self, code: str) -> httpx.Response:
        """The second, when the phone is lost."""
        return await self._post("/sign-in/recovery", code=code)

    async def sign_out(self) -> None:
        await self._post("/sign-out")

    async def open(self, app: str, path: str = "/") -> httpx.Response:
        """A navigation to an app, with every redirect followed."""
        answer = await self.client.get(f"{self.installed.app_origin(app)}{path}", headers=NAVIGATION)
        for _ in range(6):
            if not answer.is_redirect:
                break
            answer = await self.client.get(answer.headers["location"], headers=NAVIGATION)
        return answer

    async def fetch(self, app: str, path: str = "/", method: str = "GET") -> httpx.Response:
        """A request of a script on the app's own page."""
        headers = {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "sec-fetch-site": "same-origin"}
        return await self.client.request(method, f"{self.installed.app_origin(app)}{path}", headers=headers)

    async def code(self) -> str:
        """A code that was not used yet: of this step or the next, which is taken already; else as soon as it is."""
        step = max(int(time.time() / STEP), _USED.get(self.secret, 0) + 1)
        early = (step - 1) * STEP - time.time()
        if early > 0:
            await asyncio.sleep(early + 0.1)
        _USED[self.secret] = step
        return code_at(self.secret, step)

    async def _post(self, where: str, **form: str) -> httpx.Response:
        url = where if where.startswith("https://") else f"{self.installed.id_origin}{where}"
        headers = {
            "origin": self.installed.id_origin,
            "sec-fetch-site": "same-origin",
            "sec-fetch-mode": "navigate",
            "sec-fetch-dest": "document",
            "content-type": "application/x-www-form-urlencoded",
        }
        return await self.client.post(url, data=form, headers=headers)
