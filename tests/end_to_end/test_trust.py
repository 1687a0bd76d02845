"""`assay trust` on this machine for real: curl and Chromium take the page, and afterwards nothing is left."""

import asyncio
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.async_api import Error, async_playwright
from playwright.sync_api import Error as SyncError
from playwright.sync_api import expect, sync_playwright

from assay.gateway.authority import certificate_builder, key_usage, make_authority
from assay.gateway.certificates import make_leaf
from tests.end_to_end.installation import ASSAY, Installation, installation
from tests.ports import free_port

NOW = datetime.now(UTC)
SYSTEM = Path("/usr/local/share/ca-certificates")
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir()
    return made


def trust(home: Path, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [ASSAY, "trust", *arguments], capture_output=True, text=True, env={**os.environ, "HOME": str(home)}, check=False
    )
    assert done.returncode == code, (done.stdout, done.stderr)
    return done.stdout + done.stderr


def system_store() -> tuple[list[Path], bytes]:
    return sorted(SYSTEM.glob("*")), BUNDLE.read_bytes()


def authority_file(directory: Path, base: str = "assay.localhost") -> Path:
    path = directory / "authority.pem"
    path.write_bytes(make_authority(base, NOW).certificate.public_bytes(Encoding.PEM))
    return path


@pytest.mark.interop
def test_a_browsers_store_is_made_filled_left_alone_and_emptied(home: Path, tmp_path: Path) -> None:
    ca = authority_file(tmp_path)
    firefox = home / ".mozilla" / "firefox" / "abc.default"
    firefox.mkdir(parents=True)
    subprocess.run(["certutil", "-N", "-d", f"sql:{firefox}", "--empty-password"], check=True)
    assert "would" not in trust(home, "--ca", str(ca), "--user-only", "--dry-run")
    assert not (home / ".pki").exists(), "a dry run does nothing"
    trust(home, "--ca", str(ca), "--user-only")
    for database in (home / ".pki" / "nssdb", firefox):
        listed = subprocess.run(
            ["certutil", "-L", "-d", f"sql:{database}"], capture_output=True, text=True, check=True
        ).stdout
        assert "assay-" in listed
        assert "C,," in listed
    assert trust(home, "--ca", str(ca), "--user-only").count("trusted already") == 2
    trust(home, "--ca", str(ca), "--user-only", "--remove")
    for database in (home / ".pki" / "nssdb", firefox):
        listed = subprocess.run(
            ["certutil", "-L", "-d", f"sql:{database}"], capture_output=True, text=True, check=True
        ).stdout
        assert "assay-" not in listed
    assert trust(home, "--ca", str(ca), "--user-only", "--remove").count("not there") == 2


def test_it_prints_the_certificate_for_what_it_does_not_know(home: Path, tmp_path: Path) -> None:
    ca = authority_file(tmp_path)
    assert trust(home, "--ca", str(ca), "--print").encode() == ca.read_bytes()


@pytest.mark.parametrize("kind", ["unconstrained", "not critical", "top-level", "no certificate"])
def test_it_refuses_an_authority_that_could_speak_for_others(home: Path, tmp_path: Path, kind: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = make_authority("assay.localhost", NOW).certificate.subject
    built = certificate_builder(name, name, key.public_key(), NOW, NOW - NOW.replace(year=NOW.year - 1))
    built = built.add_extension(key_usage(signs_certificates=True), critical=True)
    if kind in ("not critical", "top-level"):
        permitted = [x509.DNSName("com" if kind == "top-level" else "assay.localhost")]
        built = built.add_extension(
            x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None), critical=kind == "top-level"
        )
    path = tmp_path / "other.pem"
    pem = built.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    path.write_bytes(b"nothing" if kind == "no certificate" else pem)
    assert "authority.pem" in trust(home, "--ca", str(path), code=2)
    assert not (home / ".pki").exists()


