"""Where an app really listens: a scheme and a TCP address, or a unix socket."""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from assay.values import InvalidInputError, Value

SOCKET_PATH_LIMIT: Final = 107  # sockaddr_un.sun_path on Linux, without its terminating zero
PORTS: Final = {"http": 80, "https": 443}
REMEDY: Final = "use http://HOST:PORT, https://HOST:PORT or unix:///PATH"
# RFC 1123 §2.1, in lower case, and the underscore that container networks put into names.
_LABEL: Final = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_LONGEST_NAME: Final = 253  # RFC 1035 §2.3.4, without the length octets


class Upstream(Value, frozen=True, kw_only=True):
    """Exactly one of a TCP address (`host`, `port`) and a unix socket (`path`)."""

    tls: bool = False
    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def is_address(self) -> bool:
        """Whether `host` is an IP address, so that no name needs to be resolved."""
        try:
            ip_address(self.host)
        except ValueError:
            return False
        return True

    @property
    def url(self) -> str:
        if self.path:
            return f"unix://{self.path}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"


def parse_upstream(text: str) -> Upstream:
    """The upstream that a URL names; raises InvalidInputError for anything that says more than an address."""
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise InvalidInputError(f"{text!r} is no address: {error}", remedy=REMEDY) from None
    if parts.query or parts.fragment or parts.username is not None or parts.password is not None:
        raise InvalidInputError(f"{text!r} holds more than an address", remedy=REMEDY)
    if parts.scheme == "unix":
        return _socket(text, parts.netloc, parts.path)
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in ("", "/"):
        raise InvalidInputError(f"{text!r} is no address of an app", remedy=REMEDY)
    if port == 0:
        raise InvalidInputError(f"{text!r}: port 0 is no port", remedy=REMEDY)
    return Upstream(tls=parts.scheme == "https", host=parts.hostname, port=port or PORTS[parts.scheme])


def typed_upstream(text: str) -> Upstream:
    """The same as an administrator types it: a host that no resolver can be asked for is refused as well.

    What is stored is read by `parse_upstream`: an app with such a host answers nobody, and nobody else suffers by it.
    """
    upstream = parse_upstream(text)
    named = len(upstream.host) <= _LONGEST_NAME and _NAME.fullmatch(upstream.host)
    if not (upstream.path or upstream.is_address or named):
        raise InvalidInputError(f"{upstream.host!r} is no name of a host", remedy=REMEDY)
    return upstream


def _socket(text: str, netloc: str, path: str) -> Upstream:
    if netloc or not path.startswith("/"):
        raise InvalidInputError(f"{text!r}: a socket's path is absolute", remedy="use unix:///PATH")
    if len(path.encode()) > SOCKET_PATH_LIMIT:
        raise InvalidInputError(
            f"{path!r} is longer than the {SOCKET_PATH_LIMIT} bytes a socket's path may have",
            remedy="put the socket into a directory with a shorter name",
        )
    return Upstream(path=path)
