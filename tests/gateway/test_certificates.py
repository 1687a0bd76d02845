"""The local authority: bound to its base domain, kept sealed, renewed in time, accepted by clients."""

import asyncio
import os
import shutil
import ssl
import stat
import subprocess
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from playwright.async_api import Error, async_playwright

from assay.gateway.authority import (
    LEAF_LIFETIME,
    NEXT,
    NEXT_MADE,
    RETIRED,
    certificate_of,
    make_authority,
    make_next,
)
from assay.gateway.certificates import CertificateFiles, ensure_certificates, make_leaf
from assay.values import AssayError
from tests.gateway.rig import Rig

NOW = datetime(2026, 11, 23, tzinfo=UTC)
BASE = "assay.localhost"


def seal(plain: bytes) -> bytes:
    return b"sealed:" + bytes(byte ^ 0x55 for byte in plain)


def open_sealed(sealed: bytes) -> bytes:
    return bytes(byte ^ 0x55 for byte in sealed.removeprefix(b"sealed:"))


def ensure(directory: Path, now: datetime = NOW, base: str = BASE) -> CertificateFiles:
    return ensure_certificates(directory, base, seal=seal, open_sealed=open_sealed, now=now)


def certutil(database: Path, *arguments: str) -> None:
    subprocess.run(["certutil", "-d", f"sql:{database}", *arguments], check=True)


def verify(authority: x509.Certificate, leaf: x509.Certificate, host: str) -> None:
    verifier = PolicyBuilder().store(Store([authority])).time(NOW).build_server_verifier(x509.DNSName(host))
    verifier.verify(leaf, [])


def test_the_leaf_serves_the_base_domain_and_one_label_below() -> None:
    authority = make_authority(BASE, NOW)
    leaf, _ = make_leaf(authority, BASE, NOW)
    for host in (BASE, f"wiki.{BASE}", f"id.{BASE}"):
        verify(authority.certificate, leaf, host)
    for host in (f"a.b.{BASE}", "localhost", "example.com"):
        with pytest.raises(VerificationError):
            verify(authority.certificate, leaf, host)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=397)


@pytest.mark.parametrize("stranger", ["example.com", "localhost", "evil-assay.localhost"])
def test_the_authority_cannot_speak_for_strangers(stranger: str) -> None:
    authority = make_authority(BASE, NOW)
    constraints = authority.certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    leaf, _ = make_leaf(authority, stranger, NOW)
    with pytest.raises(VerificationError):
        verify(authority.certificate, leaf, stranger)


def test_files_are_private_and_the_authoritys_key_is_sealed(tmp_path: Path) -> None:
    files = ensure(tmp_path)
    place = files.authority.parent
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    for file in place.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (place / "authority-key.sealed").read_bytes().startswith(b"sealed:")
    assert b"PRIVATE" not in files.authority.read_bytes()


def test_what_exists_is_kept_until_it_is_time(tmp_path: Path) -> None:
    first = ensure(tmp_path)
    before = first.certificate.read_bytes(), first.authority.read_bytes()
    assert ensure(tmp_path, NOW + timedelta(days=1)) == first
    assert (first.certificate.read_bytes(), first.authority.read_bytes()) == before
    renewed = ensure(tmp_path, first.renew_after())
    assert renewed.not_after > first.not_after
    assert first.authority.read_bytes() == before[1]
    assert first.certificate.read_bytes() != before[0]


def test_an_authority_near_its_end_gives_way_to_the_next_one_that_waits(tmp_path: Path) -> None:
    files = ensure(tmp_path)
    place, old = files.authority.parent, files.authority.read_bytes()
    ends = x509.load_pem_x509_certificate(old).not_valid_after_utc
    late = ends - LEAF_LIFETIME
    waiting = make_next(place, BASE, seal=seal, now=late - timedelta(days=30))
    ensure(tmp_path, late - timedelta(seconds=1))
    assert files.authority.read_bytes() == old, "not before it must"
    ensure(tmp_path, late)
    assert x509.load_pem_x509_certificate(files.authority.read_bytes()) == waiting.certificate
    assert certificate_of(place, RETIRED) == x509.load_pem_x509_certificate(old)
    x509.load_pem_x509_certificate(files.certificate.read_bytes()).verify_directly_issued_by(waiting.certificate)


