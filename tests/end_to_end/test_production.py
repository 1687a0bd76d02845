"""`assay up --config` as in production: a real domain, certificate files, PostgreSQL, mail; its certificate changes."""

import asyncio
import signal
import socket
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from tests.end_to_end.installation import Installation
from tests.end_to_end.person import Person
from tests.end_to_end.upstream import echoing
from tests.gateway.pki import Authority, Pair, authority_now, key_pem, new_key
from tests.https_client import https_client
from tests.ports import free_port
from tests.postgres import Cluster

DOMAIN = "company.example"
NAMES = (DOMAIN, f"*.{DOMAIN}")


class Production(Installation):
    """One that people reach by https://id.company.example, without a port."""

    @property
    def id_origin(self) -> str:
        return f"https://id.{DOMAIN}"

    def app_origin(self, name: str) -> str:
        return f"https://{name}.{DOMAIN}"

    @property
    def authority(self) -> Path:
        return self.directory / "root.pem"


def production(directory: Path, more: str = "", listen: str = '"127.0.0.1"') -> Production:
    port = free_port()
    config = directory / "assay.toml"
    config.write_text(
        f'[server]\nbase_domain = "{DOMAIN}"\nlisten = [{listen}]\nport = {port}\npublic_port = 443\n'
        f'[tls]\ncertificate = "fullchain.pem"\nprivate_key = "privkey.pem"\n{more}'
    )
    return Production(directory, port=port, options=("--config", str(config)))


async def served(installed: Production) -> int:
    """The serial of the certificate that a new connection meets."""
    return await asyncio.to_thread(_met, installed)


def _met(installed: Production) -> int:
    trusted = ssl.create_default_context(cafile=str(installed.authority))
    with (
        socket.create_connection(("127.0.0.1", installed.port), 30) as plain,
        trusted.wrap_socket(plain, server_hostname=f"id.{DOMAIN}") as connection,
    ):
        shown = connection.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown).serial_number


@pytest.mark.slow
async def test_a_company_is_served_and_its_certificate_changes_under_load(
    tmp_path: Path, postgres_cluster: Cluster
) -> None:
    authority = authority_now()
    pair = authority.write(tmp_path, NAMES)
    password = tmp_path / "database-password"
    password.write_text("not asked for\n")
    password.chmod(0o600)
    installed = production(
        tmp_path,
        f'[database]\nurl = "{postgres_cluster.new_database()}"\npassword = "database-password"\n'
        f'[mail]\ntransport = "file"\ndirectory = "mail"\nsender = "assay@{DOMAIN}"\n',
        listen='"127.0.0.1", "::1"',
    )
    try:
        installed.start()
        assert not any("Certificate authority" in line for line in installed.printed), "ours is not in use"
        assert any(f"Assay is up on https://id.{DOMAIN} after" in line for line in installed.printed)
        with echoing(tmp_path / "app") as listening:
            installed.run("apps", "protect", f"unix://{listening}", "--name", "wiki")
            owner = Person(installed, "owner")
            link = installed.owner_link()
            assert link.startswith(f"https://id.{DOMAIN}/enrol/")
            await owner.enrol(link)
            answer = await owner.open("wiki", "/page")
            assert answer.text.startswith("GET /page")
            assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
            assert {cookie.domain for cookie in owner.client.cookies.jar} <= {f"id.{DOMAIN}", f"wiki.{DOMAIN}"}

            async with https_client(f"[::1]:{installed.port}", installed.authority, http2=True) as second:
                second.cookies = owner.client.cookies
                reached = await second.get(f"https://wiki.{DOMAIN}/over-ipv6")
                assert (reached.http_version, reached.text.split("\n")[0].strip()) == (
                    "HTTP/2",
                    "GET /over-ipv6 HTTP/1.1",
                )
            await _change_under_load(installed, owner, authority=authority, pair=pair)
            await owner.client.aclose()
        shown = installed.run("doctor", code=1)
        assert "a newer one is not used: it is not for company.example" in shown
        assert "request one for company.example and *.company.example" in shown
        assert "not asked for" not in installed.run("doctor", "--json", code=1)
    finally:
        installed.stop()


async def _change_under_load(installed: Production, owner: Person, *, authority: Authority, pair: Pair) -> None:
    done, statuses = asyncio.Event(), []

    async def load() -> None:
        while not done.is_set():
            async with https_client(installed.address, installed.authority) as fresh:
                fresh.cookies = owner.client.cookies
                statuses.append((await fresh.get(f"https://wiki.{DOMAIN}/load")).status_code)

    workers = [asyncio.create_task(load()) for _ in range(2)]
    for change in range(3):
        pair.replace(authority, NAMES)
        if change == 1:
            assert installed.process is not None
            installed.process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(60):
            while await served(installed) != pair.serial:
                pass
    good = pair.serial
    pair.replace(authority, ("other.example",))
    async with asyncio.timeout(60):
        while "a newer one is not used" not in await asyncio.to_thread(_doctor, installed):
            pass
    assert await served(installed) == good
    async with asyncio.timeout(60):
        while len(statuses) <= 10:
            assert await served(installed) == good
    done.set()
    await asyncio.gather(*workers)
    assert set(statuses) == {200}
    # A connection that was there before the first change is still good.
    assert (await owner.fetch("wiki", "/still")).status_code == 200


def _doctor(installed: Production) -> str:
    return installed.run("doctor", code=1)


@pytest.mark.slow
async def test_a_certificate_that_has_ended_keeps_nobody_from_administering(tmp_path: Path) -> None:
    pair = authority_now().write(tmp_path, NAMES, ends=timedelta(minutes=-5))
    installed = production(tmp_path)
    try:
        installed.start()
        assert "has ended" in "".join(installed.printed)
        shown = installed.run("doctor", code=1)
        assert "ended" in shown
        assert "renew it" in shown
        assert "owner" in installed.run("users", "list")
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            await served(installed)
        authority = authority_now()
        pair.replace(authority, NAMES)
        authority.write_root(tmp_path)
        async with asyncio.timeout(60):
            while await _serial(installed) != pair.serial:
                pass
    finally:
        installed.stop()


async def _serial(installed: Production) -> int:
    try:
        return await served(installed)
    except ssl.SSLCertVerificationError:
        return 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("names", "request one for company.example and *.company.example"),
        ("key", "give the key with which this certificate was requested"),
        ("missing", "cannot be read"),
    ],
)
def test_a_certificate_of_no_use_is_refused_before_anything_starts(change: str, words: str, tmp_path: Path) -> None:
    authority = authority_now()
    pair = authority.write(tmp_path, ("other.example",) if change == "names" else NAMES)
    if change == "key":
        pair.private_key.write_bytes(key_pem(new_key()))
    elif change == "missing":
        pair.certificate.unlink()
    with pytest.raises(AssertionError, match="assay up ended") as caught:
        production(tmp_path).start()
    assert words in str(caught.value)
    assert "Traceback" not in str(caught.value)
