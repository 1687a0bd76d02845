"""The operator's certificate files: taken over when they are good, followed as they change, never half of each."""

import logging
import os
import stat
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from assay.gateway.certificate_faults import Fault, ServedPair, faults_of, read_pair
from assay.gateway.envoy_config import replace_file
from assay.values import AssayError

_LOG = logging.getLogger("assay.gateway.certificate")
_LARGEST = 1 << 20


class FollowedCertificate:
    """Keeps Envoy's copy of a certificate and its key equal to two files, as long as what is in them is good.

    A pair that is not (half replaced, of another name, expired) is refused, and the one in use stays.
    """

    def __init__(
        self, certificate: Path, private_key: Path, *, base_domain: str, copy: Path, now: Callable[[], datetime]
    ) -> None:
        """`copy`: the one file that Envoy reads; its directory is made, and watched by Envoy."""
        self.certificate, self.private_key, self.copy = certificate, private_key, copy
        self._base_domain, self._now = base_domain, now
        self._seen: tuple[bytes, bytes] | None = None
        self._in_use: ServedPair | None = None
        self._told = True
        # Why what lies in the files now is not what is served; "" while it is.
        self.refused = ""

    def take(self) -> None:
        """Take over what is there at the start; raises AssayError with every fault but that it has ended.

        An expired certificate opens nothing to anybody: it is served, so that the rest of the service can be reached.
        """
        self._seen = self._read()
        pair = self._good(*self._seen, ended=True)
        if isinstance(pair, str):
            raise AssayError(f"the certificate {self.certificate} cannot be used", remedy=pair)
        self._use(pair)

    def look(self) -> bool:
        """Look again, and say whether something was taken over; never raises.

        A refusal is logged when it still stands at the next look: between two files there is always a moment.
        """
        try:
            found = self._read()
        except AssayError as error:
            self._seen = None
            self._refuse(f"{error.message}: {error.remedy}")
            return False
        if found == self._seen:
            self._tell()
            return False
        self._seen = found
        pair = self._good(*found, ended=False)
        if isinstance(pair, str):
            self._refuse(pair)
            return False
        self._use(pair)
        _LOG.warning("the certificate was replaced; the new one holds until %s", pair.not_after)
        return True

    def _refuse(self, why: str) -> None:
        if why == self.refused:
            self._tell()
        else:
            self.refused, self._told = why, False

    def _tell(self) -> None:
        if not self._told:
            self._told = True
            _LOG.error("the new certificate is not used, and the old one stays: %s", self.refused)

    @property
    def not_after(self) -> datetime | None:
        """Until when the certificate in use holds; None before there is one."""
        return None if self._in_use is None else self._in_use.not_after

    def _good(self, chain: bytes, key: bytes, *, ended: bool) -> ServedPair | str:
        """The pair, or everything that is wrong with it; `ended`: one whose time is over will do."""
        pair = read_pair(chain, key)
        if isinstance(pair, Fault):
            return _said((pair,))
        faults = faults_of(pair, self._base_domain, self._now())
        for fault in faults:
            if fault.ended and ended:
                _LOG.error("the certificate %s has ended: %s; browsers refuse it", self.certificate, fault.message)
        wrong = tuple(fault for fault in faults if not (fault.ended and ended))
        return _said(wrong) if wrong else pair

    def _use(self, pair: ServedPair) -> None:
        self.copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(self.copy, pair.pem())
        self._in_use, self.refused = pair, ""

    def _read(self) -> tuple[bytes, bytes]:
        """Both files as they are now; raises AssayError."""
        return _content(self.certificate), _content(self.private_key, secret=True)


def _said(faults: tuple[Fault, ...]) -> str:
    return "; ".join(f"{fault.message}: {fault.fix}" for fault in faults)


def _content(path: Path, *, secret: bool = False) -> bytes:
    try:
        # O_NONBLOCK: a named pipe in its place must not hold us up.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError as error:
        raise AssayError(f"{path} cannot be read: {error.strerror}", remedy=readable(path)) from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise AssayError(f"{path} is no regular file", remedy="name a file")
        if secret and status.st_mode & stat.S_IRWXO:
            raise AssayError(
                f"everybody on this machine may read {path}", remedy=f"run: chmod 600 {path} - and request a new one"
            )
        return file.read(_LARGEST)


def readable(path: Path) -> str:
    """How to let the service read a file that is somebody else's."""
    return (
        f"let the service's user read it, such as: install -o {os.geteuid()} -m 600 {path} /etc/assay/ "
        "(a deploy hook of your ACME client does it at each renewal, docs/production.md)"
    )
