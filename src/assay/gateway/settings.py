"""What the gateway is told: where it listens, which apps stand behind it, and where they are."""

import re
import socket
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from assay.values import AppId, InvalidInputError, Value

# sockaddr_un holds 108 bytes with the closing zero (unix(7)).
_LONGEST_SOCKET_PATH = 107
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_RESERVED_LABELS = frozenset({"id", "console", "device", "www"})


class Upstream(Value, frozen=True, kw_only=True):
    """Where an app listens: a host and port, with TLS or without, or a unix socket."""

    host: str = ""
    port: int = 0
    tls: bool = False
    socket_path: str = ""

    @property
    def is_address(self) -> bool:
        """Whether `host` is an IP address, so that nothing needs to be resolved."""
        try:
            ip_address(self.host)
        except ValueError:
            return False
        return True


class ProtectedApp(Value, frozen=True, kw_only=True):
    """One app behind the gateway; `host` is one label below the base domain, without port."""

    app_id: AppId
    name: str
    host: str
    upstream: Upstream
    # The Host header the app gets; "" keeps the one the person typed.
    upstream_host: str = ""
    # Passes paths on that are not canonical (path parameters, doubled slashes): for apps that need them.
    any_path: bool = False


class GatewaySettings(Value, frozen=True, kw_only=True):
    """Addresses, certificates and sockets of one gateway; `directory` is generated and disposable."""

    base_domain: str
    port: int
    # The port people type, where something in front maps it (443 → 8443); 0: the same.
    public_port: int = 0
    addresses: tuple[str, ...] = ("127.0.0.1",)
    certificate: Path
    private_key: Path
    directory: Path
    run_directory: Path
    check_sockets: tuple[Path, ...]
    pages_socket: Path
    # Labels below the base domain whose requests go to our own pages, without a check.
    pages_labels: tuple[str, ...] = ("id",)
    envoy_binary: Path | None = None
    concurrency: int = 1
    check_timeout_ms: int = 2_000
    max_connections: int = 20_000

    @property
    def authority_port(self) -> str:
        """What follows the host in an authority: "" for 443."""
        port = self.public_port or self.port
        return "" if port == 443 else f":{port}"

    @property
    def admin_socket(self) -> Path:
        return self.run_directory / "envoy-admin.sock"

    @property
    def is_localhost(self) -> bool:
        return self.base_domain == "localhost" or self.base_domain.endswith(".localhost")


def parse_upstream(url: str) -> Upstream:
    """Read `http://host:port`, `https://host[:port]` or `unix:///path`; raises InvalidInputError."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        if parts.netloc or not parts.path.startswith("/") or len(parts.path) > _LONGEST_SOCKET_PATH:
            raise InvalidInputError(f"not a unix socket: {url}", remedy="write unix:///run/app/app.sock")
        return Upstream(socket_path=parts.path)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidInputError(f"not an app's address: {url}", remedy="write http://127.0.0.1:3000")
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None:
        raise InvalidInputError(f"only host and port, no path or user: {url}")
    try:
        port = parts.port
    except ValueError as error:
        raise InvalidInputError(f"not a port: {url}") from error
    tls = parts.scheme == "https"
    return Upstream(host=parts.hostname, port=port or (443 if tls else 80), tls=tls)


def app_host(label: str, settings: GatewaySettings) -> str:
    """The host of an app of this name, one label below the base; raises InvalidInputError."""
    if not _LABEL.fullmatch(label) or label in _RESERVED_LABELS | set(settings.pages_labels):
        raise InvalidInputError(f"not a name for a host: {label}", remedy="use letters, digits and hyphens")
    return f"{label}.{settings.base_domain}"


def check_settings(settings: GatewaySettings) -> None:
    """Refuse what the kernel would refuse later with a worse message; raises InvalidInputError."""
    for path in (settings.admin_socket, settings.pages_socket, *settings.check_sockets):
        if len(str(path).encode()) > _LONGEST_SOCKET_PATH:
            raise InvalidInputError(
                f"the path of a socket is too long: {path}", remedy="choose a shorter data directory"
            )
    if not settings.check_sockets or not settings.addresses:
        raise InvalidInputError("a gateway needs an address to listen on and a check to ask")


def loopback_addresses() -> tuple[str, ...]:
    """127.0.0.1, and ::1 where this machine has it."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return ("127.0.0.1",)
    return ("127.0.0.1", "::1")
