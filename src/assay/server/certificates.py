"""Which certificate the gateway serves: the operator's files, one fetched by ACME, or our own authority's."""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from assay.clock import Clock
from assay.gateway.certificate_expiry import days_told
from assay.gateway.certificate_files import FollowedCertificate
from assay.gateway.certificates import CertificateFiles
from assay.places import Places
from assay.server.settings import TlsFiles

logger = logging.getLogger("assay.server.certificates")

FOLLOW_SECONDS: Final = 1.0
RENEW_SECONDS: Final = 3_600.0


class Certificates(ABC):
    """One source of the gateway's certificate; `file` holds certificate and key, and Envoy watches it."""

    file: Path
    # What browsers have to be told to trust; None: they know it already.
    authority: Path | None = None
    # How often `look` is due.
    seconds: float = RENEW_SECONDS

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._told: int | None = None

    @abstractmethod
    async def start(self) -> None:
        """Return when `file` can be served; raises AssayError."""

    @abstractmethod
    async def look(self) -> None:
        """Take over what is new, renew what is due."""

    @abstractmethod
    def not_after(self) -> datetime:
        """Until when what is served holds."""

    def problem(self) -> str:
        """Why something newer is not served; "" while all is well."""
        return ""

    async def follow(self) -> None:
        """Look again and again, for ever, and say in time that the certificate ends."""
        self.tell_end()
        while True:
            await asyncio.sleep(self.seconds)
            try:
                await self.look()
            except Exception:
                logger.exception("the certificate could not be looked at")
            self.tell_end()

    def tell_end(self) -> None:
        """Log each mark before the end once."""
        days = days_told(self.not_after(), self.clock.now())
        if days is not None and days != self._told:
            end = f"{self.not_after():%Y-%m-%d %H:%MZ}"
            if days:
                logger.warning("the gateway's certificate ends %s, in less than %d days: renew it", end, days)
            else:
                logger.error("the gateway's certificate ended %s: browsers refuse it; renew it", end)
        self._told = days


class OperatorsCertificate(Certificates):
    """Files that somebody else renews."""

    seconds = FOLLOW_SECONDS

    def __init__(self, files: TlsFiles, *, base_domain: str, places: Places, clock: Clock) -> None:
        super().__init__(clock)
        self.file = served_file(places)
        self._followed = FollowedCertificate(
            files.certificate, files.private_key, base_domain=base_domain, copy=self.file, now=clock.now
        )

    async def start(self) -> None:
        await asyncio.to_thread(self._followed.take)

    async def look(self) -> None:
        await asyncio.to_thread(self._followed.look)

    def not_after(self) -> datetime:
        ends = self._followed.not_after
        assert ends is not None, "started first"
        return ends

    def problem(self) -> str:
        return self._followed.refused


class OwnCertificate(Certificates):
    """Signed by this installation's own authority."""

    def __init__(self, ensure: Callable[[], CertificateFiles], clock: Clock) -> None:
        """`ensure` makes what is missing or soon ends, and keeps the rest."""
        super().__init__(clock)
        self._ensure = ensure
        self._files: CertificateFiles | None = None

    async def start(self) -> None:
        self._files = files = await asyncio.to_thread(self._ensure)
        self.file, self.authority = files.certificate, files.authority

    async def look(self) -> None:
        """Envoy watches the file: a new certificate is used without a restart."""
        self._files = await asyncio.to_thread(self._ensure)

    def not_after(self) -> datetime:
        assert self._files is not None, "started first"
        return self._files.not_after


def served_file(places: Places) -> Path:
    """Certificate and key as Envoy reads them: beside its disposable configuration, never in a backup."""
    return places.envoy / "tls" / "certificate-and-key.pem"
