"""The operator's certificate files: every fault is named with its fix, replacements are taken or refused whole."""

import asyncio
import contextlib
import os
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from assay.gateway.certificate_expiry import days_told
from assay.gateway.certificate_faults import Fault, covers, faults_of, read_pair
from assay.gateway.certificate_files import FollowedCertificate
from assay.gateway.certificates import CertificateFiles
from assay.values import AssayError
from tests.gateway.pki import Authority, Pair, authority_now, key_pem, new_key, pem
from tests.gateway.rig import BASE, Rig

NOW = datetime(2026, 11, 23, tzinfo=UTC)
DOMAIN = "company.example"
NAMES = (DOMAIN, f"*.{DOMAIN}")
Texts = tuple[bytes, bytes]


def good(authority: Authority) -> Texts:
    key = new_key()
    return authority.chain(authority.leaf(NAMES, key)), key_pem(key)


def named(*names: str) -> Callable[[Authority], Texts]:
    def made(authority: Authority) -> Texts:
        key = new_key()
        return authority.chain(authority.leaf(names, key)), key_pem(key)

    return made


def of_time(starts: timedelta, ends: timedelta) -> Callable[[Authority], Texts]:
    def made(authority: Authority) -> Texts:
        key = new_key()
        return authority.chain(authority.leaf(NAMES, key, starts=starts, ends=ends)), key_pem(key)

    return made


def with_key(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> Texts:
    authority = Authority(NOW)
    return authority.chain(authority.leaf(NAMES, key)), key_pem(key)


def of_another_use(authority: Authority) -> Texts:
    key = new_key()
    leaf = authority.leaf(NAMES, key, usage=ExtendedKeyUsageOID.CLIENT_AUTH)
    return authority.chain(leaf), key_pem(key)


def in_the_wrong_order(authority: Authority) -> Texts:
    key = new_key()
    return pem(authority.intermediate, authority.leaf(NAMES, key)), key_pem(key)


def with_a_gap(authority: Authority) -> Texts:
    key = new_key()
    return pem(authority.leaf(NAMES, key), authority.root), key_pem(key)


def encrypted(authority: Authority) -> Texts:
    key = new_key()
    return authority.chain(authority.leaf(NAMES, key)), key_pem(key, b"secret")


def faults(texts: Texts) -> tuple[Fault, ...]:
    pair = read_pair(*texts)
    return (pair,) if isinstance(pair, Fault) else faults_of(pair, DOMAIN, NOW)


@pytest.mark.parametrize(
    ("made", "message", "fix"),
    [
        (lambda authority: (good(authority)[0], good(authority)[1]), "belongs to another certificate", "give the key"),
        (lambda authority: (b"", good(authority)[1]), "holds no PEM certificate", "PEM"),
        (lambda authority: (good(authority)[0], b""), "private key cannot be read", "PEM"),
        (lambda authority: good(authority)[::-1], "holds no PEM certificate", "PEM"),
        (lambda authority: (good(authority)[0][:200], good(authority)[1]), "holds no PEM certificate", "PEM"),
        (encrypted, "is encrypted", "openssl pkey"),
        (in_the_wrong_order, "another certificate of the chain", "leaf first"),
        (with_a_gap, "the chain breaks after CN=leaf", "order the file"),
        (named(f"*.{DOMAIN}"), f"not for {DOMAIN}, but for", "both names"),
        (named(DOMAIN), f"not for *.{DOMAIN}", "both names"),
        (named("other.example", "*.other.example"), f"{DOMAIN} and *.{DOMAIN}, but for other.example", "both names"),
        (named(f"*.sub.{DOMAIN}", DOMAIN), f"not for *.{DOMAIN}", "both names"),
        (of_time(timedelta(days=1), timedelta(days=2)), "holds from", "clock"),
        (of_time(timedelta(days=-9), timedelta(days=-1)), "it ended 2026-11-22", "renew it"),
        (of_another_use, "no certificate for servers", "serverAuth"),
        (lambda _: with_key(ec.generate_private_key(ec.SECP256K1())), "on the curve secp256k1", "P-256"),
        (lambda _: with_key(ed25519.Ed25519PrivateKey.generate()), "neither RSA nor ECDSA", "P-256"),
        (lambda _: with_key(rsa.generate_private_key(65537, 1024)), "1024 bits", "2048"),
    ],
)
def test_each_fault_is_named_with_its_fix(made: Callable[[Authority], Texts], message: str, fix: str) -> None:
    found = faults(made(Authority(NOW)))
    assert any(message in each.message and fix in each.fix for each in found), found


@pytest.mark.parametrize("key", [rsa.generate_private_key(65537, 2048), new_key()])
def test_a_good_pair_has_no_fault(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> None:
    assert faults(with_key(key)) == ()


def test_a_wildcard_speaks_for_one_label() -> None:
    leaf = Authority(NOW).leaf(NAMES, new_key())
    assert covers(leaf, DOMAIN)
    assert covers(leaf, f"id.{DOMAIN}")
    assert not covers(leaf, f"a.b.{DOMAIN}")
    assert not covers(leaf, "example")


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(days=31), None),
        (timedelta(days=30), 30),
        (timedelta(days=14), 14),
        (timedelta(days=7, seconds=1), 14),
        (timedelta(days=7), 7),
        (timedelta(hours=23), 1),
        (timedelta(0), 0),
        (timedelta(days=-3), 0),
    ],
)
def test_the_end_is_told_at_each_mark(left: timedelta, told: int | None) -> None:
    assert days_told(NOW + left, NOW) == told


