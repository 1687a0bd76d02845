"""The cut: take a downstream socket out of our child Envoy and reset it, whatever protocol it carries."""

import ctypes
import os
import re
import socket
import struct
import time
from collections.abc import Iterable
from pathlib import Path

from assay.gateway.connections import TcpSocket
from assay.gateway.socket_table import SocketTable
from assay.values import Reason, Value

_PIDFD_GETFD = 438  # the same number on every architecture (unistd.h, Linux 5.6)
_UNSPECIFIED = struct.pack("=H14x", socket.AF_UNSPEC)
_LIBC = ctypes.CDLL(None, use_errno=True)


class CutFailure(Value, frozen=True, kw_only=True):
    """A connection that is open and could not be cut, and why."""

    socket: TcpSocket
    reason: Reason


class CutReport(Value, frozen=True, kw_only=True):
    """What a cut did: connections reset, those that were gone already, and those that stayed open.

    `microseconds` holds one figure per connection reset: from the start of its search to its reset.
    """

    count: int = 0
    already_gone: int = 0
    failures: tuple[CutFailure, ...] = ()
    microseconds: tuple[int, ...] = ()


class Cutter:
    """Resets connections of one Envoy; made anew when Envoy is started anew.

    Needs Linux 5.6 and the right to trace the child: an ordinary user has it for children of its own.
    """

    def __init__(self, pid: int, table: SocketTable) -> None:
        self._pid = pid
        self._table = table
        self._pidfd = os.pidfd_open(pid)
        self._polls: tuple[str, ...] = ()

    def close(self) -> None:
        os.close(self._pidfd)

    def cut(self, sockets: Iterable[TcpSocket]) -> CutReport:
        """Reset each; never raises, and a connection that stays open is in `failures`."""
        gone, failures, took = 0, [], []
        for one in sockets:
            start = time.perf_counter_ns()
            try:
                found = self._reset(one)
            except OSError as error:
                reason = Reason.of("cut_failed", error=os.strerror(error.errno or 0), step=str(error.filename or ""))
                failures.append(CutFailure(socket=one, reason=reason))
                continue
            if found:
                took.append((time.perf_counter_ns() - start) // 1000)
            else:
                gone += 1
        return CutReport(count=len(took), already_gone=gone, failures=tuple(failures), microseconds=tuple(took))

    def _reset(self, wanted: TcpSocket) -> bool:
        """Whether there was something to reset. Raises OSError naming the step that failed."""
        inode = self._table.inode_of(wanted)
        if inode is None:
            return False
        descriptor = self._descriptor_of(inode)
        if descriptor is None:
            # Envoy closed it between the two looks, or the kernel shows us a socket that is not Envoy's.
            if self._table.inode_of(wanted) is None:
                return False
            raise OSError(9, "not a socket of Envoy", "find")
        duplicate = _LIBC.syscall(_PIDFD_GETFD, self._pidfd, descriptor, 0)
        if duplicate < 0:
            raise OSError(ctypes.get_errno(), "pidfd_getfd", "pidfd_getfd")
        with socket.socket(fileno=duplicate) as taken:
            # The number may have been given to another socket since: only what we hold now counts.
            if not _is(taken, wanted):
                if self._table.inode_of(wanted) is None:
                    return False
                raise OSError(16, "the descriptor was used again", "verify")
            if _LIBC.connect(taken.fileno(), _UNSPECIFIED, len(_UNSPECIFIED)) != 0:
                raise OSError(ctypes.get_errno(), "connect", "connect")
        return True

    def _descriptor_of(self, inode: int) -> int | None:
        """Envoy's descriptor with this inode: one read of its epoll table, or the slow way round."""
        for again in (False, True):
            if again or not self._polls:
                self._polls = self._find_polls()
            for poll in self._polls:
                found = _in_poll(Path(f"/proc/{self._pid}/fdinfo/{poll}"), inode)
                if found is not None:
                    return found
        return self._in_descriptors(inode)

    def _find_polls(self) -> tuple[str, ...]:
        directory = Path(f"/proc/{self._pid}/fd")
        return tuple(link.name for link in directory.iterdir() if _target(link) == "anon_inode:[eventpoll]")

    def _in_descriptors(self, inode: int) -> int | None:
        """A socket whose events Envoy has switched off for now is in no epoll table."""
        directory, wanted = Path(f"/proc/{self._pid}/fd"), f"socket:[{inode}]"
        for link in directory.iterdir():
            if _target(link) == wanted:
                return int(link.name)
        return None


def _in_poll(fdinfo: Path, inode: int) -> int | None:
    """The line `tfd: 27 events: … ino:1a2b sdev:8` of an epoll's fdinfo (proc_pid_fdinfo(5))."""
    try:
        table = fdinfo.read_bytes()
    except FileNotFoundError:
        return None
    at = table.find(b" ino:%x " % inode)
    if at < 0:
        return None
    line = re.match(rb"tfd:\s*(\d+)", table[table.rfind(b"\n", 0, at) + 1 : at])
    return int(line[1]) if line else None


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""


def _is(taken: socket.socket, wanted: TcpSocket) -> bool:
    try:
        peer, local = taken.getpeername(), taken.getsockname()
    except OSError:
        return False
    return (peer[0], peer[1], local[0], local[1]) == (
        wanted.peer_ip,
        wanted.peer_port,
        wanted.local_ip,
        wanted.local_port,
    )
