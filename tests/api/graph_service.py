"""The console's socket, served for real, beside the house whose check makes its assertions."""

import os
from pathlib import Path

import httpx

from assay.access.exchange import Allow
from assay.access.open_sessions import nothing_connected
from assay.policy.targets import CONSOLE
from assay.sealing import KeyPurpose
from assay.server.console import console_socket, graph_flows
from tests.access.house import BY, House, Person
from tests.api.service import AdminService

HOST = "console.assay.localhost:8443"
API_HOST = "api.assay.localhost:8443"
ORIGIN = f"https://{HOST}"


class GraphService:
    """The Graph API on its socket; this test process stands where Envoy would."""

    def __init__(self, house: House, directory: Path, *, console: Path | None = None) -> None:
        self.house = house
        self.envoy: int | None = os.getpid()
        self.admin = AdminService(house, directory)
        self.flows = graph_flows(
            house.premises,
            self.admin.flows,
            signals=house.signals,
            sessions=house.sessions,
            assertion_keys=lambda: house.jwks(KeyPurpose.ASSERTION),
            connections=nothing_connected,
            console=console,
        )
        self.server = console_socket(self.flows, self.admin.data / "run" / "console.sock", envoy=lambda: self.envoy)

    def client(self) -> httpx.AsyncClient:
        """Somebody on the other side of the socket."""
        transport = httpx.AsyncHTTPTransport(uds=str(self.server.path), verify=False)
        return httpx.AsyncClient(transport=transport, base_url="http://assay", timeout=60)

    async def person(self, name: str, *roles: str) -> Person:
        """Somebody with these roles, signed in."""
        person = await self.house.person(name)
        for role in roles:
            await self.house.roles.assign(BY, role, user=name)
        await person.sign_in()
        return person

    async def assertion(self, person: Person) -> str:
        """What the gateway would hand on for this person's browser at the console."""
        answer = await person.open(self.house.signals.apps[CONSOLE])
        assert isinstance(answer, Allow), answer
        return dict(answer.headers)["Assay-Assertion"]

    async def ask(
        self, assertion: str, path: str, method: str = "GET", *, host: str = HOST, **headers: str
    ) -> httpx.Response:
        """One request as Envoy passes it on."""
        sent = {"host": host} | {name.replace("_", "-"): value for name, value in headers.items()}
        if assertion:
            sent["assay-assertion"] = assertion
        async with self.client() as client:
            return await client.request(method, path, headers=sent)
