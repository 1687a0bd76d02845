"""Pebble, the ACME server that Let's Encrypt tests clients with, and the DNS server that it asks."""

import json
import os
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

from tests.gateway.pki import key_pem, new_key, pem
from tests.ports import free_port

SECONDS = 60
EAB_KEY_ID = "kid-1"
EAB_HMAC_KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
HOOK = """#!{python}
import json, sys, urllib.request
action, name, value = sys.argv[1:]
open({log!r}, "a").write(" ".join(sys.argv[1:]) + "\\n")
verb = {{"set": "set-txt", "remove": "clear-txt"}}[action]
body = {{"host": name + ".", "value": value}}
urllib.request.urlopen("http://127.0.0.1:{port}/" + verb, json.dumps(body).encode(), timeout=30)
"""


class Pebble:
    """A running authority; `hook` sets records in the DNS server that it asks."""

    def __init__(self, directory: Path, port: int, management: int, dns_management: int) -> None:
        self.directory_url = f"https://127.0.0.1:{port}/dir"
        self.server_authority = directory / "server.pem"
        self.hook = directory / "hook"
        self.hook_log = directory / "hook.log"
        self._management = management
        self.hook.write_text(HOOK.format(python=sys.executable, log=str(self.hook_log), port=dns_management))
        self.hook.chmod(0o755)

    @property
    def hook_calls(self) -> list[list[str]]:
        return [line.split() for line in self.hook_log.read_text().splitlines()] if self.hook_log.exists() else []

    def root(self) -> bytes:
        """Who signs what it issues; a new one at each start."""
        trusted = ssl.create_default_context(cafile=str(self.server_authority))
        url = f"https://127.0.0.1:{self._management}/roots/0"
        with urllib.request.urlopen(url, timeout=30, context=trusted) as answer:
            return bytes(answer.read())


@contextmanager
def pebble(directory: Path, *, binding: bool = False) -> Iterator[Pebble]:
    """Both servers, ready; they end with the block. `binding`: it asks for an external account."""
    port, management, dns, dns_management = (free_port() for _ in range(4))
    running = Pebble(directory, port, management, dns_management)
    _server_certificate(directory)
    settings = {
        "listenAddress": f"127.0.0.1:{port}",
        "managementListenAddress": f"127.0.0.1:{management}",
        "certificate": str(directory / "server.pem"),
        "privateKey": str(directory / "server-key.pem"),
        "httpPort": 5002,
        "tlsPort": 5001,
        "ocspResponderURL": "",
        "externalAccountBindingRequired": binding,
        "externalAccountMACKeys": {EAB_KEY_ID: EAB_HMAC_KEY},
    }
    (directory / "pebble.json").write_text(json.dumps({"pebble": settings}))
    off = ["-http01", "", "-https01", "", "-tlsalpn01", ""]
    commands = (
        ["pebble-challtestsrv", *off, "-dns01", f"127.0.0.1:{dns}", "-management", f"127.0.0.1:{dns_management}"],
        ["pebble", "-config", str(directory / "pebble.json"), "-dnsserver", f"127.0.0.1:{dns}", "-strict"],
    )
    children = []
    with (directory / "pebble.log").open("ab") as log:
        try:
            for command in commands:
                # The library asks again once where a nonce is refused; Pebble would refuse one in twenty by chance,
                # and so twice in a row now and then. It also takes half of an account's proofs of a name again by
                # chance: a second order would not ask for a record each time.
                chance = {"PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_AUTHZREUSE": "0"}
                environment = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", **chance}
                children.append(subprocess.Popen(command, stdout=log, stderr=log, env=environment))
            _until_it_answers(running)
            yield running
        finally:
            for child in children:
                child.kill()
                child.wait()


def _until_it_answers(running: Pebble) -> None:
    end = time.monotonic() + SECONDS
    while True:
        try:
            running.root()
        except OSError:
            assert time.monotonic() < end, (running.hook.parent / "pebble.log").read_text()
            time.sleep(0.02)
        else:
            return


def _server_certificate(directory: Path) -> None:
    key, now = new_key(), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pebble")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now.replace(hour=0, minute=0))
        .not_valid_after(now.replace(year=now.year + 1, day=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (directory / "server.pem").write_bytes(pem(certificate))
    (directory / "server-key.pem").write_bytes(key_pem(key))
