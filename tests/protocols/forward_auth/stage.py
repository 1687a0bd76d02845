"""One installation, its owner with a session at every app, and the five proxies in front of one app."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.end_to_end.installation import Installation, installation
from tests.end_to_end.person import Person
from tests.https_client import BROWSER, FixedAddressTransport
from tests.ports import free_port
from tests.protocols.forward_auth.app import RawApp, raw_app
from tests.protocols.forward_auth.programs import ADDRESSES, PROGRAMS, running
from tests.protocols.forward_auth.wire import Wire

PUBLIC = "/public/"
# Where nobody here comes from: documentation's own network (RFC 5737).
OFFICE = "192.0.2.0/24"


@dataclass
class Stage:
    """What an attacker meets, and what we know of it."""

    installed: Installation
    wire: Wire
    app: RawApp
    asked: str
    owner: Person
    cookies: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    # Credentials of each app that work from everywhere, and from the office only.
    credentials: dict[str, tuple[str, str]] = field(default_factory=dict)


class ByHost(httpx.AsyncBaseTransport):
    """Each app's host at its proxy's address, everything else at Assay's."""

    def __init__(self, installed: Installation) -> None:
        self._others = FixedAddressTransport(installed.address, installed.authority)
        self._apps = {
            f"{program}.assay.localhost": FixedAddressTransport(f"{address}:{installed.port}", installed.authority)
            for program, address in ADDRESSES.items()
        }

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._apps.get(request.url.host, self._others).handle_async_request(request)

    async def aclose(self) -> None:
        for transport in (self._others, *self._apps.values()):
            await transport.aclose()


@contextlib.contextmanager
def staged(directory: Path) -> Iterator[Stage]:
    """Everything running; one person, the owner, is signed in at each app."""
    port = free_port()
    asked = f"127.0.0.1:{free_port()}"
    with contextlib.ExitStack() as stack:
        app = stack.enter_context(raw_app())
        installed = stack.enter_context(installation(directory, port=port, options=("--forward-auth", asked)))
        owner = Person(installed, "owner")
        owner.client = httpx.AsyncClient(
            transport=ByHost(installed), headers={"user-agent": BROWSER, "accept": "text/html"}, timeout=30
        )
        stage = Stage(
            installed=installed, wire=Wire(ADDRESSES, port, installed.authority), app=app, asked=asked, owner=owner
        )
        with asyncio.Runner() as runner:
            runner.run(owner.enrol(installed.owner_link()))
            _protect(stage)
            for program in PROGRAMS:
                stack.enter_context(
                    running(
                        program,
                        directory / program,
                        wire=stage.wire,
                        secret=stage.secrets[program],
                        certificate=installed.authority.parent / "certificate-and-key.pem",
                        asked=asked,
                        app=app.address,
                    )
                )
            runner.run(_arrive(stage))
            yield stage
            runner.run(owner.client.aclose())


def _protect(stage: Stage) -> None:
    transport = httpx.HTTPTransport(uds=str(stage.installed.data / "run" / "admin.sock"), verify=False)
    with httpx.Client(transport=transport, base_url="http://assay/v1", timeout=30) as admin:

        def post(path: str, /, **body: object) -> httpx.Response:
            answer = admin.post(path, json=body)
            assert answer.is_success, answer.text
            return answer

        post("/identity/conditionalAccess/namedLocations", displayName="office", ranges=[OFFICE])
        for program in PROGRAMS:
            stage.secrets[program] = post("/proxies", name=program).json()["secret"]
            post("/apps", name=program, proxy=program)
            post(f"/apps/{program}/publicPaths", name="public", path=PUBLIC, reason="the tests ask for it")
            everywhere = post(f"/apps/{program}/credentials", name="ci").json()["secret"]
            office = post(f"/apps/{program}/credentials", name="office", locations=["office"]).json()["secret"]
            stage.credentials[program] = (everywhere, office)


async def _arrive(stage: Stage) -> None:
    """Sign-in at the first app, on the way back from which the others follow without a word."""
    for program in PROGRAMS:
        answer = await stage.owner.open(program, "/start")
        assert (answer.status_code, answer.text) == (200, "app"), (program, answer.status_code, answer.text[:2_000])
        host = f"{program}.assay.localhost"
        found = {cookie.name: cookie.value for cookie in stage.owner.client.cookies.jar if cookie.domain == host}
        stage.cookies[program] = "; ".join(f"{name}={value}" for name, value in found.items())
