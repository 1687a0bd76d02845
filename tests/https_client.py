"""An HTTPS client for names that getaddrinfo does not know: the address is given, name and certificate stay real."""

import ssl
from pathlib import Path

import httpx


def tls_context(ca_file: Path) -> ssl.SSLContext:
    """Trusts this certificate authority and no other."""
    return ssl.create_default_context(cafile=str(ca_file))


class FixedAddressTransport(httpx.AsyncBaseTransport):
    """Connects every request to one address; Host, SNI and the certificate's name are those of the URL."""

    def __init__(self, address: str, ca_file: Path, *, http2: bool = False) -> None:
        host, _, port = address.rpartition(":")
        self._host, self._port = host.strip("[]"), int(port)
        self._tls, self._http2 = tls_context(ca_file), http2
        # A pool would take connections to one address for connections to one host; their SNI differs.
        self._by_name: dict[str, httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        name = request.url.host
        if name not in self._by_name:
            self._by_name[name] = httpx.AsyncHTTPTransport(verify=self._tls, http2=self._http2)
        return await self._by_name[name].handle_async_request(
            httpx.Request(
                request.method,
                request.url.copy_with(host=self._host, port=self._port),
                headers=request.headers,  # the Host header is in them already, made from the real URL
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": name},
            )
        )

    async def aclose(self) -> None:
        for inner in self._by_name.values():
            await inner.aclose()


def https_client(address: str, ca_file: Path, *, http2: bool = False, timeout: float = 30.0) -> httpx.AsyncClient:
    """A client with its own cookies, like one browser; `address` is ip:port, `timeout` in seconds."""
    return httpx.AsyncClient(
        transport=FixedAddressTransport(address, ca_file, http2=http2),
        headers={"user-agent": BROWSER, "accept": "text/html,application/json;q=0.9,*/*;q=0.8"},
        timeout=timeout,
    )


# A platform that policies of the demo know, so that these tests meet the same decisions as people.
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
