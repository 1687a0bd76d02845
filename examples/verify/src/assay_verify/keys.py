"""The gateway's public keys, fetched from the app's own host and kept until an assertion names an unknown one."""

import asyncio
import ssl
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from joserfc.jwk import KeySet

AGAIN_SECONDS = 5.0  # an unknown key id asks for the keys at most this often: anybody can invent key ids
LIMIT = 64 * 1024  # bytes of a key set
TIMEOUT = 5.0  # seconds


class KeysUnavailableError(Exception):
    """The keys could not be fetched, so nothing can be verified."""


class PublishedKeys:
    """The key set at `url` (RFC 7517 §5).

    `connect_to` ("ip:port") is where the connection goes when the name in the URL does not resolve on this machine;
    the certificate must be good for the name in any case, by `ca_file` where one is given.
    """

    def __init__(self, url: str, *, connect_to: str = "", ca_file: Path | None = None) -> None:
        self._url = httpx.URL(url)
        self._connect_to = connect_to
        self._tls = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
        self._keys = KeySet([])
        self._asked_at = float("-inf")
        self._asking = asyncio.Lock()

    async def holding(self, kid: str) -> KeySet:
        """The key set, fetched anew when it lacks this key id; raises KeysUnavailableError."""
        async with self._asking:
            if not self._has(kid) and time.monotonic() - self._asked_at >= AGAIN_SECONDS:
                self._keys = await self._fetch()
                self._asked_at = time.monotonic()
        return self._keys

    def _has(self, kid: str) -> bool:
        return any(key.kid == kid for key in self._keys.keys)

    async def _fetch(self) -> KeySet:
        url, headers, extensions = self._url, {}, {}
        if self._connect_to:
            parts = urlsplit(f"//{self._connect_to}")
            extensions = {"sni_hostname": url.host}
            headers = {"host": url.netloc.decode("ascii")}
            url = url.copy_with(host=parts.hostname, port=parts.port)
        try:
            async with httpx.AsyncClient(verify=self._tls, timeout=TIMEOUT, trust_env=False) as client:
                answer = await client.get(url, headers=headers, extensions=extensions)
            answer.raise_for_status()
            if len(answer.content) > LIMIT:
                raise KeysUnavailableError("the key set is too large")
            return KeySet.import_key_set(answer.json())
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise KeysUnavailableError(f"{type(error).__name__}: {error}") from error
