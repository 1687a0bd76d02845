"""A second Envoy in front of the gateway, as an operator's load balancer would stand there."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path

from assay.gateway.envoy_process import envoy_binary
from assay.gateway.json_text import Json, JsonObject
from tests.gateway.rig import Rig
from tests.ports import free_port

_TYPE = "type.googleapis.com/envoy.extensions."
_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


class ProxyInFront:
    """`kind`: "http/1.1" and "h2" end TLS and speak that to us; "v1" and "v2" pass TCP on with the PROXY protocol.

    It connects from `address`, which the gateway trusts or not.
    """

    def __init__(self, rig: Rig, directory: Path, kind: str, *, address: str) -> None:
        self.port = free_port()
        self._rig = rig
        self._file = directory / "front.json"
        self._kind = kind
        self._address = address
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self._file.write_text(json.dumps(self._configuration()))
        command = [str(envoy_binary(self._rig.settings)), "--config-path", str(self._file), "--disable-hot-restart"]
        options = ["--concurrency", "1", "--log-level", "critical"]
        self._process = await asyncio.create_subprocess_exec(*command, *options)
        async with asyncio.timeout(60):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    writer.transport.abort()
                    return
                assert self._process.returncode is None, "the proxy in front does not start"
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            await self._process.wait()

    def _configuration(self) -> JsonObject:
        chain = self._tcp() if self._kind in ("v1", "v2") else self._http()
        address: JsonObject = {"socket_address": {"address": "0.0.0.0", "port_value": self.port}}
        listener: JsonObject = {"name": "front", "address": address, "filter_chains": [chain]}
        return {"static_resources": {"listeners": [listener], "clusters": [self._gateway()]}}

    def _tcp(self) -> JsonObject:
        return {"filters": [_filter("network", "tcp_proxy", "TcpProxy", {"stat_prefix": "t", "cluster": "gateway"})]}

    def _http(self) -> JsonObject:
        certificates = self._rig.certificates
        tls: JsonObject = {
            "alpn_protocols": ["h2", "http/1.1"],
            "tls_certificates": [
                {
                    "certificate_chain": {"filename": str(certificates.certificate)},
                    "private_key": {"filename": str(certificates.private_key)},
                }
            ],
        }
        route: JsonObject = {"match": {"prefix": "/"}, "route": {"cluster": "gateway"}}
        # Appends the peer's address to X-Forwarded-For, as every reverse proxy does.
        manager = _filter(
            "network",
            "http_connection_manager",
            "HttpConnectionManager",
            {
                "stat_prefix": "h",
                "use_remote_address": True,
                "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
                "http_filters": [_filter("http", "router", "Router", {})],
            },
        )
        context = {"@type": _TYPE + "transport_sockets.tls.v3.DownstreamTlsContext", "common_tls_context": tls}
        return {
            "transport_socket": {"name": "envoy.transport_sockets.tls", "typed_config": context},
            "filters": [manager],
        }

    def _gateway(self) -> JsonObject:
        endpoint: JsonObject = {"socket_address": {"address": "127.0.0.1", "port_value": self._rig.settings.port}}
        cluster: JsonObject = {
            "name": "gateway",
            "type": "STATIC",
            "upstream_bind_config": {"source_address": {"address": self._address, "port_value": 0}},
            "load_assignment": {
                "cluster_name": "gateway",
                "endpoints": [{"lb_endpoints": [{"endpoint": {"address": endpoint}}]}],
            },
        }
        if self._kind in ("v1", "v2"):
            return cluster | {"transport_socket": _speaks_proxy_protocol(self._kind)}
        protocol = "http2_protocol_options" if self._kind == "h2" else "http_protocol_options"
        options: JsonObject = {
            "@type": f"type.googleapis.com/{_OPTIONS}",
            "explicit_http_config": {protocol: {}},
        }
        return cluster | {
            "typed_extension_protocol_options": {_OPTIONS: options},
            "transport_socket": self._tls_to_gateway(),
        }

    def _tls_to_gateway(self) -> JsonObject:
        context: JsonObject = {
            "@type": _TYPE + "transport_sockets.tls.v3.UpstreamTlsContext",
            "sni": self._rig.host("wiki"),
            "common_tls_context": {
                "alpn_protocols": [self._kind],
                "validation_context": {"trusted_ca": {"filename": str(self._rig.certificates.authority)}},
            },
        }
        return {"name": "envoy.transport_sockets.tls", "typed_config": context}


def _speaks_proxy_protocol(version: str) -> JsonObject:
    raw = {"@type": _TYPE + "transport_sockets.raw_buffer.v3.RawBuffer"}
    context: JsonObject = {
        "@type": _TYPE + "transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport",
        "config": {"version": version.upper()},
        "transport_socket": {"name": "envoy.transport_sockets.raw_buffer", "typed_config": raw},
    }
    return {"name": "envoy.transport_sockets.upstream_proxy_protocol", "typed_config": context}


def _filter(layer: str, name: str, kind: str, config: dict[str, Json]) -> JsonObject:
    package = f"filters.{layer}.{name}.v3"
    return {"name": f"envoy.filters.{layer}.{name}", "typed_config": {"@type": f"{_TYPE}{package}.{kind}", **config}}
