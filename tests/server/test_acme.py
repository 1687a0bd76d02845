"""ACME against Pebble: a wildcard by DNS records, kept sealed, renewed in time, and the old one stays on failure."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from assay.gateway.acme_order import AcmeAccount
from assay.gateway.acme_schedule import renew_at, retry_after
from assay.gateway.certificates import CertificateFiles, ensure_certificates
from assay.server.acme_certificate import AcmeCertificate
from tests.access.house import HandClock
from tests.server.acme_authority import EAB_HMAC_KEY, EAB_KEY_ID, Pebble, pebble

DOMAIN = "company.example"


def seal(plain: bytes) -> bytes:
    return b"sealed:" + bytes(byte ^ 0x55 for byte in plain)


def open_sealed(sealed: bytes) -> bytes:
    return bytes(byte ^ 0x55 for byte in sealed.removeprefix(b"sealed:"))


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Pebble]:
    place = tmp_path / "authority"
    place.mkdir()
    with pebble(place) as running:
        yield running


def account(authority: Pebble, *, key_id: str = "", hmac_key: str = "", hook: str = "") -> AcmeAccount:
    return AcmeAccount(
        directory_url=authority.directory_url,
        hook=(hook or str(authority.hook),),
        email="operations@company.example",
        eab_key_id=key_id,
        eab_hmac_key=hmac_key,
        server_authority=authority.server_authority,
    )


def certificate(directory: Path, asking: AcmeAccount, clock: HandClock) -> AcmeCertificate:
    def ensure_own() -> CertificateFiles:
        return ensure_certificates(
            directory / "certificates", DOMAIN, seal=seal, open_sealed=open_sealed, now=clock.now()
        )

    return AcmeCertificate(
        asking,
        base_domain=DOMAIN,
        place=directory / "certificates" / DOMAIN,
        copy=directory / "tls" / "both.pem",
        ensure_own=ensure_own,
        seal=seal,
        open_sealed=open_sealed,
        clock=clock,
    )


def served(fetched: AcmeCertificate) -> x509.Certificate:
    return x509.load_pem_x509_certificate(fetched.file.read_bytes())


@pytest.mark.interop
async def test_a_wildcard_comes_and_is_renewed_and_outlives_a_restart(authority: Pebble, tmp_path: Path) -> None:
    clock = HandClock(datetime.now(UTC))
    fetched = certificate(tmp_path, account(authority), clock)
    await fetched.start()
    assert "O=Assay" in served(fetched).issuer.rfc4514_string(), "until it is there, our own authority's"
    assert "no certificate has come" in fetched.problem()
    await fetched.look()
    assert fetched.problem() == ""
    first = served(fetched)
    first.verify_directly_issued_by(x509.load_pem_x509_certificates(fetched.file.read_bytes())[1])
    assert "Pebble" in first.issuer.rfc4514_string()
    names = first.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert sorted(names.get_values_for_type(x509.DNSName)) == [f"*.{DOMAIN}", DOMAIN]
    actions = [(action, name) for action, name, _ in authority.hook_calls]
    challenge = f"_acme-challenge.{DOMAIN}"
    assert actions == [("set", challenge)] * 2 + [("remove", challenge)] * 2, "both values stand at once"

    await fetched.look()
    assert served(fetched) == first, "nothing is due"
    for path in (tmp_path / "certificates" / DOMAIN).iterdir():
        assert path.stat().st_mode & 0o077 == 0
        assert b"PRIVATE KEY" not in path.read_bytes() or path.name == "certificate-and-key.pem"

    again = certificate(tmp_path, account(authority), clock)
    await again.start()
    await again.look()
    assert (served(again), again.problem()) == (first, "")
    clock.at = first.not_valid_before_utc + (first.not_valid_after_utc - first.not_valid_before_utc) * 0.68
    await again.look()
    assert again.problem() == ""
    assert served(again).serial_number != first.serial_number, "two thirds of its life are over"


@pytest.mark.interop
async def test_a_failure_keeps_the_old_one_waits_longer_each_time_and_outlives_a_restart(
    authority: Pebble, tmp_path: Path
) -> None:
    clock = HandClock(datetime.now(UTC))
    fetched = certificate(tmp_path, account(authority), clock)
    await fetched.start()
    await fetched.look()
    first = served(fetched)
    clock.at = first.not_valid_after_utc - (first.not_valid_after_utc - first.not_valid_before_utc) / 4
    broken = certificate(tmp_path, account(authority, hook="/bin/false"), clock)
    await broken.start()
    await broken.look()
    assert "/bin/false set _acme-challenge.company.example ended with 1" in broken.problem()
    assert "failed 1 times" in broken.problem()
    assert served(broken) == first
    calls = len(authority.hook_calls)
    restarted = certificate(tmp_path, account(authority), clock)
    await restarted.start()
    await restarted.look()
    assert len(authority.hook_calls) == calls, "a restart does not ask sooner"
    clock.advance(minutes=8)
    await restarted.look()
    assert served(restarted).serial_number != first.serial_number
    assert restarted.problem() == ""


@pytest.mark.interop
async def test_an_authority_that_does_not_see_the_record_says_so(authority: Pebble, tmp_path: Path) -> None:
    fetched = certificate(tmp_path, account(authority, hook="/bin/true"), HandClock(datetime.now(UTC)))
    await fetched.start()
    await fetched.look()
    assert f"gave no certificate: {DOMAIN}:" in fetched.problem()
    assert "_acme-challenge" in fetched.problem() or "TXT" in fetched.problem(), fetched.problem()


@pytest.mark.interop
async def test_an_account_is_bound_to_one_elsewhere_and_refused_without(tmp_path: Path) -> None:
    place = tmp_path / "authority"
    place.mkdir()
    with pebble(place, binding=True) as authority:
        clock = HandClock(datetime.now(UTC))
        refused = certificate(tmp_path / "a", account(authority), clock)
        await refused.start()
        await refused.look()
        assert "external account binding" in refused.problem().lower(), refused.problem()
        bound = certificate(tmp_path / "b", account(authority, key_id=EAB_KEY_ID, hmac_key=EAB_HMAC_KEY), clock)
        await bound.start()
        await bound.look()
        assert bound.problem() == ""


async def test_an_authority_that_is_not_there_keeps_nobody_from_starting(tmp_path: Path) -> None:
    asking = AcmeAccount(directory_url="https://127.0.0.1:1/dir", hook=("/bin/true",))
    fetched = certificate(tmp_path, asking, HandClock(datetime.now(UTC)))
    await fetched.start()
    await fetched.look()
    assert "gave no certificate" in fetched.problem()
    assert "O=Assay" in served(fetched).issuer.rfc4514_string()


@given(jitter=st.floats(0, 1), days=st.integers(1, 400))
def test_it_is_renewed_near_two_thirds_of_its_life(jitter: float, days: int) -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC)
    due = renew_at(start, start + timedelta(days=days), jitter=jitter)
    assert timedelta(days=days) * 0.62 <= due - start <= timedelta(days=days) * 0.67


@given(jitter=st.floats(0, 1))
def test_failures_wait_longer_and_at_most_most_of_a_day(jitter: float) -> None:
    waits = [retry_after(failures, jitter=jitter) for failures in range(1, 40)]
    assert waits == sorted(waits)
    assert waits[0] >= timedelta(minutes=5)
    assert waits[-1] <= timedelta(hours=18)
    assert sum(waits[:3], timedelta()) >= timedelta(minutes=35), "five failed validations an hour are too many"