class Followed:
    """Two files that are followed."""

    def __init__(self, directory: Path) -> None:
        self.authority = authority_now()
        self.files = directory / "files"
        self.files.mkdir()
        self.pair = self.authority.write(self.files, NAMES)
        self.followed = FollowedCertificate(
            self.pair.certificate,
            self.pair.private_key,
            base_domain=DOMAIN,
            copy=directory / "tls" / "both.pem",
            now=lambda: datetime.now(UTC),
        )
        self.followed.take()

    @property
    def served(self) -> int:
        return x509.load_pem_x509_certificate(self.followed.copy.read_bytes()).serial_number


@pytest.fixture
def followed(tmp_path: Path) -> Followed:
    return Followed(tmp_path)


def test_the_copy_is_for_its_owner_alone(followed: Followed) -> None:
    assert followed.followed.copy.stat().st_mode & 0o777 == 0o600
    assert followed.followed.copy.parent.stat().st_mode & 0o777 == 0o700
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(followed.followed.copy)


def test_a_certificate_before_its_key_waits_for_it(followed: Followed) -> None:
    before, key = followed.served, new_key()
    leaf = followed.authority.leaf(NAMES, key)
    followed.pair.certificate.write_bytes(followed.authority.chain(leaf))
    assert not followed.followed.look()
    assert followed.served == before
    assert "belongs to another certificate" in followed.followed.refused
    followed.pair.private_key.write_bytes(key_pem(key))
    assert followed.followed.look()
    assert (followed.served, followed.followed.refused) == (leaf.serial_number, "")


def test_a_renamed_file_and_a_turned_link_are_followed(followed: Followed) -> None:
    """As ACME clients do: files beside, renamed over; or a symbolic link that points to the next version."""
    beside = followed.files / "beside"
    beside.mkdir()
    fresh = followed.authority.write(beside, NAMES)
    fresh.certificate.rename(followed.pair.certificate)
    fresh.private_key.rename(followed.pair.private_key)
    assert followed.followed.look()
    assert followed.served == fresh.serial
    linked = followed.authority.write(beside, NAMES)
    for target, link in (
        (linked.private_key, followed.pair.private_key),
        (linked.certificate, followed.pair.certificate),
    ):
        turned = link.with_suffix(".new")
        turned.symlink_to(target)
        turned.replace(link)
    assert followed.followed.look()
    assert followed.served == linked.serial


