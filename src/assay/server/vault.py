"""What of the keys lies in files: master keys, the local authorities, the checkpoints kept outside."""

from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from assay.access.rotate_keys import KeyState, KnownKey
from assay.access.rotation_rules import KeyKind
from assay.events.checkpoint import append_note
from assay.gateway import authority
from assay.gateway.certificates import CertificateFiles, ensure_certificates
from assay.gateway.envoy_config import replace_file
from assay.identities.records.totp import SEALED_SECRETS
from assay.sealing import KeyId, Keyring, SigningKeys, sealed_with
from assay.sealing.records.keys import SEALED_SIGNING_KEYS
from assay.sealing.records.roots import SEALED_ROOTS
from assay.sealing.sealed_column import SealedColumn, sealed_under
from assay.server.keys import ServiceKeys
from assay.server.settings import ServiceSettings
from assay.store import Reader, Store

# Every sealed column of every room: tests/server/test_sealed_columns.py finds one that is missing.
SEALED: tuple[SealedColumn, ...] = (SEALED_SIGNING_KEYS, SEALED_ROOTS, SEALED_SECRETS)
_AUTHORITY = "certificate authority"


class FileVault:
    """The vault of `access/rotate_keys.py` on this machine's files; nothing here is for the event loop but `sealed`."""

    def __init__(self, store: Store, keys: ServiceKeys, settings: ServiceSettings) -> None:
        self._store = store
        self._keys = keys
        self._settings = settings

    @property
    def _now(self) -> datetime:
        return self._keys.now()

    @property
    def _place(self) -> Path:
        return self._settings.places.certificates / self._settings.base_domain

    def signing(self) -> SigningKeys:
        return self._keys.signing

    async def sealed(self) -> dict[KeyId, int]:
        """How many values each master key seals, in the database and in files."""
        counts = await self._store.read(_count)
        for path in authority.sealed_keys(self._settings.places.certificates):
            key_id = sealed_with(path.read_bytes())
            counts[key_id] = counts.get(key_id, 0) + 1
        return counts

    def master_keys(self) -> tuple[KnownKey, ...]:
        """As the file has them, newest first."""
        ring = self._keys.file.load(at=self._now)
        return tuple(
            KnownKey(kind=KeyKind.MASTER, id=key.id, state=_state(ring, key.id, self._now), since=key.seals_from)
            for key in reversed(ring.keys)
        )

    def add_master_key(self, *, at: datetime, seals_from: datetime | None, into: Path | None) -> KeyId:
        key_id = self._keys.file.add(at=at, seals_from=seals_from, into=into)
        self._keys.reload()
        return key_id

    def remove_master_keys(self, ids: tuple[KeyId, ...], *, into: Path | None) -> None:
        self._keys.file.remove(ids, into=into)
        self._keys.reload()

    def authorities(self) -> tuple[KnownKey, ...]:
        """The local authorities: in use, next and retired; none where the certificate comes from elsewhere."""
        states = (
            (authority.IN_USE, KeyState.IN_USE),
            (authority.NEXT, KeyState.NEXT),
            (authority.RETIRED, KeyState.REPLACED),
        )
        found = ((authority.certificate_of(self._place, which), state) for which, state in states)
        return tuple(
            KnownKey(
                kind=KeyKind.AUTHORITY,
                id=fingerprint(certificate),
                state=state,
                since=certificate.not_valid_before_utc,
                until=certificate.not_valid_after_utc,
            )
            for certificate, state in found
            if certificate is not None
        )

    def make_authority(self) -> str:
        made = authority.make_next(self._place, self._settings.base_domain, seal=self.seal, now=self._now)
        return fingerprint(made.certificate)

    def use_authority(self) -> str:
        authority.use_next(self._place)
        return self._served()

    def forget_authority(self) -> tuple[str, ...]:
        gone = authority.certificate_of(self._place, authority.RETIRED)
        authority.forget_retired(self._place)
        return () if gone is None else (fingerprint(gone),)

    def reissue(self) -> str:
        files = self.ensure_certificates(reissue=True)
        return fingerprint(x509.load_pem_x509_certificate(files.certificate.read_bytes()))

    def keep_outside(self, note: str) -> None:
        append_note(self._settings.places.checkpoints, note)

    def ensure_certificates(self, *, reissue: bool = False) -> CertificateFiles:
        """The gateway's certificate, made where it is missing or due; Envoy watches the file."""
        return ensure_certificates(
            self._settings.places.certificates,
            self._settings.base_domain,
            seal=self.seal,
            open_sealed=self.open_sealed,
            now=self._now,
            reissue=reissue,
        )

    def reseal_files(self) -> int:
        """Seal the authorities' keys anew with the newest master key; how many."""
        newest, count = self._keys.keyring.newest.id, 0
        for path in authority.sealed_keys(self._settings.places.certificates):
            sealed = path.read_bytes()
            if sealed_with(sealed) != newest:
                replace_file(path, self.seal(self.open_sealed(sealed)), durable=True)
                count += 1
        return count

    def _served(self) -> str:
        self.ensure_certificates()
        return self.authorities()[0].id

    def seal(self, plaintext: bytes) -> bytes:
        return self._keys.keyring.seal(plaintext, context=_AUTHORITY)

    def open_sealed(self, sealed: bytes) -> bytes:
        return self._keys.keyring.open(sealed, context=_AUTHORITY)


def fingerprint(certificate: x509.Certificate) -> str:
    """The SHA-256 of a certificate in hexadecimal, as browsers and OpenSSL show it without colons."""
    return certificate.fingerprint(SHA256()).hex()


def _count(reader: Reader) -> dict[KeyId, int]:
    counts: dict[KeyId, int] = {}
    for column in SEALED:
        for key_id, count in sealed_under(reader, column).items():
            counts[key_id] = counts.get(key_id, 0) + count
    return counts


def _state(ring: Keyring, key_id: KeyId, at: datetime) -> KeyState:
    key = next(key for key in ring.keys if key.id == key_id)
    if key_id == ring.newest.id:
        return KeyState.IN_USE
    return KeyState.NEXT if key.seals_from > at else KeyState.REPLACED
