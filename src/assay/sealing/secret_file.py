"""A file that holds one secret in one line, for its owner's eyes only."""

import os
import stat
from pathlib import Path
from typing import Final

from assay.values import AssayError

_LARGEST: Final = 4096
_CREDENTIAL: Final = 0o440


def secret_of(file: Path) -> str:
    """The secret; raises AssayError where the file is missing, empty or open to others."""
    try:
        with file.open("rb") as opened:
            status = os.fstat(opened.fileno())
            content = opened.read(_LARGEST)
    except OSError as error:
        raise AssayError(
            f"{file} cannot be read: {error.strerror}", remedy="write the secret into it, for the service's user alone"
        ) from error
    if exposed(status):
        raise AssayError(
            f"{file} can be read by others (mode {stat.S_IMODE(status.st_mode):04o})",
            remedy=f"run: chmod 600 {file} - and change the secret if somebody may have read it",
        )
    try:
        secret = content.decode().strip()
    except UnicodeDecodeError:
        secret = ""
    if not secret or "\n" in secret:
        raise AssayError(f"{file} does not hold one line of text", remedy="write the secret into it, in one line")
    return secret


def exposed(status: os.stat_result) -> bool:
    """Whether others than its owner and root reach a file with this status.

    0440 of root and its group is how a credential of systemd's shows: the access control list by which the service's
    user reads it stands where the group's bits are (acl(5), its mask).
    """
    if status.st_uid == status.st_gid == 0 and stat.S_IMODE(status.st_mode) == _CREDENTIAL:
        return False
    return bool(status.st_mode & 0o077)
