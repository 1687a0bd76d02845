"""What the gateway is told: where it listens, which apps stand behind it, and where they are."""

import socket
from ipaddress import ip_network
from pathlib import Path

from assay.apps import Upstream
from assay.values import AppId, InvalidInputError, Value

# sockaddr_un holds 108 bytes with the closing zero (unix(7)).
_LONGEST_SOCKET_PATH = 107
MOST_CONNECTIONS = 20_000


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
    # Origins beside the app's own whose scripts may change things with the person's session.
    allowed_origins: tuple[str, ...] = ()
    # Served by this service itself: however many come, descriptors are left for decisions and the cut.
    built_in: bool = False


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
    # Networks of proxies in front of us (CIDR). Only they are asked, by X-Forwarded-For, whose request they pass on.
    trusted_proxies: tuple[str, ...] = ()
    # Whether those may say it before the handshake as well (PROXY protocol, versions 1 and 2).
    proxy_protocol: bool = False
    concurrency: int = 1
    check_timeout_ms: int = 2_000
    max_connections: int = MOST_CONNECTIONS
    max_memory_bytes: int = 2 << 30

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


def check_settings(settings: GatewaySettings) -> None:
    """Refuse what the kernel would refuse later with a worse message; raises InvalidInputError."""
    for path in (settings.admin_socket, settings.pages_socket, *settings.check_sockets):
        if len(str(path).encode()) > _LONGEST_SOCKET_PATH:
            raise InvalidInputError(
                f"the path of a socket is too long: {path}", remedy="choose a shorter data directory"
            )
    if not settings.check_sockets or not settings.addresses:
        raise InvalidInputError("a gateway needs an address to listen on and a check to ask")
    if settings.proxy_protocol and not settings.trusted_proxies:
        raise InvalidInputError(
            "the PROXY protocol is on, but nobody is trusted to speak it", remedy="name the proxies in trusted_proxies"
        )
    for network in settings.trusted_proxies:
        _check_network(network)


def _check_network(text: str) -> None:
    try:
        network = ip_network(text)
    except ValueError as error:
        raise InvalidInputError(
            f"{text!r} in trusted_proxies is no network: {error}",
            remedy="write CIDR, such as 10.0.0.0/8 or 2001:db8::7",
        ) from error
    if network.prefixlen == 0:
        raise InvalidInputError(
            f"{text!r} in trusted_proxies lets everybody choose their own address",
            remedy="name the networks of your proxies only",
        )


def loopback_addresses() -> tuple[str, ...]:
    """127.0.0.1, and ::1 where this machine has it."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return ("127.0.0.1",)
    return ("127.0.0.1", "::1")
