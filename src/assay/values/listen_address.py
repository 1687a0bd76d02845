"""Where something of ours listens beside the gateway: an address of this machine and a port, or a unix socket."""

import re
from ipaddress import ip_address
from typing import Final

from assay.values.base import Value
from assay.values.errors import InvalidInputError

REMEDY: Final = "use ADDRESS:PORT such as 127.0.0.1:8477, or unix:///PATH"
SOCKET_PATH_LIMIT: Final = 107  # sockaddr_un.sun_path on Linux, without its terminating zero
_TCP: Final = re.compile(r"(?:\[([0-9a-fA-F:.%a-z]+)\]|([0-9.]+)):([0-9]{1,5})", re.ASCII)


class ListenAddress(Value, frozen=True, kw_only=True):
    """Exactly one of a TCP address (`host`, an IP address, and `port`) and a unix socket (`path`)."""

    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def stays_here(self) -> bool:
        """Whether only programs of this machine reach it."""
        return bool(self.path) or ip_address(self.host).is_loopback

    def __str__(self) -> str:
        if self.path:
            return f"unix://{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_listen_address(text: str) -> ListenAddress:
    """The address as it was typed; raises InvalidInputError."""
    if text.startswith("unix://"):
        path = text.removeprefix("unix://")
        if not path.startswith("/") or len(path.encode()) > SOCKET_PATH_LIMIT or "\0" in path:
            raise InvalidInputError(f"{text!r} is no path of a socket", remedy=REMEDY)
        return ListenAddress(path=path)
    found = _TCP.fullmatch(text)
    try:
        host, port = (str(ip_address(found[1] or found[2])), int(found[3])) if found is not None else ("", 0)
    except ValueError:
        host, port = "", 0
    if not 0 < port < 65536:
        raise InvalidInputError(f"{text!r} is no address to listen on", remedy=REMEDY)
    return ListenAddress(host=host, port=port)
