"""The master key and the keys that it opens, followed as they change."""

import contextlib
import logging
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from assay.clock import Clock
from assay.events.note import Verifier
from assay.sealing import (
    Derivation,
    KeyFile,
    KeyFileError,
    KeyPurpose,
    Keyring,
    SigningKey,
    SigningKeys,
    UnknownMasterKeyError,
)
from assay.sealing.records.keys import load_signing_keys, master_keys_in_use, rotate_signing_key
from assay.sealing.records.roots import add_root, load_derivation
from assay.server.data_directory import open_master_key
from assay.server.settings import ServiceSettings
from assay.store import Change, Reader, Store, Topic, Transaction
from assay.values import Value

logger = logging.getLogger("assay.server.keys")

# Two rounds of key_care.py: who has not looked for so long was stopped, and everything may be different.
STALE_SECONDS: Final = 30.0


class OpenKeys(Value, frozen=True, kw_only=True):
    """Everything that the master key opens, in memory; retired keys included."""

    signing: SigningKeys
    derivation: Derivation


class ServiceKeys:
    """What the service signs and seals with; made by `open_keys`."""

    def __init__(
        self, store: Store, file: KeyFile, keyring: Keyring, found: OpenKeys, *, clock: Clock, origin: str
    ) -> None:
        """`origin`: the name under which checkpoints are signed."""
        self.file = file
        self._keyring = keyring
        self._looked_at = _since_boot()
        self._found = found
        self._clock = clock
        self._origin = origin
        store.feed.follow(self._look, self._apply, again=self._again)

    @property
    def keyring(self) -> Keyring:
        """The master keys as the file had them a few seconds ago.

        A process that hung, or whose machine slept, looks first: what it sealed with a key that was retired meanwhile
        nobody could open. A file that cannot be read changes nothing, as long as the process lives.
        """
        if _since_boot() - self._looked_at > STALE_SECONDS:
            with contextlib.suppress(KeyFileError):
                self.reload()
        return self._keyring

    @property
    def derivation(self) -> Derivation:
        return self._found.derivation

    @property
    def signing(self) -> SigningKeys:
        """Every signing key, retired ones included."""
        return self._found.signing

    def now(self) -> datetime:
        return self._clock.now()

    def assertion(self) -> SigningKey:
        """The key that signs assertions now."""
        return self._found.signing.signer(KeyPurpose.ASSERTION, self._clock.now())

    def checkpoint(self) -> SigningKey:
        """The key that signs checkpoints now."""
        return self._found.signing.signer(KeyPurpose.CHECKPOINT, self._clock.now())

    def jwks(self) -> bytes:
        """The public keys of assertions, as apps fetch them (RFC 7517)."""
        return msgspec.json.encode(self._found.signing.jwks(KeyPurpose.ASSERTION))

    def verifiers(self) -> tuple[Verifier, ...]:
        """The public keys of checkpoints, newest first, retired ones included."""
        return verifiers_of(self._found.signing, self._origin)

    def reload(self) -> bool:
        """Read the key file again, as it may have been replaced; True where it holds other keys, or another seals."""
        found = self.file.load(at=self._clock.now())
        self._looked_at = _since_boot()
        if found.keys == self._keyring.keys:
            return False
        self._keyring = found
        return True

    def _look(self, reader: Reader, changes: Sequence[Change]) -> OpenKeys | None:
        return self._again(reader) if any(change.topic is Topic.KEY for change in changes) else None

    def _again(self, reader: Reader) -> OpenKeys | None:
        try:
            return read_keys(reader, self.keyring)
        except UnknownMasterKeyError:
            # Another node seals with a master key that this one's file lacks. What is open stays good; nothing new
            # is opened until the file has come, which `reload` notices.
            logger.critical("a key is sealed with a master key that this node does not have", exc_info=True)
            return None

    def _apply(self, found: OpenKeys | None) -> None:
        if found is not None:
            self._found = found


def _since_boot() -> float:
    """Seconds, those of sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def verifiers_of(signing: SigningKeys, origin: str) -> tuple[Verifier, ...]:
    """The public keys of checkpoints that are signed under this name, newest first, retired ones included."""
    keys = signing.of(KeyPurpose.CHECKPOINT, retired=True)
    return tuple(Verifier(name=origin, public=key.ed25519().public_key()) for key in keys)


async def open_keys(store: Store, settings: ServiceSettings, clock: Clock, *, origin: str) -> ServiceKeys:
    """The keys of this installation, made where there are none; raises AssayError when data is there and no key."""
    in_use = await store.read(master_keys_in_use)
    file = open_master_key(settings.places, holds_data=bool(in_use), demo=settings.demo, at=clock.now())
    keyring = file.load(at=clock.now())
    found = await store.write(lambda transaction: complete_keys(transaction, keyring, clock))
    return ServiceKeys(store, file, keyring, found, clock=clock, origin=origin)


def read_keys(reader: Reader, keyring: Keyring) -> OpenKeys | None:
    """Everything that is stored, open; None before the first start."""
    derivation = load_derivation(reader, keyring)
    signing = load_signing_keys(reader, keyring, retired=True)
    return None if derivation is None else OpenKeys(signing=signing, derivation=derivation)


def complete_keys(transaction: Transaction, keyring: Keyring, clock: Clock) -> OpenKeys:
    """The keys that are stored, after making those of a purpose that has none."""
    signing = load_signing_keys(transaction, keyring)
    for purpose in KeyPurpose:
        if not signing.of(purpose):
            rotate_signing_key(transaction, purpose, keyring, at=clock.now())
    if load_derivation(transaction, keyring) is None:
        add_root(transaction, keyring, at=clock.now())
    found = read_keys(transaction, keyring)
    assert found is not None
    return found
