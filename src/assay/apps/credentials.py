"""Credentials of one app: the secrets that programs present, and what each may do with it."""

import re
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from assay.values import AppId, CredentialId, LocationId, Reason, RoleId, Stored, Value
from assay.values.http_methods import NAMING_OTHER_PATHS
from assay.values.path_scope import covers

# What secret scanners look for: assay_[0-9a-f]{64}.
PREFIX: Final = "assay_"
SECRET_BYTES: Final = 32
SECRET: Final = re.compile(rf"{PREFIX}[0-9a-f]{{{2 * SECRET_BYTES}}}", re.ASCII)
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})  # RFC 9110 §9.2.1 without TRACE
DEFAULT_LIFETIME: Final = timedelta(days=90)
LONGEST_LIFETIME: Final = timedelta(days=366)
CREDENTIALS_LIMIT: Final = 100  # alive, of one app
# A dead one is remembered, so that its use is seen for what it is.
KEEP_DEAD: Final = timedelta(days=90)


class Restrictions(Stored, frozen=True, kw_only=True, omit_defaults=True):
    """What a credential may be used for; None and () restrict nothing. `locations`: named locations, any of them."""

    methods: tuple[str, ...] | None = None
    paths: tuple[str, ...] | None = None
    locations: tuple[LocationId, ...] = ()

    def refusal(self, *, method: str, path: str, upgrade: bool) -> Reason | None:
        """Why this request is beyond it; what is not named is refused, and so is a path that reads two ways."""
        if self.methods is not None:
            # An upgraded connection can write, whatever its methods are.
            writes = upgrade and SAFE_METHODS.issuperset(self.methods)
            if writes or method not in self.methods:
                return Reason.of("credentialMethod", method=method)
        if self.paths is None:
            return None
        if method in NAMING_OTHER_PATHS or not any(covers(scope, path) for scope in self.paths):
            return Reason.of("credentialPath")
        return None


class Credential(Value, frozen=True, kw_only=True):
    """A secret's other half: a service, assigned to its one app by being made for it.

    `role_id`: for the API alone (`assay tokens`), the directory role whose permissions it has; None for every app.
    """

    id: CredentialId
    app_id: AppId
    name: str
    restrictions: Restrictions = Restrictions()
    role_id: RoleId | None = None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def alive(self, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at


def new_secret(random: Callable[[int], bytes]) -> str:
    """A secret of 256 random bits; guessing one is out of reach without any throttle."""
    return PREFIX + random(SECRET_BYTES).hex()


def secret_hash(secret: str) -> bytes:
    """What the store keeps; looking up the hash of 256 random bits leaks nothing about them."""
    return sha256(secret.encode()).digest()


def presented(authorization: str) -> str | None:
    """The credential of ours in an Authorization header (RFC 6750 §2.1), None where the header is the app's business.

    Whatever begins like ours is ours, well-formed or not: it is judged here and never reaches an app.
    """
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    if scheme.lower() == "bearer" and token.startswith(PREFIX):
        return token
    if scheme.lower() == "basic":
        return _in_basic(token)
    # Two headers reach us as one list, and schemes are mistyped: what holds a whole secret is ours. It is good for
    # something only where it is nothing but the secret.
    return authorization if PREFIX in authorization and SECRET.search(authorization) else None


def _in_basic(token: str) -> str | None:
    """A secret sent as a password (RFC 7617 §2), which is all that many programs can send (git, pip, docker)."""
    # As leniently as any app might: alphabet of either kind, other characters and missing padding passed over.
    try:
        text = b64decode(token.replace("-", "+").replace("_", "/") + "==").decode("utf-8", "replace")
    except ValueError:
        return token if SECRET.search(token) else None
    if not SECRET.search(text):
        return token if SECRET.search(token) else None
    password = text.partition(":")[2]
    return password if SECRET.fullmatch(password) else text
