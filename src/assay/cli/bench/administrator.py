"""The administrator's side of a measurement: the admin API over its socket, and nothing that an operator lacks."""

from pathlib import Path

import httpx
import msgspec

from assay.values import AssayError

BASE = "http://assay/v1"
POLICIES = "/identity/conditionalAccess/policies"


class NewPerson(msgspec.Struct, rename="camel"):
    """A person who was made, by id."""

    id: str


class Welcome(msgspec.Struct, rename="camel"):
    """What an administrator hands to a new person."""

    user: NewPerson
    enrolment_url: str


class _Protected(msgspec.Struct, rename="camel"):
    """An app that was put behind the gateway."""

    url: str


class Administrator:
    """One connection to the admin socket."""

    def __init__(self, socket: Path) -> None:
        self._client = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(socket), verify=False), base_url=BASE, timeout=30.0
        )

    async def close(self) -> None:
        await self._client.aclose()

    async def add_user(self, name: str) -> Welcome:
        """Make a person; the answer holds the enrolment link."""
        answer = await self._post("/users", {"userPrincipalName": name, "displayName": name})
        return msgspec.json.decode(answer, type=Welcome)

    async def protect(self, upstream: str, name: str) -> str:
        """Put an app behind the gateway; its URL."""
        answer = await self._post("/apps", {"upstream": upstream, "name": name})
        return msgspec.json.decode(answer, type=_Protected).url

    async def assign(self, app: str, user: str) -> None:
        await self._post(f"/apps/{app}/assignments", {"user": user})

    async def unassign(self, app: str, user: str) -> None:
        await self._post(f"/apps/{app}/assignments/remove", {"user": user})

    async def disable(self, user: str) -> None:
        await self._post(f"/users/{user}/disable", {})

    async def enable(self, user: str) -> None:
        await self._post(f"/users/{user}/enable", {})

    async def revoke_sessions(self, user: str) -> None:
        await self._post("/sessions/revoke", {"user": user})

    async def import_policies(self, *definitions: dict[str, object]) -> None:
        """Publish policies in Graph's JSON, in the states they name."""
        files = [
            {"name": f"{index}.json", "content": msgspec.to_builtins(msgspec.json.encode(definition))}
            for index, definition in enumerate(definitions)
        ]
        await self._post(f"{POLICIES}/import", {"files": files})

    async def set_policy_state(self, policy: str, state: str) -> None:
        await self._post(f"{POLICIES}/{policy}/state", {"state": state})

    async def verify_log(self, checkpoints: str) -> bytes:
        """Verify the log against checkpoints that were kept elsewhere; the verdict as JSON."""
        return await self._post("/events/verify", {"checkpoints": checkpoints})

    async def _post(self, path: str, body: dict[str, object]) -> bytes:
        answer = await self._client.post(
            path, content=msgspec.json.encode(body), headers=(("content-type", "application/json"),)
        )
        if answer.is_error:
            raise AssayError(f"{path}: {answer.status_code} {answer.text[:300]}")
        return answer.content
