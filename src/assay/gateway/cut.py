"""The cut: take a downstream socket out of our child Envoy and reset it, whatever protocol it carries."""

import contextlib
import ctypes
import errno
import os
import socket
import struct
import time
from collections.abc import Iterable, Iterator

from assay.gateway.connections import TcpSocket
from assay.gateway.descriptors import Descriptors
from assay.gateway.socket_table import SocketTable, scoped
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
        self._table = table
        self._pidfd = os.pidfd_open(pid)
        self._descriptors = Descriptors(pid)

    def close(self) -> None:
        os.close(self._pidfd)

    def refused(self) -> str:
        """Why this host lets no descriptor of Envoy's be taken (kernel, seccomp, ptrace scope); "" where it does."""
        try:
            # Whether we may is judged before whether there is such a descriptor (kernel/pid.c).
            with _taken(self._pidfd, 0):
                return ""
        except OSError as error:
            return f"{error.filename}: {error.strerror}"

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

    def learn_descriptors(self) -> None:
        """Look the descriptors up ahead, so that a cut finds them known. May run on another thread; raises OSError."""
        self._descriptors.refresh()

    def _reset(self, wanted: TcpSocket) -> bool:
        """Whether there was something to reset. Raises OSError naming the step that failed."""
        inode = self._table.inode_of(wanted)
        if inode is None:
            return False
        for descriptor in self._descriptors.candidates(inode):
            with _taken(self._pidfd, descriptor) as socket_taken:
                # The number may have been given to another socket since: only what we hold now counts.
                if socket_taken is not None and _is(socket_taken, wanted):
                    _disconnect(socket_taken)
                    return True
        # Closed between the two looks; or it is there, and is not Envoy's.
        if self._table.inode_of(wanted) is None:
            return False
        raise OSError(errno.EBADF, "not a socket of Envoy", "find")


@contextlib.contextmanager
def _taken(pidfd: int, descriptor: int) -> Iterator[socket.socket | None]:
    """A duplicate of the other process's socket for as long as it is needed; None where there is none now."""
    duplicate = _LIBC.syscall(_PIDFD_GETFD, pidfd, descriptor, 0)
    if duplicate < 0:
        code = ctypes.get_errno()
        if code == errno.EBADF:
            yield None
            return
        raise OSError(code, os.strerror(code), "pidfd_getfd")
    try:
        taken = socket.socket(fileno=duplicate)
    except OSError:
        # No socket any more: the number now belongs to a file or a pipe.
        os.close(duplicate)
        yield None
        return
    with taken:
        yield taken


def _disconnect(taken: socket.socket) -> None:
    """Send a reset and forget the peer: what connect(2) does for TCP when it is given AF_UNSPEC."""
    if _LIBC.connect(taken.fileno(), _UNSPECIFIED, len(_UNSPECIFIED)) != 0:
        raise OSError(ctypes.get_errno(), "connect", "connect")


def _is(taken: socket.socket, wanted: TcpSocket) -> bool:
    try:
        peer, local = taken.getpeername(), taken.getsockname()
    except OSError:
        return False
    return (_end(peer), _end(local)) == ((wanted.peer_ip, wanted.peer_port), (wanted.local_ip, wanted.local_port))


def _end(address: tuple[str, int] | tuple[str, int, int, int]) -> tuple[str, int]:
    """Address and port of one end; of IPv6 the last number is the interface."""
    return (scoped(address[0], address[3]), address[1]) if len(address) == 4 else address[:2]