@pytest.mark.parametrize("bad", ["names", "ended", "torn", "gone", "pipe", "open"])
def test_a_bad_replacement_is_refused_told_and_the_old_one_stays(
    bad: str, followed: Followed, caplog: pytest.LogCaptureFixture
) -> None:
    before, pair = followed.served, followed.pair
    words = {
        "names": "not for",
        "ended": "it ended",
        "torn": "holds no PEM certificate",
        "gone": "cannot be read",
        "pipe": "no regular file",
        "open": "chmod 600",
    }
    if bad == "names":
        pair.replace(followed.authority, ("other.example",))
    elif bad == "ended":
        pair.replace(followed.authority, NAMES, ends=timedelta(minutes=-1))
    elif bad == "torn":
        pair.certificate.write_bytes(pair.certificate.read_bytes()[:300])
    elif bad == "open":
        pair.private_key.chmod(0o644)
    else:
        pair.certificate.unlink()
        if bad == "pipe":
            os.mkfifo(pair.certificate)
    assert not followed.followed.look()
    assert words[bad] in followed.followed.refused
    assert not followed.followed.look()
    assert not followed.followed.look()
    assert followed.served == before
    assert caplog.text.count("the old one stays") == 1, "told once, not every second"
    with contextlib.suppress(FileNotFoundError):
        pair.certificate.unlink()
    pair.replace(followed.authority, NAMES)
    assert followed.followed.look()
    assert (followed.served, followed.followed.refused) == (pair.serial, "")


def test_one_that_has_ended_is_served_at_a_start_and_everything_else_is_not(tmp_path: Path) -> None:
    authority = authority_now()
    pair = authority.write(tmp_path, NAMES, ends=timedelta(minutes=-1))

    def start(at: Pair) -> None:
        copy = tmp_path / "tls" / "both.pem"
        FollowedCertificate(
            at.certificate, at.private_key, base_domain=DOMAIN, copy=copy, now=lambda: datetime.now(UTC)
        ).take()

    start(pair)
    pair.replace(authority, ("other.example",), ends=timedelta(minutes=-1))
    with pytest.raises(AssayError, match="cannot be used") as caught:
        start(pair)
    assert "request one for company.example" in caught.value.remedy


async def test_certificates_change_under_load_and_no_request_fails(tmp_path: Path) -> None:
    authority = authority_now()
    pair = authority.write(tmp_path, (BASE, f"*.{BASE}"))
    copy = tmp_path / "tls" / "both.pem"
    followed = FollowedCertificate(
        pair.certificate, pair.private_key, base_domain=BASE, copy=copy, now=lambda: datetime.now(UTC)
    )
    followed.take()
    files = CertificateFiles(
        authority=tmp_path / "root.pem", certificate=copy, private_key=copy, not_after=authority.now
    )
    rig = Rig(tmp_path, certificates=files)
    await rig.start()
    try:
        await change_under_load(rig, authority, pair, followed)
    finally:
        await rig.stop()


async def change_under_load(rig: Rig, authority: Authority, pair: Pair, followed: FollowedCertificate) -> None:
    done, statuses = asyncio.Event(), []
    held = await rig.connect()

    async def load() -> None:
        while not done.is_set():
            statuses.append((await rig.get("/")).status_code)

    async def served() -> int:
        connection = await rig.connect()
        tls = connection.writer.get_extra_info("ssl_object")
        connection.close()
        return x509.load_der_x509_certificate(tls.getpeercert(binary_form=True)).serial_number

    workers = [asyncio.create_task(load()) for _ in range(4)]
    for change in range(10):
        pair.replace(authority, (BASE, f"*.{BASE}"))
        assert followed.look()
        async with asyncio.timeout(60):
            while await served() != pair.serial or len(statuses) < 20 * (change + 1):
                pass
    done.set()
    await asyncio.gather(*workers)
    await held.send("GET", "/still")
    assert (await held.response()).status_code == 200, "a connection outlives every change"
    held.close()
    assert len(statuses) >= 200
    assert set(statuses) == {200}
