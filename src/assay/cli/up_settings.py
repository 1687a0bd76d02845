"""The service's settings from the configuration file and the options that win over it."""

from datetime import timedelta
from pathlib import Path

from assay.access.standing import OutageLimits
from assay.configuration.read import read_configuration
from assay.configuration.sections import Configuration, ServerSection
from assay.configuration.where import places_of
from assay.gateway.acme_order import AcmeAccount
from assay.identities.methods.password import PasswordRules
from assay.identities.methods.reset import ResetSettings
from assay.places import default_data
from assay.sealing.secret_file import secret_of
from assay.server.settings import ServiceSettings, TlsFiles
from assay.store.database_url import shown, with_password
from assay.values import Value
from assay.values.listen_address import ListenAddress, parse_listen_address


class Options(Value, frozen=True, kw_only=True):
    """What was said on the command line; None: nothing."""

    data: Path | None = None
    master_key: Path | None = None
    database: str | None = None
    base_domain: str | None = None
    port: int | None = None
    forward_auth: str | None = None
    gateway: bool = True


def composed(
    configuration: Configuration, options: Options, *, file: Path | None, demo: bool
) -> tuple[ServiceSettings, tuple[str, ...]]:
    """The settings, and a line for each option that was taken instead of what the file says; raises AssayError."""
    server = configuration.server
    data = options.data or server.data or default_data(demo=demo)
    settings = ServiceSettings(
        places=places_of(configuration, data, master_key=options.master_key),
        base_domain=(options.base_domain or server.base_domain).lower(),
        port=options.port or server.port,
        database=options.database if options.database is not None else _database(configuration),
        demo=demo,
        node=configuration.node.name,
        mail=configuration.mail,
        assertion_keys_for=timedelta(days=configuration.keys.assertion_days),
        passwords=PasswordRules(minimum=configuration.passwords.minimum),
        resets=ResetSettings(
            waiting=timedelta(hours=configuration.resets.waiting_hours),
            lifetime=timedelta(hours=configuration.resets.lifetime_hours),
            link=timedelta(minutes=configuration.resets.link_minutes),
        ),
        outage=OutageLimits(existing_sessions=timedelta(minutes=configuration.node.outage_minutes)),
        # Without a file: this machine alone, on the loopback addresses that it has.
        listen=server.listen if file is not None else (),
        public_port=server.public_port,
        trusted_proxies=server.trusted_proxies,
        proxy_protocol=server.proxy_protocol,
        envoy=server.envoy,
        gateway=options.gateway,
        forward_auth=_forward_auth(options.forward_auth or configuration.forward_auth.listen),
        tls=_tls(configuration),
        invariants=configuration.policy.invariants,
        configuration=None if file is None else file.absolute(),
    )
    return settings, () if file is None else _won(configuration, options, file)


def stopped(config: Path | None, options: Options) -> ServiceSettings:
    """The settings of a service that does not run, for commands that work on what it left; raises AssayError."""
    configuration = Configuration() if config is None else read_configuration(config)
    return composed(configuration, options, file=config, demo=False)[0]


def _tls(configuration: Configuration) -> TlsFiles | AcmeAccount | None:
    tls = configuration.tls
    if tls.acme is not None:
        key = tls.acme.eab_hmac_key
        return AcmeAccount(
            directory_url=tls.acme.directory_url,
            hook=tls.acme.hook,
            email=tls.acme.email,
            eab_key_id=tls.acme.eab_key_id,
            eab_hmac_key="" if key is None else secret_of(key),
            server_authority=tls.acme.server_authority,
        )
    if tls.certificate is None or tls.private_key is None:
        return None
    return TlsFiles(certificate=tls.certificate, private_key=tls.private_key)


def _forward_auth(text: str) -> ListenAddress | None:
    return parse_listen_address(text) if text else None


def _database(configuration: Configuration) -> str:
    url, password = configuration.database.url, configuration.database.password
    return url if password is None else with_password(url, secret_of(password))


def _won(configuration: Configuration, options: Options, file: Path) -> tuple[str, ...]:
    server, default = configuration.server, ServerSection()
    pairs: tuple[tuple[str, object, str, object, object], ...] = (
        ("--data", options.data, "data", server.data, None),
        ("--master-key", options.master_key, "master_key", configuration.keys.master_key, None),
        ("--database", shown(options.database or ""), "url", shown(configuration.database.url), ""),
        ("--base-domain", options.base_domain, "base_domain", server.base_domain, default.base_domain),
        ("--forward-auth", options.forward_auth, "listen", configuration.forward_auth.listen, ""),
        ("--port", options.port, "port", server.port, default.port),
    )
    return tuple(
        f"{option} {given} is used, not {key} = {configured} of {file}"
        for option, given, key, configured, unset in pairs
        if given and configured not in (given, unset)
    )
