"""A small company that has lived through something of everything, and a reader of the API."""

import json
from collections.abc import Mapping
from typing import Final

import httpx

from assay.access.authentication_contexts import AuthenticationContexts
from assay.access.first_owner import BASELINE
from assay.access.groups import Groups
from assay.access.import_policies import ImportOptions
from assay.access.named_locations import NamedLocations
from assay.access.visitor import Destination
from assay.apps import App
from assay.policy import PolicyState, SourceFile, export_policy
from tests.access.house import BY, Person
from tests.api.graph_service import ORIGIN, GraphService

OWN: Final = {"origin": ORIGIN, "sec_fetch_site": "same-origin"}
Json = dict[str, "object"]


class Company:
    """Ada administers, Bob works, Eve was switched off; the wiki is Bob's through a group."""

    def __init__(self, service: GraphService, ada: Person, wiki: App) -> None:
        self.service = service
        self.ada = ada
        self.wiki = wiki

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """What Ada's browser at the console gets."""
        return await self.service.ask(await self.service.assertion(self.ada), f"/v1.0{path}", **headers)

    async def change(
        self, method: str, path: str, body: Mapping[str, object] | None = None, **headers: str
    ) -> httpx.Response:
        """A change from Ada's browser at the console."""
        return await self.send(method, path, b"" if body is None else json.dumps(body).encode(), **headers)

    async def send(
        self, method: str, path: str, content: bytes = b"", *, prefix: str = "/v1.0", **headers: str
    ) -> httpx.Response:
        """The same with a body as it is, below one of the prefixes."""
        assertion = await self.service.assertion(self.ada)
        sent = {"host": ORIGIN.removeprefix("https://"), "origin": ORIGIN, "sec-fetch-site": "same-origin"}
        sent |= {"assay-assertion": assertion, "content-type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.service.client() as client:
            return await client.request(method, f"{prefix}{path}", headers=sent, content=content)

    async def rows(self, path: str) -> list[dict[str, object]]:
        """The rows of one page; what is refused fails the test with its words."""
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, object]] = answer.json()["value"]
        return rows


async def founded(service: GraphService) -> Company:
    """The company, by its flows."""
    house = service.house
    exported = json.dumps(export_policy(BASELINE)).encode()
    ada = await service.person("ada", "Global Administrator")
    bob, eve = await house.person("Bob"), await house.person("eve")
    groups = Groups(house.premises)
    await groups.add(BY, name="Writers", description="who write")
    await groups.add_member(BY, "Writers", user="bob")
    wiki = await house.app("wiki")
    await house.apps.assign(BY, "wiki", group="Writers")
    await house.policies.import_files(BY, (SourceFile(name="baseline.json", content=exported),), ImportOptions())
    await house.policies.set_state(BY, BASELINE.display_name, PolicyState.ENABLED)
    await NamedLocations(house.premises).add(BY, name="Office", ranges=("192.0.2.0/24",))
    await AuthenticationContexts(house.premises).put(BY, "c1", {"displayName": "Payments"})
    house.clock.advance(seconds=60)
    await house.sign_in.with_password(bob.visitor, Destination(), "bob", "wrong wrong wrong")
    await bob.password()
    await bob.totp()
    await bob.open(wiki)
    await eve.sign_in()
    await eve.open(wiki)
    await house.people.disable(BY, "eve")
    house.clock.advance(seconds=60)
    await ada.sign_in()
    await house.log.flush()
    return Company(service, ada, wiki)
