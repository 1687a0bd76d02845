"""What the service is told at its start."""

from datetime import timedelta
from pathlib import Path

from assay.access.standing import OutageLimits
from assay.gateway.acme_order import AcmeAccount
from assay.identities.guessing import GuessingLimits
from assay.identities.methods.password import PasswordRules
from assay.identities.methods.reset import ResetSettings
from assay.messages.settings import MailSettings
from assay.places import Places
from assay.sessions.session import SessionLimits
from assay.values import Value
from assay.values.listen_address import ListenAddress


class TlsFiles(Value, frozen=True, kw_only=True):
    """The operator's certificate, chain included, and its private key."""

    certificate: Path
    private_key: Path


class ServiceSettings(Value, frozen=True, kw_only=True):
    """`database` "" is SQLite in the data directory; the gateway listens on `port` of the addresses in `listen`.

    `listen` () is loopback. `public_port` is what people type, where something in front maps it to `port`; 0: the same.
    """

    places: Places
    base_domain: str
    port: int
    database: str = ""
    demo: bool = False
    # This node's name among those on one PostgreSQL; "": the machine's.
    node: str = ""
    outage: OutageLimits = OutageLimits()
    session_limits: SessionLimits = SessionLimits()
    guessing: GuessingLimits = GuessingLimits()
    mail: MailSettings = MailSettings()
    passwords: PasswordRules = PasswordRules()
    # How long one key signs assertions before the next takes over.
    assertion_keys_for: timedelta = timedelta(days=90)
    resets: ResetSettings = ResetSettings()
    listen: tuple[str, ...] = ()
    public_port: int = 0
    trusted_proxies: tuple[str, ...] = ()
    proxy_protocol: bool = False
    envoy: Path | None = None
    # False: nobody reaches anything, and the command line works: for what keeps Envoy from starting.
    gateway: bool = True
    # Certificate files, or an ACME server; None: our own authority.
    tls: TlsFiles | AcmeAccount | None = None
    # The owner's invariants; None: there are none.
    invariants: Path | None = None
    # Where foreign proxies ask; None: nowhere.
    forward_auth: ListenAddress | None = None
    # The file that said all this, for doctor.
    configuration: Path | None = None

    @property
    def typed_port(self) -> int:
        """The port in the addresses that people type."""
        return self.public_port or self.port
