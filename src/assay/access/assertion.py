"""`Assay-Assertion`: a short-lived JWT that tells one app, and only it, who its visitor is."""

from datetime import datetime, timedelta
from typing import Final

from joserfc import jwt

from assay.access.premises import Addresses
from assay.access.signals import Subject
from assay.apps import App
from assay.sealing import SigningKey
from assay.sessions.assurance import acr, amr
from assay.sessions.session import Session
from assay.values import GroupId, Value

LIFETIME: Final = timedelta(minutes=5)
GROUPS_LIMIT: Final = 100  # headers have a limit; an app that needs more asks the API


class Assertion(Value, frozen=True, kw_only=True):
    """A signed assertion and the instant from which a new one is made (half its life)."""

    token: str
    renew_at: datetime


def sign_assertion(
    key: SigningKey,
    *,
    subject: Subject,
    session: Session,
    app: App,
    addresses: Addresses,
    group_names: dict[GroupId, str],
    at: datetime,
) -> Assertion:
    """Sign the assertion of this session for this app (RFC 7519); `aud` is the app's origin."""
    groups = sorted(group_names[group] for group in subject.principal.groups if group in group_names)
    claims = {
        "iss": addresses.id_origin,
        "aud": addresses.origin(app.host(addresses.base)),
        "sub": subject.user.id,
        "sid": session.id,
        "iat": int(at.timestamp()),
        "exp": int((at + LIFETIME).timestamp()),
        "name": subject.user.display_name,
        "preferred_username": subject.user.user_name,
        "email": subject.user.email,
        "groups": groups[:GROUPS_LIMIT],
        "amr": list(amr(session.proofs)),
        "acr": acr(session.proofs),
        "device": None,  # no device is known to Assay yet; the claim is there so that apps can rely on its name
    }
    token = jwt.encode({"alg": key.algorithm.value, "kid": key.kid, "typ": "JWT"}, claims, key.private)
    return Assertion(token=token, renew_at=at + LIFETIME / 2)
