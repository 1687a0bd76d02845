"""The master key and the signing keys that it opens, followed as they change."""

from collections.abc import Sequence

import msgspec

from assay.clock import Clock
from assay.events.note import Verifier
from assay.sealing import KeyPurpose, Keyring, SigningKey, SigningKeys
from assay.sealing.records.keys import load_signing_keys, master_keys_in_use, rotate_signing_key
from assay.server.data_directory import open_master_key
from assay.server.settings import ServiceSettings
from assay.store import Change, Reader, Store, Topic, Transaction


class ServiceKeys:
    """What the service signs and seals with; made by `open_keys`."""

    def __init__(self, store: Store, keyring: Keyring, signing: SigningKeys, *, origin: str) -> None:
        """`origin`: the name under which checkpoints are signed."""
        self.keyring = keyring
        self._signing = signing
        self._origin = origin
        store.feed.follow(self._look, self._apply)

    def assertion(self) -> SigningKey:
        """The key that signs assertions now."""
        return self._signing.newest(KeyPurpose.ASSERTION)

    def checkpoint(self) -> SigningKey:
        """The key that signs checkpoints now."""
        return self._signing.newest(KeyPurpose.CHECKPOINT)

    def jwks(self) -> bytes:
        """The public keys of assertions, as apps fetch them (RFC 7517)."""
        return msgspec.json.encode(self._signing.jwks(KeyPurpose.ASSERTION))

    def verifiers(self) -> tuple[Verifier, ...]:
        """The public keys of checkpoints, newest first, retired ones included."""
        keys = self._signing.of(KeyPurpose.CHECKPOINT)
        return tuple(Verifier(name=self._origin, public=key.ed25519().public_key()) for key in keys)

    def _look(self, reader: Reader, changes: Sequence[Change]) -> SigningKeys | None:
        touched = any(change.topic is Topic.KEY for change in changes)
        return load_signing_keys(reader, self.keyring) if touched else None

    def _apply(self, found: SigningKeys | None) -> None:
        if found is not None:
            self._signing = found


async def open_keys(store: Store, settings: ServiceSettings, clock: Clock, *, origin: str) -> ServiceKeys:
    """The keys of this installation, made where there are none; raises AssayError when data is there and no key."""
    in_use = await store.read(master_keys_in_use)
    keyring = open_master_key(settings.places, holds_data=bool(in_use), demo=settings.demo, at=clock.now())
    signing = await store.write(lambda transaction: _complete(transaction, keyring, clock))
    return ServiceKeys(store, keyring, signing, origin=origin)


def _complete(transaction: Transaction, keyring: Keyring, clock: Clock) -> SigningKeys:
    """The signing keys, after making those of a purpose that has none."""
    keys = load_signing_keys(transaction, keyring)
    missing = [purpose for purpose in KeyPurpose if not keys.of(purpose)]
    for purpose in missing:
        rotate_signing_key(transaction, purpose, keyring, at=clock.now())
    return load_signing_keys(transaction, keyring) if missing else keys
