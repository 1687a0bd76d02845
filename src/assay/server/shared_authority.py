"""One local certificate authority for all nodes: its files are the same on each, by way of the database.

Private keys travel as they lie on disk, sealed with the master key that every node has.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from assay.gateway.envoy_config import replace_file
from assay.sealing.records.authority import SharedAuthority, share_authority, shared_authority
from assay.store import Store
from assay.values import Value

SECONDS: Final = 15.0
_PATTERNS: Final = ("*authority.pem", "*authority-key.sealed")
_SEEN: Final = "shared.json"


class _Seen(Value, frozen=True, kw_only=True):
    """What this node last had in common with the others."""

    version: int = 0
    files: Mapping[str, bytes] = {}


class AuthorityFiles:
    """The files of one node; `sync` is called before they are used, and now and then."""

    def __init__(self, store: Store, certificates: Path, base_domain: str) -> None:
        self._store = store
        self._place = certificates / base_domain
        self._base_domain = base_domain

    async def sync(self) -> bool:
        """Take over what another node changed, or share what was changed here; whether files here changed.

        Of two nodes that changed something at once one is first, and the other takes that over.
        """
        while True:
            shared = await self._store.read(lambda reader: shared_authority(reader, self._base_domain))
            seen, here = await asyncio.to_thread(self._look)
            if shared is not None and shared.version > seen.version:
                await asyncio.to_thread(self._take_over, shared, here)
                return shared.files != here
            if not here or here == seen.files:
                return False
            mine = SharedAuthority(version=seen.version + 1, files=here)
            share = partial(share_authority, base_domain=self._base_domain, shared=mine)
            if await self._store.write(share):
                await asyncio.to_thread(self._remember, mine)
                return False

    def _look(self) -> tuple[_Seen, Mapping[str, bytes]]:
        here = {path.name: path.read_bytes() for pattern in _PATTERNS for path in self._place.glob(pattern)}
        try:
            seen = msgspec.json.decode((self._place / _SEEN).read_bytes(), type=_Seen)
        except FileNotFoundError:
            seen = _Seen()
        return seen, here

    def _take_over(self, shared: SharedAuthority, here: Mapping[str, bytes]) -> None:
        self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Keys first: a certificate whose key is not there yet would be taken for a damaged one.
        for name in sorted(shared.files, key=lambda name: not name.endswith(".sealed")):
            replace_file(self._place / name, shared.files[name], durable=True)
        for name in here.keys() - shared.files.keys():
            (self._place / name).unlink(missing_ok=True)
        self._remember(shared)

    def _remember(self, shared: SharedAuthority) -> None:
        seen = _Seen(version=shared.version, files=shared.files)
        replace_file(self._place / _SEEN, msgspec.json.encode(seen))
