"""Where an app listens, read from the kernel's socket table and the file system: can it be reached around us."""

import grp
import os
import pwd
import socket
import stat
from ipaddress import ip_address
from pathlib import Path

from assay.apps import Upstream
from assay.apps.reachability import Listener, Reach, reach_of_port, reach_of_socket
from assay.gateway.socket_table import SocketTable

_ROOT = 0


def reach_of(upstream: Upstream) -> Reach:
    """Who can reach what listens there without passing the gateway; may resolve a name, so not on the event loop.

    Raises OSError where the kernel's socket table cannot be read.
    """
    if upstream.path:
        return _of_socket(Path(upstream.path))
    if not _is_here(upstream.host, upstream.port):
        return Reach.ELSEWHERE
    with SocketTable() as table:
        found = table.listeners(upstream.port)
    listeners = [Listener(address=ip_address(each.addresses.local_ip), port=upstream.port) for each in found]
    return reach_of_port(upstream.port, listeners)


def is_ours(upstream: Upstream, *, run_directory: Path, port: int) -> bool:
    """Whether it is one of our own sockets, or our port on this machine; resolves links and names."""
    if upstream.path:
        # realpath(3), because it ends where links go in circles.
        return Path(os.path.realpath(upstream.path)).is_relative_to(os.path.realpath(run_directory))
    return upstream.port == port and (_is_local_name(upstream.host) or _is_here(upstream.host, port))


def _is_local_name(host: str) -> bool:
    """RFC 6761 §6.3; Envoy's resolver knows such names where the host's does not."""
    name = host.rstrip(".").lower()
    return name == "localhost" or name.endswith(".localhost")


def _is_here(host: str, port: int) -> bool:
    """Whether the name means this machine: exactly then can one of its addresses be bound here."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        # UnicodeError: what cannot be written as a name of DNS at all.
        return False
    return any(_can_bind(family, str(address[0])) for family, _, _, _, address in found)


def _can_bind(family: int, address: str) -> bool:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


def _of_socket(path: Path) -> Reach:
    try:
        status = path.stat()
    except OSError:
        return reach_of_socket(exists=False, open_to_others=False)
    if not stat.S_ISSOCK(status.st_mode):
        return reach_of_socket(exists=False, open_to_others=False)
    ours = {_ROOT, os.getuid(), status.st_uid}
    # Linux asks for write permission on the socket itself, and for search permission on every directory above it.
    passable = _open_to_others(status, stat.S_IWGRP, stat.S_IWOTH, ours) and all(
        _open_to_others(directory.stat(), stat.S_IXGRP, stat.S_IXOTH, ours) for directory in path.resolve().parents
    )
    return reach_of_socket(exists=True, open_to_others=passable)


def _open_to_others(status: os.stat_result, group: int, others: int, ours: set[int]) -> bool:
    if status.st_mode & others or status.st_uid not in ours:
        return True
    return bool(status.st_mode & group) and not _members(status.st_gid) <= ours


def _members(gid: int) -> set[int]:
    """Everybody in this group, as a first or a further group; a group without a name has no further members."""
    primary = {user.pw_uid for user in pwd.getpwall() if user.pw_gid == gid}
    try:
        names = grp.getgrgid(gid).gr_mem
    except KeyError:
        return primary
    return primary | {user.pw_uid for user in pwd.getpwall() if user.pw_name in names}
