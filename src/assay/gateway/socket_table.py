"""The kernel's table of TCP sockets, asked over netlink (sock_diag(7)); no privilege is needed."""

import os
import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address
from typing import Self

from assay.gateway.connections import TcpSocket
from assay.values import Value

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_REQUEST, _DUMP = 0x1, 0x300
_LISTEN = 1 << 10
# Every state in which a connection can carry data, and FIN-WAIT: the peer may still read.
_CARRYING = (1 << 1) | (1 << 4) | (1 << 5) | (1 << 8)
_HEADER = struct.Struct("=IHHII")
_REQUEST_V2 = struct.Struct("=BBBBI")
_SOCKET_ID = struct.Struct("!HH16s16s")
_INTERFACE_AND_COOKIE = struct.Struct("=III")
_NO_COOKIE = 0xFFFFFFFF  # INET_DIAG_NOCOOKIE
_ANSWER_TAIL = struct.Struct("=IIIII")  # expires, rqueue, wqueue, uid, inode
_ANSWER_ID_AT, _ANSWER_INTERFACE_AT, _ANSWER_TAIL_AT = 4, 40, 52


class KernelSocket(Value, frozen=True, kw_only=True):
    """One socket of the table: its addresses, inode and owner."""

    addresses: TcpSocket
    inode: int
    uid: int


class SocketTable:
    """One netlink socket, kept open; every call is synchronous and bounded by the kernel's answer."""

    def __init__(self) -> None:
        self._netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG)
        self._netlink.settimeout(1.0)
        self._sequence = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._netlink.close()

    def inode_of(self, wanted: TcpSocket) -> int | None:
        """The inode of our end of this connection (a hash lookup); None when it is gone. Raises OSError."""
        local, peer = ip_address(wanted.local_ip), ip_address(wanted.peer_ip)
        family = socket.AF_INET if local.version == 4 else socket.AF_INET6
        identity = _SOCKET_ID.pack(
            wanted.local_port,
            wanted.peer_port,
            local.packed.ljust(16, b"\0"),
            peer.packed.ljust(16, b"\0"),
        )
        # The kernel binds a connection with a link-local peer to its interface, and finds it by that alone.
        interface = peer.scope_id if isinstance(peer, IPv6Address) else None
        self._send(family, 0xFFFFFFFF, identity, _REQUEST, interface=int(interface or 0))
        for found in self._receive():
            # Where the connection is gone, the kernel's lookup falls through to the listening socket.
            if found.addresses == wanted:
                return found.inode or None
        return None

    def carrying(self, port: int) -> set[TcpSocket]:
        """Every connection accepted on this local port that can still carry data. Raises OSError."""
        return {found.addresses for found in self._dump(_CARRYING, port)}

    def listeners(self, port: int) -> list[KernelSocket]:
        """Who listens on this port, on any address. Raises OSError."""
        return list(self._dump(_LISTEN, port))

    def _dump(self, states: int, port: int) -> Iterator[KernelSocket]:
        for family in (socket.AF_INET, socket.AF_INET6):
            identity = _SOCKET_ID.pack(port, 0, bytes(16), bytes(16))
            self._send(family, states, identity, _REQUEST | _DUMP)
            yield from self._receive()

    def _send(self, family: int, states: int, identity: bytes, flags: int, *, interface: int = 0) -> None:
        self._sequence += 1
        place = _INTERFACE_AND_COOKIE.pack(interface, _NO_COOKIE, _NO_COOKIE)
        body = _REQUEST_V2.pack(family, socket.IPPROTO_TCP, 0, 0, states) + identity + place
        header = _HEADER.pack(_HEADER.size + len(body), _SOCK_DIAG_BY_FAMILY, flags, self._sequence, 0)
        self._netlink.send(header + body)

    def _receive(self) -> Iterator[KernelSocket]:
        """The answers to the last request, whole, so that none is left for the next one."""
        answers: list[KernelSocket] = []
        while True:
            datagram = self._netlink.recv(65_536)
            at = 0
            while at + _HEADER.size <= len(datagram):
                length, kind, flags, sequence, _ = _HEADER.unpack_from(datagram, at)
                body = datagram[at + _HEADER.size : at + length]
                at += (length + 3) & ~3
                if sequence != self._sequence:
                    continue
                if kind == _NLMSG_DONE:
                    return iter(answers)
                if kind == _NLMSG_ERROR:
                    return iter(_no_entry(body))
                answers.append(_read(body))
                if not flags & 0x2:
                    return iter(answers)


def _no_entry(body: bytes) -> tuple[KernelSocket, ...]:
    """An error message: "no such socket" is an answer, anything else is an error."""
    code = -int(struct.unpack_from("=i", body)[0])
    if code in (0, 2):
        return ()
    raise OSError(code, os.strerror(code))


def _read(body: bytes) -> KernelSocket:
    family = body[0]
    local_port, peer_port, local, peer = _SOCKET_ID.unpack_from(body, _ANSWER_ID_AT)
    size = 4 if family == socket.AF_INET else 16
    interface, _, _ = _INTERFACE_AND_COOKIE.unpack_from(body, _ANSWER_INTERFACE_AT)
    _, _, _, uid, inode = _ANSWER_TAIL.unpack_from(body, _ANSWER_TAIL_AT)
    return KernelSocket(
        addresses=TcpSocket(
            peer_ip=scoped(str(ip_address(peer[:size])), interface),
            peer_port=peer_port,
            local_ip=scoped(str(ip_address(local[:size])), interface),
            local_port=local_port,
        ),
        inode=inode,
        uid=uid,
    )


def scoped(address: str, interface: int) -> str:
    """The address as Envoy writes it: a link-local one of IPv6 with its interface's number (RFC 4007 §11)."""
    link_local = interface and ":" in address and ip_address(address).is_link_local
    return f"{address}%{interface}" if link_local else address
