"""A person at a browser, who knows an address, a password, and what an authenticator app shows."""

import asyncio
import base64
import html
import re
import ssl
import time
from urllib.parse import urlencode, urlsplit

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from assay.cli.bench.wire import Answer, UnexpectedAnswerError, Wire
from assay.values import Value

STEP_SECONDS = 30
NAVIGATE = (("accept", "text/html"), ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 assay-bench"))
FORM = ("content-type", "application/x-www-form-urlencoded")
PASSWORD_FORM, TOTP_FORM = b'action="/sign-in/password"', b'action="/sign-in/totp"'
ONWARD = re.compile(rb'<meta http-equiv="refresh" content="0; url=([^"]+)">')
MOST_PAGES = 12


class Credentials(Value, frozen=True, kw_only=True):
    """What a person signs in with; `totp_secret` is the key in base32."""

    user_name: str
    password: str
    totp_secret: str = ""
    recovery_codes: tuple[str, ...] = ()


class Person:
    """One browser with its cookies. `knows` is filled by `enrol`, or given."""

    def __init__(self, port: int, tls: ssl.SSLContext, knows: Credentials) -> None:
        self.knows = knows
        self._port = port
        self._tls = tls
        self._wires: dict[str, Wire] = {}
        self._cookies: dict[str, dict[str, str]] = {}
        self._totp_step = 0

    def cookie(self, host: str, name: str) -> str:
        """The value of a cookie, or ""."""
        return self._cookies.get(host, {}).get(name, "")

    def forget(self) -> None:
        """A fresh browser profile, with connections of its own."""
        self._cookies.clear()
        self.close()

    def close(self) -> None:
        for wire in self._wires.values():
            wire.close()

    async def visit(self, url: str, form: dict[str, str] | None = None) -> tuple[str, Answer]:
        """Go to an address, or post a form there, and follow redirects: the last address and its answer."""
        for _ in range(MOST_PAGES):
            answer = await self._fetch(url, form)
            if answer.status not in (302, 303):
                return url, answer
            location = answer.header("location")
            url, form = (location if "://" in location else f"{_origin(url)}{location}"), None
        raise UnexpectedAnswerError(f"redirected for ever, lastly to {url}", answer)

    async def open(self, url: str, *, recovery_code: str = "") -> Answer:
        """Open an app, and prove on the way what is asked for; with a recovery code where there is one."""
        at, answer = await self.visit(url)
        for _ in range(MOST_PAGES):
            if PASSWORD_FORM in answer.body:
                typed = {"user_name": self.knows.user_name, "password": self.knows.password}
                at, answer = await self._answer(at, answer, "/sign-in/password", typed)
            elif TOTP_FORM in answer.body and recovery_code:
                at, answer = await self._answer(at, answer, "/sign-in/recovery", {"code": recovery_code})
            elif TOTP_FORM in answer.body:
                at, answer = await self._answer(at, answer, "/sign-in/totp", {"code": await self.code()})
            elif (onward := ONWARD.search(answer.body)) is not None:
                at, answer = await self.visit(html.unescape(onward[1].decode()))
            elif urlsplit(at).netloc == urlsplit(url).netloc and answer.status < 400:
                return answer
            else:
                break
        raise UnexpectedAnswerError(f"{self.knows.user_name} cannot open {url}, came to {at}", answer)

    async def enrol(self, link: str) -> None:
        """Use a one-time link: a password, an authenticator app, recovery codes."""
        origin = _origin(link)
        await self._expect(link)
        await self._expect(link, {})
        password = self.knows.password
        await self._expect(f"{origin}/methods/password", {"password": password, "repeated": password})
        shown = (await self._expect(f"{origin}/methods/totp/new", {})).decode()
        key = re.search(r'<p class="key"[^>]*>(.*?)</p>', shown)
        assert key is not None, shown
        self.knows = Credentials(
            user_name=self.knows.user_name, password=password, totp_secret=re.sub(r"<[^>]*>|\s", "", key[1])
        )
        await self._expect(f"{origin}/methods/totp", {"code": await self.code()})
        codes = (await self._expect(f"{origin}/methods/recovery-codes", {})).decode()
        self.knows = Credentials(
            user_name=self.knows.user_name,
            password=password,
            totp_secret=self.knows.totp_secret,
            recovery_codes=tuple(re.findall(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b", codes)),
        )

    async def code(self) -> str:
        """A code of the authenticator app that was not used yet; waits for the next one where it has to."""
        key = base64.b32decode(self.knows.totp_secret + "=" * (-len(self.knows.totp_secret) % 8))
        if int(time.time()) // STEP_SECONDS <= self._totp_step:
            await asyncio.sleep((self._totp_step + 1) * STEP_SECONDS - time.time() + 0.01)
        self._totp_step = int(time.time()) // STEP_SECONDS
        # RFC 6238 with the parameters every authenticator app understands, SHA-1 among them.
        return TOTP(key, 6, SHA1(), STEP_SECONDS).generate(int(time.time())).decode()  # noqa: S303  HMAC-SHA-1, RFC 6238 §1.2

    async def _expect(self, url: str, form: dict[str, str] | None = None) -> bytes:
        at, answer = await self.visit(url, form)
        if answer.status != 200 or b'class="alert"' in answer.body.replace(b"data-error hidden", b""):
            text = re.sub(rb'<p class="alert"[^>]*data-error hidden></p>', b"", answer.body)
            if answer.status != 200 or b'role="alert" id=' in text:
                raise UnexpectedAnswerError(at, answer)
        return answer.body

    async def _answer(self, at: str, page: Answer, action: str, typed: dict[str, str]) -> tuple[str, Answer]:
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.body.decode())
        fields = {name: html.unescape(value) for name, value in hidden}
        return await self.visit(f"{_origin(at)}{action}", fields | typed)

    async def _fetch(self, url: str, form: dict[str, str] | None) -> Answer:
        parts = urlsplit(url)
        host = parts.hostname or ""
        wire = self._wires.setdefault(host, Wire(host, self._port, self._tls))
        jar = self._cookies.setdefault(host, {})
        headers: tuple[tuple[str, str], ...] = NAVIGATE
        if jar:
            headers += (("cookie", "; ".join(f"{name}={value}" for name, value in jar.items())),)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        if form is None:
            answer = await wire.request("GET", target or "/", headers)
        else:
            headers += (FORM, ("origin", wire.origin))
            answer = await wire.request("POST", target, headers, urlencode(form).encode())
        for name, value in answer.headers:
            if name == "set-cookie":
                key, _, rest = value.partition("=")
                jar[key] = rest.partition(";")[0]
                if not jar[key]:
                    del jar[key]
        return answer


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
