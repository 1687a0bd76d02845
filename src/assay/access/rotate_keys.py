"""Keys, as administrators list, rotate and retire them; every rotation is an event."""

import asyncio
from base64 import urlsafe_b64decode
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec.structs import replace

from assay.access.attempt import By
from assay.access.nodes import Nodes
from assay.access.premises import Premises
from assay.access.rotation_rules import (
    KeyKind,
    assertion_lead,
    linger,
    master_lead,
    refuse_while_sealing,
)
from assay.events import About, ChangeType, Entity, Event, change
from assay.events.hand_over import hand_over
from assay.events.types import KEY_RETIRED, KEY_ROTATED
from assay.sealing import KeyId, KeyPurpose, PublicJwk, SigningKeys
from assay.sealing.records.keys import retire_signing_keys, rotate_signing_key
from assay.sealing.records.roots import add_root, remove_roots
from assay.store import Transaction
from assay.values import Value


class KeyState(StrEnum):
    """`next`: known and not used yet; `replaced`: still opens or verifies; `retired`: only verifies the log."""

    NEXT = "next"
    IN_USE = "inUse"
    REPLACED = "replaced"
    RETIRED = "retired"


class KnownKey(Value, frozen=True, kw_only=True):
    """A key without its secret; `seals` counts the values sealed with a master key, None for other kinds."""

    kind: KeyKind
    id: str
    state: KeyState
    since: datetime
    until: datetime | None = None
    seals: int | None = None


class KeyChange(Value, frozen=True, kw_only=True):
    """What the log keeps of a key; `note`: a checkpoint key's signed hand-over; `without`: nodes said to be gone."""

    kind: KeyKind
    id: str
    used_from: datetime | None = None
    note: str = ""
    without: tuple[str, ...] = ()


class Vault(Protocol):
    """Keys outside the database, and those of the database as they are open; kept by the server."""

    def signing(self) -> SigningKeys: ...

    async def sealed(self) -> dict[KeyId, int]: ...

    def master_keys(self) -> tuple[KnownKey, ...]: ...

    def add_master_key(self, *, at: datetime, seals_from: datetime | None, into: Path | None) -> KeyId: ...

    def remove_master_keys(self, ids: tuple[KeyId, ...], *, into: Path | None) -> None: ...

    def authorities(self) -> tuple[KnownKey, ...]: ...

    def make_authority(self) -> str: ...

    def use_authority(self) -> str: ...

    def forget_authority(self) -> tuple[str, ...]: ...

    def reissue(self) -> str: ...

    def keep_outside(self, note: str) -> None: ...


