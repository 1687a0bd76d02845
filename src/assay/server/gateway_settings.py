"""What the gateway is told: of the service's settings, and of the apps that are stored."""

from collections.abc import Iterable
from pathlib import Path

from assay.access.built_in_apps import BUILT_IN
from assay.apps import App
from assay.gateway.open_files import connections_within, most_files
from assay.gateway.settings import MOST_CONNECTIONS, GatewaySettings, ProtectedApp, loopback_addresses
from assay.server.settings import ServiceSettings


def gateway_settings(settings: ServiceSettings, *, certificate: Path) -> GatewaySettings:
    """The gateway's part of the settings; `certificate` holds the private key as well."""
    places = settings.places
    return GatewaySettings(
        base_domain=settings.base_domain,
        port=settings.port,
        public_port=settings.public_port,
        addresses=settings.listen or loopback_addresses(),
        trusted_proxies=settings.trusted_proxies,
        proxy_protocol=settings.proxy_protocol,
        envoy_binary=settings.envoy,
        certificate=certificate,
        private_key=certificate,
        directory=places.envoy,
        run_directory=places.run,
        check_sockets=(places.check_socket,),
        pages_socket=places.pages_socket,
        max_connections=connections_within(most_files(), MOST_CONNECTIONS),
    )


def protected_apps(apps: Iterable[App], base_domain: str) -> tuple[ProtectedApp, ...]:
    """The apps as the gateway serves them; those behind a foreign proxy it does not know."""
    return tuple(
        ProtectedApp(
            app_id=app.id,
            name=app.name,
            host=app.host(base_domain),
            upstream=app.upstream,
            allowed_origins=app.allowed_origins,
            built_in=app.id in BUILT_IN,
        )
        for app in apps
        if app.upstream is not None
    )
