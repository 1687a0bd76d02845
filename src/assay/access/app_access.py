"""Public paths, credentials and foreign proxies, as decisions see them: in memory, and true by the change feed."""

from msgspec import field

from assay.apps.credentials import Credential
from assay.apps.proxies import Proxy
from assay.apps.records import credentials, proxies
from assay.governance.public_paths import PublicPath
from assay.governance.records import public_paths
from assay.store import Reader
from assay.values import AppId, CredentialId, SessionId, Value


class AppAccess(Value, frozen=True, kw_only=True):
    """All there is, found by the hash of a secret, by id, and by app; `openings` by what connections are kept under."""

    by_secret: dict[bytes, Credential] = field(default_factory=dict)
    by_id: dict[CredentialId, Credential] = field(default_factory=dict)
    public_paths: dict[AppId, tuple[PublicPath, ...]] = field(default_factory=dict)
    openings: dict[SessionId, PublicPath] = field(default_factory=dict)
    # Who may ask about the apps behind them, by the hash of their secret.
    proxies: dict[bytes, Proxy] = field(default_factory=dict)


def read_app_access(reader: Reader) -> AppAccess:
    """Everything as stored; dead credentials too, so that their use can be told from guessing."""
    by_secret = credentials.every(reader)
    by_app: dict[AppId, tuple[PublicPath, ...]] = {}
    found = public_paths.every(reader)
    for path in found:
        by_app[path.app_id] = (*by_app.get(path.app_id, ()), path)
    return AppAccess(
        by_secret=by_secret,
        by_id={credential.id: credential for credential in by_secret.values()},
        public_paths=by_app,
        openings={path.opening: path for path in found},
        proxies=proxies.by_secret(reader),
    )
