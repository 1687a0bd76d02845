"""The systemd unit: what systemd's own tools say of it, and the whole service under what it restricts."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.notified import Notified
from tests.ports import free_port

ROOT = Path(__file__).parent.parent.parent
UNIT = ROOT / "packaging" / "systemd" / "assay.service"
BACKUP = ROOT / "packaging" / "systemd" / "assay-backup.service"
PORT_443 = ROOT / "packaging" / "systemd" / "port-443.conf"
CONFINED = Path(__file__).parent / "confined.py"
ASSAY = str(Path(sys.executable).parent / "assay")
NOBODY = 65534


def exposure(unit: Path) -> float:
    """The figure of `systemd-analyze security`: 0 is closed, 10 is open."""
    shown = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager", str(unit)],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", shown.stdout)
    assert found is not None, shown.stdout
    return float(found[1])


@pytest.mark.interop
def test_the_unit_leaves_little_exposed(tmp_path: Path) -> None:
    assert exposure(UNIT) <= 1.3
    with_port = tmp_path / UNIT.name
    with_port.write_text(UNIT.read_text() + PORT_443.read_text())
    assert exposure(with_port) <= 1.6


@pytest.mark.interop
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    """Only the program's place is changed: it has to exist where the unit is verified."""
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/assay/bin/assay", ASSAY))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_nightly_backup_is_of_the_service_and_by_its_program() -> None:
    """Another data directory, or a name that root's PATH has to know, would make a timer that backs nothing up."""
    service, backup = (settings(file) for file in (UNIT, BACKUP))
    assert backup["User"] == service["User"]
    data = [each for each in service["Environment"] if each.startswith("ASSAY_DATA=")]
    assert len(data) == 1
    assert backup["Environment"] == data
    program = service["ExecStart"][0].split()[0]
    assert f"exec {program} backup " in backup["ExecStart"][0]


def settings(unit: Path) -> dict[str, list[str]]:
    """Every setting of a unit, with its values in order."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", unit.read_text(), re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory of nobody's, with a path short enough for sockets."""
    directory = Path(tempfile.mkdtemp(prefix="assay-unit-"))
    os.chown(directory, NOBODY, NOBODY)
    yield directory
    shutil.rmtree(directory)


@pytest.mark.namespaces
@pytest.mark.slow
@pytest.mark.parametrize("privileged", [False, True], ids=["as-it-stands", "port-below-1024"])
def test_the_service_works_under_what_the_unit_restricts(privileged: bool, home: Path) -> None:
    """Above all: with its system calls filtered and as an ordinary user, connections can still be cut."""
    port = free_port(range(600, 1024)) if privileged else free_port()
    config = home / "assay.toml"
    config.write_text(f'[server]\nbase_domain = "company.example"\nport = {port}\nlisten = ["127.0.0.1"]\n')
    config.chmod(0o644)
    units = f"{UNIT}:{PORT_443}" if privileged else str(UNIT)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "ASSAY_DATA": str(home / "data"),
        "WATCHDOG_USEC": "400000",
    }
    with Notified(home / "notify") as notified:
        (home / "notify").chmod(0o777)
        with subprocess.Popen(
            [sys.executable, str(CONFINED), units, str(home), str(NOBODY), ASSAY, "up", "--config", str(config)],
            env=environment | {"NOTIFY_SOCKET": str(home / "notify")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                assert "STATUS=Serving https://id.company.example" in notified.wait_for("READY=1", process)
                if not privileged:
                    notified.wait_for("WATCHDOG=1", process)
                doctor = subprocess.run(
                    [ASSAY, "doctor", "--json"], env=environment, capture_output=True, text=True, timeout=60
                )
                findings = {each["check"]: each for each in json.loads(doctor.stdout)["findings"]}
                assert findings["cut"]["severity"] == "good", findings["cut"]
                service = int(re.findall(r"process (\d+)", findings["service"]["message"])[0])
                os.kill(service, signal.SIGHUP)
                notified.wait_for("RELOADING=1", process)
                notified.wait_for("READY=1", process)
                os.kill(service, signal.SIGTERM)
                notified.wait_for("STOPPING=1", process)
                assert process.wait(60) == 0
            finally:
                process.kill()
            assert process.stdout is not None
            said = process.stdout.read()
    assert "/enrol/" not in said, "what a journal keeps holds no link that makes an owner"
