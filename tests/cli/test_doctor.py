"""Doctor: finds what is wrong, says the fix, and ends with 1 exactly when something is an error."""

import secrets
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from assay.identities.records import users
from tests.cli.conftest import Assay
from tests.ports import free_port

ADMINISTRATOR = "Global Administrator"


def certificate(path: Path, *, days: float) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "assay.localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(secrets.token_bytes(8), "big"))
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))


async def healthy(assay: Assay) -> None:
    certificate(assay.service.certificate, days=90)
    for name in ("alice", "bob"):
        await assay.house.person(name)
        await assay.done("users", "roles", "assign", ADMINISTRATOR, "--user", name)
    assay.house.clock.at = datetime.now(UTC)
    await assay.service.checkpointer.tick(now=True)


async def findings(assay: Assay) -> tuple[int, dict[str, str]]:
    ran = await assay("doctor", "--json")
    found = ran.json["findings"]
    assert isinstance(found, list)
    return ran.code, {each["check"]: each["severity"] for each in found}


async def test_all_is_well(assay: Assay) -> None:
    await healthy(assay)
    code, found = await findings(assay)
    # This house has no way to send messages and no emergency access; what doctor says of those: test_doctor_emergency.
    assert (found.pop("messages"), found.pop("emergency access")) == ("warning", "note")
    # No service stands behind this house, so nothing is set aside for a full disk: tests/outages/test_reserve.py.
    assert found.pop("reserve") == "warning"
    # One disk for everything, as on every small machine; the rest of the machine: test_doctor_matrix.
    assert found.pop("checkpoints' disk") == "note"
    assert found.pop("clock's source") in ("good", "note")
    # The house's clock stands still, and the command may take longer than a clock may be wrong.
    assert found.pop("clock") in ("good", "warning")
    assert (code, set(found.values())) == (0, {"good"}), found
    assert set(found) - {"open files", "ptrace", "envoy", "console", "listen", "disk", "disk space"} == {
        "service",
        "cut",
        "administrators",
        "enrolment links",
        "data",
        "master key",
        "certificate",
        "log",
        "checkpoints",
        "backup",
    }
    told = await assay.done("doctor")
    assert told.out.startswith("ok      service:")


async def test_what_is_open_to_others_or_in_the_wrong_place_is_an_error(assay: Assay) -> None:
    await healthy(assay)
    assay.service.data.chmod(0o755)
    assay.service.master_key.chmod(0o640)
    code, found = await findings(assay)
    assert (code, found["data"], found["master key"]) == (1, "error", "error")
    told = await assay("doctor")
    assert f"chmod 600 {assay.service.master_key}" in told.out


async def test_a_certificate_that_ends_is_told_before_it_does(assay: Assay) -> None:
    await healthy(assay)
    certificate(assay.service.certificate, days=5)
    assert (await findings(assay))[1]["certificate"] == "warning"
    certificate(assay.service.certificate, days=-1)
    code, found = await findings(assay)
    assert (code, found["certificate"]) == (1, "error")


async def test_an_app_that_the_network_reaches_is_an_error(assay: Assay) -> None:
    await healthy(assay)
    with socket.create_server(("0.0.0.0", free_port())) as listener:
        port = listener.getsockname()[1]
        await assay.done("apps", "protect", f"http://127.0.0.1:{port}", "--name", "wiki", "--owner", "alice")
        code, found = await findings(assay)
        assert (code, found["app wiki"]) == (1, "error")
    assert (await findings(assay))[1]["app wiki"] == "warning"


async def test_checkpoints_that_nobody_writes_are_an_error(assay: Assay) -> None:
    await healthy(assay)
    assay.service.checkpoints.unlink()
    code, found = await findings(assay)
    assert (code, found["checkpoints"]) == (1, "error")


async def test_a_wrong_clock_an_open_link_and_an_address_of_a_release_before_are_told(assay: Assay) -> None:
    await healthy(assay)
    await assay.done("users", "add", "carol")
    carol = users.users.update().where(users.users.c.user_name == "carol")
    await assay.house.store.write(lambda t: t.connection.execute(carol.values(email='"carol"@example.com')).rowcount)
    assay.house.clock.advance(minutes=10)
    ran = await assay("doctor")
    told = {line.split(": ")[0]: line for line in ran.out.splitlines()}
    assert ran.code == 0
    assert {"WARNING clock", "note    enrolment links", "WARNING mail addresses"} <= set(told)
    assert "carol" in told["WARNING mail addresses"]
