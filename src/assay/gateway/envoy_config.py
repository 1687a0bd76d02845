"""Envoy's whole configuration as files: pure values in, JSON out, each file replaced in one rename."""

import contextlib
import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from assay.gateway.envoy_clusters import app_clusters, own_clusters
from assay.gateway.envoy_listener import listener
from assay.gateway.envoy_routes import route_configuration
from assay.gateway.json_text import Json, JsonObject
from assay.gateway.settings import GatewaySettings, ProtectedApp

BOOTSTRAP, CLUSTERS, ROUTES, SECRETS = "bootstrap.json", "cds.json", "rds.json", "sds.json"

_RUNTIME: JsonObject = {
    # The default of 100 is for expressions that strangers may write; ours are lists of header names.
    "re2.max_program_size.error_level": 2000,
    # A chunk ends where it says it ends, or the request is refused.
    "envoy.reloadable_features.strict_chunk_parsing": True,
    # One connection with a hundred streams takes its turn like a hundred connections.
    "http.max_requests_per_io_cycle": 1,
    # Rapid reset (CVE-2023-44487): a connection of which most streams are given up young is closed.
    "overload.premature_reset_total_stream_count": 500,
    "overload.premature_reset_min_stream_lifetime_seconds": 1,
}


class EnvoyFiles(msgspec.Struct, frozen=True, kw_only=True):
    """File name → content, in the order in which they must appear, and the version Envoy will report."""

    version: str
    contents: tuple[tuple[str, bytes], ...]


def bootstrap(settings: GatewaySettings) -> JsonObject:
    """What Envoy starts with and never changes: the listener, limits, and where the watched files are."""
    return {
        "node": {"id": "assay", "cluster": "assay"},
        # Read, and nothing else: an app's owner can put a link to this socket where their own was (connect(2)).
        "admin": {
            "address": {"pipe": {"path": str(settings.admin_socket), "mode": 0o600}},
            "allow_paths": [{"exact": "/ready"}, {"prefix": "/stats?filter=version_text"}],
        },
        "dynamic_resources": {
            "cds_config": {
                "path_config_source": {"path": str(settings.directory / CLUSTERS)},
                "resource_api_version": "V3",
            }
        },
        "static_resources": {"listeners": [listener(settings)]},
        "overload_manager": _overload(settings),
        "layered_runtime": {"layers": [{"name": "static", "static_layer": _RUNTIME}]},
    }


def _overload(settings: GatewaySettings) -> JsonObject:
    """Bounds of the whole process: connections, and memory, where the streams that hold most of it end first."""
    connections = _monitor(
        "global_downstream_max_connections",
        "downstream_connections.v3.DownstreamConnectionsConfig",
        {"max_active_downstream_connections": settings.max_connections},
    )
    memory = _monitor("fixed_heap", "fixed_heap.v3.FixedHeapConfig", {"max_heap_size_bytes": settings.max_memory_bytes})
    return {
        "refresh_interval": "0.25s",
        "resource_monitors": [connections, memory],
        "buffer_factory_config": {"minimum_account_to_track_power_of_two": 20},
        "actions": [
            _action("shrink_heap", _at(0.80)),
            _action("reset_high_memory_stream", {"scaled": {"scaling_threshold": 0.85, "saturation_threshold": 0.95}}),
            _action("disable_http_keepalive", _at(0.90)),
            _action("stop_accepting_requests", _at(0.98)),
        ],
    }


def _monitor(name: str, kind: str, config: JsonObject) -> JsonObject:
    declared: JsonObject = {"@type": f"type.googleapis.com/envoy.extensions.resource_monitors.{kind}", **config}
    return {"name": f"envoy.resource_monitors.{name}", "typed_config": declared}


def _action(name: str, trigger: JsonObject) -> JsonObject:
    memory: JsonObject = {"name": "envoy.resource_monitors.fixed_heap", **trigger}
    return {"name": f"envoy.overload_actions.{name}", "triggers": [memory]}


def _at(share: float) -> JsonObject:
    return {"threshold": {"value": share}}


def _secret(settings: GatewaySettings) -> JsonObject:
    """The certificate by file names; a rename in its directory makes Envoy read them again."""
    return {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
        "name": "certificate",
        "tls_certificate": {
            "certificate_chain": {"filename": str(settings.certificate)},
            "private_key": {"filename": str(settings.private_key)},
            "watched_directory": {"path": str(settings.certificate.parent)},
        },
    }


def envoy_files(settings: GatewaySettings, apps: Sequence[ProtectedApp]) -> EnvoyFiles:
    """All files for these apps; clusters come before the routes that name them."""
    ordered = sorted(apps, key=lambda app: app.host)
    clusters: list[Json] = [*own_clusters(settings), *app_clusters(settings, ordered)]
    routes: list[Json] = [route_configuration(settings, ordered)]
    version = hashlib.sha256(_encode({"clusters": clusters, "routes": routes})).hexdigest()[:16]
    return EnvoyFiles(
        version=version,
        contents=(
            (BOOTSTRAP, _encode(bootstrap(settings))),
            (SECRETS, _discovery([_secret(settings)], "1")),
            (CLUSTERS, _discovery(clusters, version)),
            (ROUTES, _discovery(routes, version)),
        ),
    )


def _discovery(resources: Sequence[Json], version: str) -> bytes:
    return _encode({"version_info": version, "resources": resources})


def _encode(value: Mapping[str, Json]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1)


def replace_file(path: Path, content: bytes, *, mode: int = 0o600, durable: bool = False) -> None:
    """Write beside and rename over, so that no reader ever sees half a file; unchanged content is left alone.

    `durable`: it outlives a power cut once this returns, for what nobody can make anew.
    """
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == content:
            return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    if durable:
        sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Names that were given or changed in it outlive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