class Keys:
    """The flow behind `assay keys`."""

    def __init__(self, premises: Premises, vault: Vault, *, origin: str, node: str, outage: timedelta) -> None:
        """`origin`: the name under which checkpoints are signed; `outage`: how long a node signs without others."""
        self._premises = premises
        self._vault = vault
        self._origin = origin
        self._nodes = Nodes(premises, name=node)
        self._linger = linger(outage)
        # One rotation at a time, and none while a backup collects what belongs together.
        self.still = asyncio.Lock()

    async def list(self) -> tuple[KnownKey, ...]:
        """Every key that is known, without its secret."""
        counts = await self._vault.sealed()
        masters = await asyncio.to_thread(self._vault.master_keys)
        authorities = await asyncio.to_thread(self._vault.authorities)
        return (
            *(replace(each, seals=counts.get(KeyId(each.id), 0)) for each in masters),
            *self._signing(KeyKind.ASSERTION, KeyPurpose.ASSERTION),
            *self._signing(KeyKind.CHECKPOINT, KeyPurpose.CHECKPOINT),
            *authorities,
        )

    async def rotate_assertion(self, by: By, *, lead: timedelta | None = None, at_once: bool = False) -> KeyChange:
        """Publish a new key now that signs after `lead`, or `at_once`: the one in use was stolen.

        Raises InvalidInputError for a lead that apps cannot follow, and while the next key waits already.
        """
        after = assertion_lead(lead, at_once=at_once)
        return await self._rotate_signing(by, KeyKind.ASSERTION, KeyPurpose.ASSERTION, after)

    async def rotate_checkpoint(self, by: By, *, trusted: bool = True) -> KeyChange:
        """Sign the log with a new key from now on, which the old one names as its successor.

        Not `trusted`: the old one was stolen, so its word counts nothing; whoever pinned it has to pin the new one.
        """
        made = await self._rotate_signing(by, KeyKind.CHECKPOINT, KeyPurpose.CHECKPOINT, timedelta(0), trusted=trusted)
        if made.note:
            await asyncio.to_thread(self._vault.keep_outside, made.note)
        return made

    async def rotate_derived(self, by: By) -> KeyChange:
        """Derive from a new secret from now on; what the one before made is still known by it."""
        async with self.still:
            at = self._premises.now()

            def act(transaction: Transaction) -> KeyChange:
                made = KeyChange(
                    kind=KeyKind.DERIVED, id=add_root(transaction, self._premises.keyring, at=at), used_from=at
                )
                self._record(transaction, KEY_ROTATED, by, made)
                return made

            return await self._premises.store.write(act)

    async def rotate_master(
        self, by: By, *, lead: timedelta | None = None, at_once: bool = False, into: Path | None = None
    ) -> KeyChange:
        """Add a master key to the key file; from then on it seals, and what is sealed is sealed anew beside the work.

        `into`: write a new key file there, for where the file comes from elsewhere. Raises KeyFileError, and
        InvalidInputError where other nodes could not open what would be sealed at once.
        """
        others = [each.node.name for each in await self._nodes.every() if each.node.name != self._nodes.name]
        after = master_lead(lead, at_once=at_once, others=others)
        async with self.still:
            at = self._premises.now()
            key_id = await asyncio.to_thread(self._vault.add_master_key, at=at, seals_from=at + after, into=into)
            made = KeyChange(kind=KeyKind.MASTER, id=key_id, used_from=at + after)
            await self._write(KEY_ROTATED, by, made)
            return made

    async def rotate_authority(self, by: By, *, use: bool) -> KeyChange:
        """Make the next authority beside the one in use; with `use` let it sign, and the gateway show its leaf."""
        async with self.still:
            act = self._vault.use_authority if use else self._vault.make_authority
            made = KeyChange(kind=KeyKind.AUTHORITY, id=await asyncio.to_thread(act))
            await self._write(KEY_ROTATED, by, made)
            return made

    async def reissue_certificate(self, by: By) -> KeyChange:
        """Give the gateway a new certificate with a new key, now."""
        async with self.still:
            made = KeyChange(kind=KeyKind.CERTIFICATE, id=await asyncio.to_thread(self._vault.reissue))
            await self._write(KEY_ROTATED, by, made)
            return made

    async def retire(
        self, by: By, kind: KeyKind, *, at_once: bool = False, into: Path | None = None, gone: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Let go of the keys that newer ones replaced and that nothing needs any more; which.

        `at_once`: an assertion key that was stolen verifies nothing from now on, whatever it signed. `gone`: nodes
        that never come back, so that no master key waits for them.
        """
        async with self.still:
            if kind is KeyKind.MASTER:
                retired = await self._retire_master(into, gone)
            elif kind is KeyKind.AUTHORITY:
                retired = await asyncio.to_thread(self._vault.forget_authority)
            else:
                return await self._premises.store.write(lambda t: self._retire_stored(t, by, kind, at_once=at_once))
            for key_id in retired:
                await self._write(KEY_RETIRED, by, KeyChange(kind=kind, id=key_id, without=tuple(gone)))
            return retired

    async def rotate_when_due(self, by: By, *, every: timedelta) -> None:
        """Rotate assertion keys on schedule, and retire those whose last assertion has expired."""
        at = self._premises.now()
        async with self.still:
            await self._premises.store.write(lambda t: self._retire_stored(t, by, KeyKind.ASSERTION, at_once=False))
        newest = self._vault.signing().of(KeyPurpose.ASSERTION)[0]
        if at >= newest.signs_from + every:
            await self.rotate_assertion(by)

    async def _rotate_signing(
        self, by: By, kind: KeyKind, purpose: KeyPurpose, lead: timedelta, *, trusted: bool = True
    ) -> KeyChange:
        async with self.still:
            at = self._premises.now()

            def act(transaction: Transaction) -> KeyChange:
                new = rotate_signing_key(transaction, purpose, self._premises.keyring, at=at, signs_from=at + lead)
                note = self._hand_over(new, at) if purpose is KeyPurpose.CHECKPOINT and trusted else ""
                made = KeyChange(kind=kind, id=new.kid, used_from=at + lead, note=note)
                self._record(transaction, KEY_ROTATED, by, made)
                if purpose is KeyPurpose.CHECKPOINT:
                    retire_signing_keys(transaction, purpose, before=at + timedelta(microseconds=1), at=at)
                return made

            return await self._premises.store.write(act)

    def _hand_over(self, new: PublicJwk, at: datetime) -> str:
        old = self._vault.signing().signer(KeyPurpose.CHECKPOINT, at).ed25519()
        public = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(f"{new.x}="))
        return hand_over(self._origin, old, public)

    async def _retire_master(self, into: Path | None, without: Collection[str]) -> tuple[str, ...]:
        masters = await asyncio.to_thread(self._vault.master_keys)
        newest = next(each for each in masters if each.state is KeyState.IN_USE)
        replaced = [KeyId(each.id) for each in masters if each.state is KeyState.REPLACED]
        if replaced:
            refuse_while_sealing(
                await self._nodes.every(),
                newest=newest.id,
                seals_from=newest.since,
                this=self._nodes.name,
                at=self._premises.now(),
                gone=without,
            )
        # Counted after it is known that nobody seals with them any more.
        sealed = await self._vault.sealed()
        gone = tuple(each for each in replaced if not sealed.get(each))
        if gone:
            await asyncio.to_thread(self._vault.remove_master_keys, gone, into=into)
        return gone

    def _retire_stored(self, transaction: Transaction, by: By, kind: KeyKind, *, at_once: bool) -> tuple[str, ...]:
        at = self._premises.now()
        if kind is KeyKind.DERIVED:
            gone = remove_roots(transaction)
        elif kind is KeyKind.ASSERTION:
            before = at + timedelta(microseconds=1) if at_once else at - self._linger
            gone = retire_signing_keys(transaction, KeyPurpose.ASSERTION, before=before, at=at)
        else:
            gone = ()
        for key_id in gone:
            self._record(transaction, KEY_RETIRED, by, KeyChange(kind=kind, id=key_id))
        return gone

    def _signing(self, kind: KeyKind, purpose: KeyPurpose) -> tuple[KnownKey, ...]:
        signing, at = self._vault.signing(), self._premises.now()
        if not signing.of(purpose):
            return ()
        signer = signing.signer(purpose, at)
        states = {key.kid: KeyState.REPLACED for key in signing.of(purpose, retired=True)}
        for key in signing.of(purpose, retired=True):
            if key.retired_at is not None:
                states[key.kid] = KeyState.RETIRED
            elif key.signs_from > at:
                states[key.kid] = KeyState.NEXT
        states[signer.kid] = KeyState.IN_USE
        return tuple(
            KnownKey(kind=kind, id=key.kid, state=states[key.kid], since=key.signs_from, until=key.retired_at)
            for key in signing.of(purpose, retired=True)
        )

    async def _write(self, kind: ChangeType, by: By, made: KeyChange) -> None:
        await self._premises.store.write(lambda transaction: self._record(transaction, kind, by, made))

    def _record(self, transaction: Transaction, kind: ChangeType, by: By, made: KeyChange) -> None:
        self._premises.record(transaction, self._event(kind, by, made))

    def _event(self, kind: ChangeType, by: By, made: KeyChange) -> Event:
        gone = kind is KEY_RETIRED
        return change(
            kind,
            at=self._premises.now(),
            actor=by.actor,
            about=About(entity=Entity(uid=made.id, name=made.kind.value, type="key")),
            before=made if gone else None,
            after=None if gone else made,
            reason=by.reason,
        )
