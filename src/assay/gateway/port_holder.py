"""Who listens on a port, as far as /proc shows it to us."""

import contextlib
from pathlib import Path

from assay.gateway.socket_table import SocketTable


def who_listens(port: int) -> str:
    """` (held by nginx, pid 812)`, or by a user id where its processes are hidden from us, or ""."""
    try:
        with SocketTable() as table:
            listeners = table.listeners(port)
    except OSError:
        return ""
    for found in listeners:
        for process in Path("/proc").glob("[0-9]*"):
            if _holds(process, found.inode):
                return f" (held by {_name(process)}, pid {process.name})"
        return f" (held by a process of user id {found.uid})"
    return ""


def _holds(process: Path, inode: int) -> bool:
    # The process, or one of its descriptors, may be gone before it is read: that says nothing of the others.
    with contextlib.suppress(OSError):
        for link in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                if str(link.readlink()) == f"socket:[{inode}]":
                    return True
    return False


def _name(process: Path) -> str:
    with contextlib.suppress(OSError):
        return (process / "comm").read_text().strip()
    return "a process"
