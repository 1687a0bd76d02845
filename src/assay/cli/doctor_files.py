"""The files that doctor looks at: who may read them, where they are, until when they hold."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from assay.api.shapes.installation import InstallationShape
from assay.cli.doctor_findings import Finding, Severity, good
from assay.gateway.certificate_expiry import days_told
from assay.sealing.key_file import KeyFile
from assay.sealing.secret_file import exposed
from assay.values import AssayError

OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
# The first one is signed ten seconds after the first event; a minute is late.
FIRST_CHECKPOINT: Final = timedelta(minutes=1)
DATABASE: Final = "assay.db"


def data_finding(data: Path) -> Finding:
    """The data directory and the database in it are their owner's alone."""
    looked_at = [path for path in (data, data / "run", data / DATABASE) if path.exists()]
    if not looked_at:
        return _error("data", f"{data} cannot be seen from here", "run this on the service's machine, as its user")
    # Inside a closed directory, nobody else reaches a file whatever its mode.
    if _is_open(data):
        exposed = [str(path) for path in looked_at if _is_open(path)]
        return _error("data", f"others may read: {', '.join(exposed)}", f"chmod 700 {data}")
    return good("data", f"{data} is its owner's alone")


def key_finding(here: InstallationShape) -> Finding:
    """The master key is its owner's alone, and not beside what it seals."""
    if not here.master_key:
        return good("master key", "it is not a file on this machine")
    path, data = Path(here.master_key), Path(here.data)
    if not path.exists():
        return _error("master key", f"{path} is gone", "restore it from where it was backed up, before a restart")
    return _key_place(path, data) or good("master key", f"{path} is its owner's alone")


def master_key_finding(path: Path, data: Path) -> Finding:
    """The same where no service runs, and whether it is a real key."""
    placed = _key_place(path, data)
    if placed is not None:
        return placed
    try:
        demo = KeyFile(path, data_directory=data).is_demo()
    except AssayError as error:
        return _error("master key", error.message, error.remedy)
    if demo:
        return _error(
            "master key",
            f"{path} holds a demo's keys",
            "start with an empty data directory and a key of its own: assay up --master-key FILE",
        )
    return good("master key", f"{path} is its owner's alone")


def _key_place(path: Path, data: Path) -> Finding | None:
    if exposed(path.stat()):
        return _error("master key", f"others may read {path}", f"chmod 600 {path}")
    if path.resolve().is_relative_to(data.resolve()):
        return _error(
            "master key", f"{path} lies beside what it seals", "move it out of the data directory: a backup holds both"
        )
    return None


def certificate_finding(here: InstallationShape) -> Finding:
    """Until when the gateway's certificate holds."""
    path = Path(here.certificate)
    if here.certificate_problem:
        return _error("certificate", f"a newer one is not used: {here.certificate_problem}", "mend it; it is taken up")
    try:
        ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        return _error("certificate", f"{path} cannot be read: {error}", "name the certificate file in assay.toml")
    left = ends - datetime.now(UTC)
    if left <= timedelta(0):
        return _error("certificate", f"{path} ended {ends:%Y-%m-%d}", "renew it; the gateway takes it up by itself")
    if days_told(ends, datetime.now(UTC)) is not None:
        return Finding(
            check="certificate",
            severity=Severity.WARNING,
            message=f"{path} ends {ends:%Y-%m-%d}",
            fix="renew it; the gateway takes it up by itself",
        )
    return good("certificate", f"it holds until {ends:%Y-%m-%d}")


def checkpoint_finding(here: InstallationShape) -> Finding:
    """Whether the signed checkpoints really reach the file outside the data directory."""
    if not here.checkpoints:
        return Finding(
            check="checkpoints",
            severity=Severity.NOTE,
            message="none is kept outside the database: nobody can find a log that was rewritten as a whole",
            fix="name a file elsewhere, best on another machine",
        )
    path = Path(here.checkpoints)
    running = datetime.now(UTC) - here.started
    if not path.exists() and running > FIRST_CHECKPOINT:
        return _error("checkpoints", f"{path} is not written", f"mkdir -m 700 -p {path.parent}; see the service's log")
    return good("checkpoints", f"they are kept in {path}")


def _is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & OTHERS)


def _error(check: str, message: str, fix: str) -> Finding:
    return Finding(check=check, severity=Severity.ERROR, message=message, fix=fix)