def test_r21_the_next_authority_waits_to_be_trusted_a_year_before_it_signs(tmp_path: Path) -> None:
    """Machines are told of it by `assay trust` while the old one still signs; nobody has to remember the day."""
    files = ensure(tmp_path)
    place, old = files.authority.parent, files.authority.read_bytes()
    ends = x509.load_pem_x509_certificate(old).not_valid_after_utc
    ensure(tmp_path, ends - NEXT_MADE - timedelta(seconds=1))
    assert certificate_of(place, NEXT) is None
    ensure(tmp_path, ends - NEXT_MADE)
    waiting = certificate_of(place, NEXT)
    assert waiting is not None
    assert files.authority.read_bytes() == old
    ensure(tmp_path, ends - LEAF_LIFETIME - timedelta(seconds=1))
    assert (certificate_of(place, NEXT), files.authority.read_bytes()) == (waiting, old), "made once"
    ensure(tmp_path, ends - LEAF_LIFETIME)
    assert x509.load_pem_x509_certificate(files.authority.read_bytes()) == waiting


def test_another_base_domain_gets_another_authority(tmp_path: Path) -> None:
    assert ensure(tmp_path).authority != ensure(tmp_path, base="example.com").authority


def test_a_key_that_is_not_the_authoritys_is_an_error(tmp_path: Path) -> None:
    files = ensure(tmp_path / "a")
    other = ensure(tmp_path / "b")
    shutil.copy(other.authority, files.authority)
    with pytest.raises(AssayError, match="is not the one of"):
        ensure(tmp_path / "a")


def test_a_leaf_of_another_authority_is_made_anew(tmp_path: Path) -> None:
    files = ensure(tmp_path / "a")
    other = ensure(tmp_path / "b")
    shutil.copy(other.certificate, files.certificate)
    ensure(tmp_path / "a")
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    verify(authority, x509.load_pem_x509_certificate(files.certificate.read_bytes()), f"wiki.{BASE}")


@pytest.mark.interop
async def test_envoy_takes_a_renewed_certificate_without_a_restart(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    rig = Rig(tmp_path, issued=now - timedelta(days=61))

    async def served() -> bytes:
        connection = await rig.connect()
        der: bytes = connection.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        connection.close()
        return der

    def stored() -> bytes:
        pem = rig.certificates.certificate.read_bytes()
        return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)

    await rig.start()
    old = stored()
    assert await served() == old
    ensure_certificates(tmp_path / "certificates", BASE, seal=bytes, open_sealed=bytes, now=now)
    assert stored() != old
    async with asyncio.timeout(60):
        while await served() != stored():
            pass
    assert rig.gateway.envoy_restarts == 0
    await rig.stop()


@pytest.mark.interop
async def test_r21_an_authority_that_ended_unseen_is_replaced_without_a_restart(tmp_path: Path) -> None:
    """A gateway that stood still for years: nobody trusts what it shows until the service has looked again."""
    now = datetime.now(UTC)
    rig = Rig(tmp_path, issued=now - timedelta(days=3651))
    try:
        await rig.start()
        ended = rig.tls
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            await rig.connect()
        ensure_certificates(tmp_path / "certificates", BASE, seal=bytes, open_sealed=bytes, now=now)
        assert rig.tls.get_ca_certs() != ended.get_ca_certs(), "what `assay trust` reads"
        async with asyncio.timeout(60):
            while True:
                with suppress(ssl.SSLCertVerificationError):
                    (await rig.connect()).close()
                    break
        assert rig.gateway.envoy_restarts == 0
    finally:
        await rig.stop()


@pytest.mark.browser
@pytest.mark.interop
async def test_chromium_accepts_it_once_the_authority_is_trusted(rig: Rig, tmp_path: Path) -> None:
    home = tmp_path / "home"
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    certutil(database, "-N", "--empty-password")
    environment = {**os.environ, "HOME": str(home)}

    async def shown() -> str:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"], env=environment
            )
            page = await browser.new_page()
            answer = await page.goto(f"https://{rig.authority('id')}/")
            assert answer is not None
            body = await answer.text()
            await browser.close()
            return body

    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        await shown()
    certutil(database, "-A", "-t", "C,,", "-n", "assay", "-i", str(rig.certificates.authority))
    assert "x-forwarded-host" in await shown()
