"""The sections of `assay.toml`: every key, its type and what holds without it."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from assay.identities.methods.password import LEAST_CHARACTERS, MAX_CHARACTERS, MIN_CHARACTERS
from assay.messages.settings import MailSettings
from assay.values import Value

DEFAULT_DOMAIN = "assay.localhost"
DEFAULT_PORT = 8443

Port = Annotated[int, Meta(ge=1, le=65535)]
# A path; relative ones start at the file's own directory.
FilePath = Path
# A file that holds a secret: a path, or `credential:NAME` for a file that systemd hands over (systemd.exec(5)).
SecretPath = Annotated[Path, Meta(description="secret")]


class ServerSection(Value, frozen=True, kw_only=True):
    """Names, addresses and ports. `public_port`: what people type, where something in front maps it; 0: the same."""

    base_domain: str = DEFAULT_DOMAIN
    data: FilePath | None = None
    listen: tuple[str, ...] = ("127.0.0.1", "::1")
    port: Port = DEFAULT_PORT
    public_port: Annotated[int, Meta(ge=0, le=65535)] = 0
    trusted_proxies: tuple[str, ...] = ()
    proxy_protocol: bool = False
    envoy: FilePath | None = None


class AcmeSection(Value, frozen=True, kw_only=True):
    """Certificates from an ACME server (RFC 8555); `hook` sets the DNS records of its challenges."""

    directory_url: str
    hook: tuple[str, ...]
    email: str = ""
    agree_to_terms: bool = False
    eab_key_id: str = ""
    eab_hmac_key: SecretPath | None = None
    # Who signed the ACME server's own certificate, where that is no public authority.
    server_authority: FilePath | None = None


class TlsSection(Value, frozen=True, kw_only=True):
    """Certificate files, or ACME; with neither of them the installation's own authority signs."""

    certificate: FilePath | None = None
    private_key: SecretPath | None = None
    acme: AcmeSection | None = None


class DatabaseSection(Value, frozen=True, kw_only=True):
    """`url` "" is SQLite in the data directory; `password` is a file, never the password."""

    url: str = ""
    password: SecretPath | None = None


class KeysSection(Value, frozen=True, kw_only=True):
    """Where the master key lies, never in the data directory; and how many days one key signs assertions."""

    master_key: SecretPath | None = None
    assertion_days: Annotated[int, Meta(ge=1, le=3650)] = 90


class NodeSection(Value, frozen=True, kw_only=True):
    """This node among several on one PostgreSQL; "" is the machine's name.

    `outage_minutes`: how long sessions that are in memory go on while the database does not answer.
    A fraction is one of a minute.
    """

    name: str = ""
    outage_minutes: Annotated[float, Meta(ge=0, le=1440)] = 15


class PasswordsSection(Value, frozen=True, kw_only=True):
    """What a new password must be."""

    minimum: Annotated[int, Meta(ge=LEAST_CHARACTERS, le=MAX_CHARACTERS)] = MIN_CHARACTERS


class ResetsSection(Value, frozen=True, kw_only=True):
    """Method resets by two people: how long one waits for the person to object, stays open, and its link works."""

    waiting_hours: Annotated[int, Meta(ge=1, le=168)] = 4
    lifetime_hours: Annotated[int, Meta(ge=2, le=720)] = 72
    link_minutes: Annotated[int, Meta(ge=10, le=1440)] = 60


class PolicySection(Value, frozen=True, kw_only=True):
    """What must hold whatever policies say: a YAML file of invariants (docs/proofs.md)."""

    invariants: FilePath | None = None


class ForwardAuthSection(Value, frozen=True, kw_only=True):
    """Where nginx, Traefik, Caddy, HAProxy or another Envoy ask before each request; "" is nowhere."""

    listen: str = ""


class LogSection(Value, frozen=True, kw_only=True):
    """What is printed, and where signed checkpoints of the event log go beside the database."""

    level: Literal["debug", "info", "warning", "error"] = "warning"
    checkpoints: FilePath | None = None


class Configuration(Value, frozen=True, kw_only=True):
    """The whole file; `file` is where it was read, None when there is none."""

    server: ServerSection = ServerSection()
    tls: TlsSection = TlsSection()
    database: DatabaseSection = DatabaseSection()
    keys: KeysSection = KeysSection()
    node: NodeSection = NodeSection()
    passwords: PasswordsSection = PasswordsSection()
    resets: ResetsSection = ResetsSection()
    mail: MailSettings = MailSettings()
    log: LogSection = LogSection()
    forward_auth: ForwardAuthSection = ForwardAuthSection()
    policy: PolicySection = PolicySection()
