"""Where the pages are served: the base domain, the port, and the hosts and origins that follow from them."""

from urllib.parse import urlsplit

from assay.values import Value

HTTPS_PORT = 443


class PagesSettings(Value, frozen=True, kw_only=True):
    """`base_domain` in lower case such as `example.com`; `port` as browsers see it; `organisation` for titles."""

    base_domain: str
    port: int = HTTPS_PORT
    organisation: str = "Assay"

    @property
    def id_host(self) -> str:
        """The Host of the person's own pages, as browsers send it."""
        return f"id.{self.base_domain}{self._port}"

    @property
    def origin(self) -> str:
        """The origin of the person's own pages."""
        return f"https://{self.id_host}"

    def is_app_host(self, host: str) -> bool:
        """Whether this Host may be an app's: one label below the base, the same port, and not ours."""
        label, dot, rest = host.partition(".")
        return bool(label and dot) and rest == f"{self.base_domain}{self._port}" and host != self.id_host

    def leads_home(self, location: str) -> bool:
        """Whether a browser may be sent here: a path of our own, or https at a host under the base domain.

        Backslashes and controls are refused because browsers read them as slashes, or not at all (WHATWG URL §4.4).
        """
        if any(character <= " " or character in "\\\x7f" for character in location):
            return False
        if location.startswith("/"):
            return not location.startswith("//")
        try:
            parts = urlsplit(location)
            port = parts.port or HTTPS_PORT
        except ValueError:
            return False
        below = (parts.hostname or "").endswith(f".{self.base_domain}")
        return parts.scheme == "https" and below and port == self.port and "@" not in parts.netloc

    @property
    def _port(self) -> str:
        return "" if self.port == HTTPS_PORT else f":{self.port}"