@pytest.mark.interop
@pytest.mark.parametrize("name", ["example.com", "www.bank.example", "localhost"])
def test_openssl_refuses_a_strangers_certificate_that_it_signed(tmp_path: Path, name: str) -> None:
    """Whoever stole the authority's key can sign for other names; nobody believes it."""
    authority = make_authority("assay.localhost", NOW)
    ca, leaf_file = tmp_path / "ca.pem", tmp_path / "leaf.pem"
    ca.write_bytes(authority.certificate.public_bytes(Encoding.PEM))

    def openssl(base: str) -> subprocess.CompletedProcess[str]:
        leaf, _ = make_leaf(authority, base, NOW)
        leaf_file.write_bytes(leaf.public_bytes(Encoding.PEM))
        command = ["openssl", "verify", "-x509_strict", "-CAfile", str(ca), str(leaf_file)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert openssl("assay.localhost").returncode == 0
    refused = openssl(name)
    assert refused.returncode != 0
    assert "permitted subtree violation" in refused.stderr


@pytest.mark.interop
@pytest.mark.browser
@pytest.mark.slow
async def test_chromium_refuses_a_strangers_certificate_that_it_signed(home: Path, tmp_path: Path) -> None:
    authority = make_authority("assay.localhost", NOW)
    ca = tmp_path / "authority.pem"
    ca.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    trust(home, "--ca", str(ca), "--user-only")
    leaf, key = make_leaf(authority, "stranger.localhost", NOW)
    pem = tmp_path / "leaf.pem"
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(leaf.public_bytes(Encoding.PEM) + plain)
    server = await asyncio.create_subprocess_exec(
        *("openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", str(pem), "-www"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert server.stdout is not None
        port = 0
        while not port:
            line = (await server.stdout.readline()).decode()
            assert line, "openssl s_server ended"
            port = int(line.rpartition(":")[2]) if line.startswith("ACCEPT") else 0
        async with async_playwright() as playwright:
            environment: dict[str, str | float | bool] = {**os.environ, "HOME": str(home)}
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"], env=environment
            )
            page = await browser.new_page()
            with pytest.raises(Error, match=r"ERR_CERT_(INVALID|AUTHORITY_INVALID|NAME_CONSTRAINT_VIOLATION)"):
                await page.goto(f"https://stranger.localhost:{port}/")
            await browser.close()
    finally:
        server.terminate()
        await server.wait()


@pytest.mark.interop
@pytest.mark.browser
@pytest.mark.slow
async def test_curl_and_chromium_take_the_page_without_a_flag_and_nothing_stays(
    installed: Installation, home: Path
) -> None:
    # The system's store belongs to root; whoever is not has the browsers' stores only.
    system = os.geteuid() == 0
    scope = () if system else ("--user-only",)
    before = system_store()
    url = f"{installed.id_origin}/sign-in"
    curl = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", url]
    refused = await asyncio.to_thread(subprocess.run, curl, capture_output=True, check=False)
    assert refused.returncode == 60, "not trusted yet"
    try:
        said = await asyncio.to_thread(trust, home, "--data", str(installed.data), *scope)
        assert ("update-ca-certificates" in said) is system
        if system:
            taken = await asyncio.to_thread(subprocess.run, curl, capture_output=True, text=True, check=True)
            assert taken.stdout == "200"
        async with async_playwright() as playwright:
            environment: dict[str, str | float | bool] = {**os.environ, "HOME": str(home)}
            browser = await playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"], env=environment
            )
            page = await browser.new_page()
            answer = await page.goto(url)
            assert answer is not None
            assert answer.ok
            await browser.close()
        again = await asyncio.to_thread(trust, home, "--data", str(installed.data), *scope)
        assert again.count("trusted already") == 1 + system
    finally:
        await asyncio.to_thread(trust, home, "--data", str(installed.data), *scope, "--remove")
    assert system_store() == before
    refused = await asyncio.to_thread(subprocess.run, curl, capture_output=True, check=False)
    assert refused.returncode == 60


@pytest.mark.browser
@pytest.mark.slow
def test_a_page_whose_certificate_was_clicked_away_says_why_there_is_no_passkey(home: Path, tmp_path: Path) -> None:
    """Chromium refuses them so on every domain but localhost; with a virtual authenticator it would not."""
    flags = ["--no-sandbox", "--headless=new", "--host-resolver-rules=MAP * 127.0.0.1"]
    options = ("--base-domain", "company.example")
    with installation(tmp_path, port=free_port(), options=options) as installed, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), headless=False, args=flags, env={**os.environ, "HOME": str(home)}
        )
        page = browser.new_page()
        with pytest.raises(SyncError, match="ERR_CERT_AUTHORITY_INVALID"):
            page.goto(installed.owner_link())
        # The page of before is complete too, and may still stand there when the visit has failed already.
        page.wait_for_function("() => location.protocol === 'chrome-error:' && document.readyState === 'complete'")
        # What Chromium takes on its warning in the place of two clicks.
        page.keyboard.type("thisisunsafe")
        page.get_by_role("button", name="Begin").click()
        page.get_by_label("Name of the passkey").fill("Test key")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("alert").filter(has_text="does not trust the certificate")).to_be_visible()
        browser.close()
