"""What keeps a service from starting: somebody else's directory, a path too long, a port that is taken."""

import errno
import os
import pwd
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from assay.api.shapes.installation import InstallationShape
from assay.cli.doctor_findings import Finding, Severity, good
from assay.configuration.sections import Configuration, ServerSection
from assay.gateway.port_holder import who_listens
from assay.places import Places

# sockaddr_un holds 108 bytes with the closing zero (unix(7)); this is the longest name that we put into `run`.
_LONGEST_SOCKET_PATH = 107
_LONGEST_SOCKET = "envoy-admin.sock"


def as_started(here: InstallationShape) -> Configuration:
    """What a service without a configuration file was told by its options, as far as it says so."""
    parts = urlsplit(here.url)
    base = (parts.hostname or "").removeprefix("id.")
    listen = here.listen or ServerSection().listen
    return Configuration(
        server=ServerSection(base_domain=base, port=here.port, public_port=parts.port or 443, listen=listen)
    )


def directory_finding(data: Path) -> Finding | None:
    """Why this user cannot use the data directory; None where nothing keeps them from it."""
    try:
        status = data.stat()
    except FileNotFoundError:
        return _above_finding(data)
    except NotADirectoryError:
        return _error(f"{data} cannot be made: there is a file above it", "name another directory with --data")
    except PermissionError:
        return _others(data)
    if not data.is_dir():
        return _error(f"{data} is a file", "name a directory with --data")
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        return _error(f"{data} belongs to {_name(status.st_uid)}, and this is {_name(os.getuid())}", _as(status.st_uid))
    return None


def path_finding(places: Places) -> Finding | None:
    """Whether the names of our sockets fit into what the kernel takes."""
    longest = len(os.fsencode(places.run / _LONGEST_SOCKET))
    if longest <= _LONGEST_SOCKET_PATH:
        return None
    over = longest - _LONGEST_SOCKET_PATH
    return _error(
        f"{places.data} is {over} bytes too long for the sockets in it", "name a shorter directory with --data"
    )


def port_findings(addresses: Sequence[str], port: int) -> Iterator[Finding]:
    """Whether somebody else has the gateway's port; to be asked where no service of ours runs.

    Binds each address for a moment. What only the service's own rights allow is not judged here.
    """
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind((address, port))
                probe.listen(1)
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    yield Finding(
                        check="port",
                        severity=Severity.ERROR,
                        message=f"{address} port {port} is taken{who_listens(port)}",
                        fix="stop the other program, or choose another port with --port",
                    )
                    return
    yield good("port", f"nobody else listens on port {port}")


def _above_finding(data: Path) -> Finding | None:
    try:
        above = next(each for each in data.parents if each.exists())
    except PermissionError:
        return _others(data)
    if os.access(above, os.W_OK | os.X_OK):
        return None
    owner = above.stat().st_uid
    message = f"{data} cannot be made: {above} belongs to {_name(owner)}, and this is {_name(os.getuid())}"
    return _error(message, _as(owner))


def _others(data: Path) -> Finding:
    return _error(
        f"{data} is somebody else's: {_name(os.getuid())} may not look into it",
        "run this as the user that started it (with sudo, if that was root), or name your own directory with --data",
    )


def _as(owner: int) -> str:
    return f"run this as {_name(owner)}, or name a directory of your own with --data"


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"


def _error(message: str, fix: str) -> Finding:
    return Finding(check="data", severity=Severity.ERROR, message=message, fix=fix)
