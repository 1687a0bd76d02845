"""The gateway's certificate from an ACME server: fetched, sealed, renewed in time; the old one stays on failure."""

import asyncio
import logging
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from assay.clock import Clock
from assay.gateway.acme_order import AcmeAccount, order_certificate
from assay.gateway.acme_schedule import renew_at, retry_after
from assay.gateway.certificate_faults import Fault, ServedPair, faults_of, read_pair
from assay.gateway.certificates import CertificateFiles
from assay.gateway.envoy_config import replace_file
from assay.server.certificates import Certificates
from assay.values import AssayError, Stored

logger = logging.getLogger("assay.server.certificates")

LOOK_SECONDS: Final = 30.0
# `*-key.sealed` in a base domain's directory is sealed anew when the master key changes.
_ACCOUNT: Final = "acme-account-key.sealed"
_STORED: Final = "acme-pair-key.sealed"
_TRIES: Final = "acme-tries.json"
SealBytes = Callable[[bytes], bytes]


class _Tries(Stored, frozen=True, kw_only=True):
    directory_url: str
    failures: int
    next_try: datetime


class AcmeCertificate(Certificates):
    """Until the first one is there, the gateway serves one of our own authority: nothing waits for anybody's server."""

    seconds = 1.0

    def __init__(
        self,
        account: AcmeAccount,
        *,
        base_domain: str,
        place: Path,
        copy: Path,
        ensure_own: Callable[[], CertificateFiles],
        seal: SealBytes,
        open_sealed: SealBytes,
        clock: Clock,
    ) -> None:
        """`place`: the directory of this base domain's certificates; `copy`: the file that Envoy reads."""
        super().__init__(clock)
        self.file = copy
        self._account, self._base_domain, self._place = account, base_domain, place
        self._ensure_own, self._seal, self._open = ensure_own, seal, open_sealed
        self._pair: ServedPair | None = None
        self._until = clock.now()
        self._failures, self._next_try = 0, clock.now()
        self._jitter = random.SystemRandom().random()
        self._problem = ""

    async def start(self) -> None:
        await asyncio.to_thread(self._remember_tries)
        self._pair = await asyncio.to_thread(self._stored)
        if self._pair is not None:
            await asyncio.to_thread(self._serve, self._pair.pem())
            self._until = self._pair.not_after
            return
        own = await asyncio.to_thread(self._ensure_own)
        await asyncio.to_thread(self._serve, own.certificate.read_bytes())
        self._until = own.not_after
        self._problem = "no certificate has come from the ACME server yet; one of our own authority is served meanwhile"

    async def look(self) -> None:
        """Order one when it is due; a failure is kept for doctor, and waits longer each time."""
        now = self.clock.now()
        if now < self._next_try or (self._pair is not None and now < self._due(self._pair)):
            return
        try:
            pair = await asyncio.to_thread(self._order)
        except AssayError as error:
            self._failed(f"{error.message}; {error.remedy}")
            return
        except Exception as error:
            logger.exception("a certificate could not be fetched")
            self._failed(str(error))
            return
        self._pair, self._until, self._failures, self._problem = pair, pair.not_after, 0, ""
        self._jitter = random.SystemRandom().random()
        self.seconds = LOOK_SECONDS
        logger.warning("a new certificate came from %s; it holds until %s", self._account.directory_url, self._until)

    def not_after(self) -> datetime:
        return self._until

    def problem(self) -> str:
        return self._problem

    def _due(self, pair: ServedPair) -> datetime:
        return renew_at(pair.chain[0].not_valid_before_utc, pair.not_after, jitter=self._jitter)

    def _failed(self, why: str) -> None:
        self._failures += 1
        wait = retry_after(self._failures, jitter=random.SystemRandom().random())
        self._next_try = self.clock.now() + wait
        # A service that is restarted again and again must not use up what the authority allows.
        tries = _Tries(directory_url=self._account.directory_url, failures=self._failures, next_try=self._next_try)
        replace_file(self._place / _TRIES, msgspec.json.encode(tries))
        self._problem = f"{why} (failed {self._failures} times in a row, next try {self._next_try:%Y-%m-%d %H:%MZ})"
        logger.error("no new certificate: %s", self._problem)

    def _remember_tries(self) -> None:
        self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            tries = msgspec.json.decode((self._place / _TRIES).read_bytes(), type=_Tries)
        except (OSError, msgspec.DecodeError):
            return
        # Another authority, or a file from the future of a clock that was wrong, is tried at once.
        latest = self.clock.now() + retry_after(tries.failures, jitter=1.0)
        if tries.directory_url == self._account.directory_url and tries.next_try <= latest:
            self._failures, self._next_try = tries.failures, tries.next_try

    def _order(self) -> ServedPair:
        key = ec.generate_private_key(ec.SECP256R1())
        names = (self._base_domain, f"*.{self._base_domain}")
        chain = order_certificate(self._account, names, account_key=self._account_key(), key=key)
        plain = _pem(key)
        pair = read_pair(chain, plain)
        wrong = (pair,) if isinstance(pair, Fault) else faults_of(pair, self._base_domain, self.clock.now())
        if isinstance(pair, Fault) or wrong:
            raise AssayError(f"the certificate that came is of no use: {wrong[0].message}", remedy=wrong[0].fix)
        # Both in one file, so that a crash leaves the old pair or the new one.
        replace_file(self._place / _STORED, self._seal(plain + chain), durable=True)
        (self._place / _TRIES).unlink(missing_ok=True)
        self._serve(pair.pem())
        return pair

    def _stored(self) -> ServedPair | None:
        """The one of the last time, also one that has ended; None where there is none that fits."""
        sealed = self._place / _STORED
        if not sealed.exists():
            return None
        both = self._open(sealed.read_bytes())
        pair = read_pair(both, both)
        if isinstance(pair, Fault):
            return None
        wrong = [fault for fault in faults_of(pair, self._base_domain, self.clock.now()) if not fault.ended]
        return None if wrong else pair

    def _account_key(self) -> ec.EllipticCurvePrivateKey:
        sealed = self._place / _ACCOUNT
        if sealed.exists():
            key = load_pem_private_key(self._open(sealed.read_bytes()), None)
            assert isinstance(key, ec.EllipticCurvePrivateKey), "nobody else writes it"
            return key
        made = ec.generate_private_key(ec.SECP256R1())
        self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(sealed, self._seal(_pem(made)), durable=True)
        return made

    def _serve(self, both: bytes) -> None:
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(self.file, both)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
