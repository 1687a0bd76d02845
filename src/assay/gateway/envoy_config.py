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
}


class EnvoyFiles(msgspec.Struct, frozen=True, kw_only=True):
    """File name → content, in the order in which they must appear, and the version Envoy will report."""

    version: str
    contents: tuple[tuple[str, bytes], ...]


def bootstrap(settings: GatewaySettings) -> JsonObject:
    """What Envoy starts with and never changes: the listener, limits, and where the watched files are."""
    return {
        "node": {"id": "assay", "cluster": "assay"},
        "admin": {"address": {"pipe": {"path": str(settings.admin_socket), "mode": 0o600}}},
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
    name = "envoy.resource_monitors.global_downstream_max_connections"
    config = "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig"
    return {
        "resource_monitors": [
            {
                "name": name,
                "typed_config": {
                    "@type": f"type.googleapis.com/{config}",
                    "max_active_downstream_connections": settings.max_connections,
                },
            }
        ]
    }


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
    clusters: list[Json] = [*own_clusters(settings), *app_clusters(ordered)]
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


def replace_file(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Write beside and rename over, so that no reader ever sees half a file; unchanged content is left alone."""
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == content:
            return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
