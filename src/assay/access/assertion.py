"""`Assay-Assertion`: a short-lived JWT that tells one app, and only it, who its visitor is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate, takewhile
from typing import Final

import msgspec
from joserfc import jwt

from assay.access.premises import Addresses
from assay.access.signals import Subject
from assay.apps import App
from assay.apps.credentials import Credential
from assay.sealing import SigningKey
from assay.sessions.assurance import acr, amr
from assay.sessions.session import Session
from assay.values import GroupId, Value

LIFETIME: Final = timedelta(minutes=5)
# How long an app's library keeps the public keys; a rotated key is published for longer than that before it signs.
KEYS_KEPT: Final = timedelta(minutes=5)
# Headers have a limit; an app that needs more asks the API, as `hasgroups` tells it to.
GROUPS_LIMIT: Final = 100
# As they stand in the JSON. With what else an assertion says and its signature, in base64, it stays below the 8 KiB
# that nginx and Apache read of a header.
GROUPS_BYTES_LIMIT: Final = 4_096


class Claims(Value, frozen=True, kw_only=True):
    """What an assertion says of the person to one app; while it is the same, the assertion need not be made anew.

    `groups_cut`: there are more groups than said, so that who is not in one of these may be in it all the same.
    """

    aud: str
    sub: str
    name: str
    preferred_username: str
    email: str
    groups: tuple[str, ...]
    groups_cut: bool = False


class ProgramClaims(Value, frozen=True, kw_only=True):
    """What an assertion says of a program: by which credential it came; it is no person, so nothing of one is said."""

    aud: str
    client_id: str
    client_name: str


class Assertion(Value, frozen=True, kw_only=True):
    """A signed assertion; a new one is made from `renew_at` on (half its life)."""

    token: str
    claims: "Claims | ProgramClaims"
    made_at: datetime
    renew_at: datetime

    def fresh(self, at: datetime) -> bool:
        """Whether it can be handed out at this instant; not after the clock stepped back, it would be of the future."""
        return self.made_at <= at < self.renew_at


def claims_of(subject: Subject, app: App, addresses: Addresses, group_names: dict[GroupId, str]) -> Claims:
    """What this app is told of this person; `aud` is the app's origin."""
    groups = sorted(group_names[group] for group in subject.principal.groups if group in group_names)
    said = groups_that_fit(groups)
    return Claims(
        aud=addresses.origin(app.host(addresses.base)),
        sub=subject.user.id,
        name=subject.user.display_name,
        preferred_username=subject.user.user_name,
        email=subject.user.email,
        groups=said,
        groups_cut=len(said) < len(groups),
    )


def groups_that_fit(names: Sequence[str]) -> tuple[str, ...]:
    """The first of these names, as many as an assertion may say: by number and by size."""
    sizes = accumulate(len(msgspec.json.encode(name)) + len(",") for name in names)
    fit = sum(1 for size in takewhile(lambda size: size <= GROUPS_BYTES_LIMIT, sizes))
    return tuple(names[: min(fit, GROUPS_LIMIT)])


def program_claims(credential: Credential, app: App, addresses: Addresses) -> ProgramClaims:
    """What this app is told of this credential."""
    return ProgramClaims(
        aud=addresses.origin(app.host(addresses.base)), client_id=credential.id, client_name=credential.name
    )


def sign_assertion(
    key: SigningKey, claims: Claims, *, session: Session, addresses: Addresses, at: datetime
) -> Assertion:
    """Sign these claims of a session (RFC 7519)."""
    payload: dict[str, object] = {
        "sub": claims.sub,
        "sid": session.id,
        "name": claims.name,
        "preferred_username": claims.preferred_username,
        "email": claims.email,
        "groups": list(claims.groups),
        "amr": list(amr(session.proofs)),
        "acr": acr(session.proofs, at),
        # Entra's name for it, there only where it is true.
        **({"hasgroups": True} if claims.groups_cut else {}),
        "device": None,  # no device is known to Assay yet; the claim is there so that apps can rely on its name
    }
    return _signed(key, claims, payload, addresses, at)


def sign_program_assertion(key: SigningKey, claims: ProgramClaims, *, addresses: Addresses, at: datetime) -> Assertion:
    """Sign these claims of a credential; `client_id` (RFC 8693 §4.3) tells a program's assertion from a person's."""
    payload: dict[str, object] = {
        "sub": claims.client_id,
        "sid": claims.client_id,
        "client_id": claims.client_id,
        "client_name": claims.client_name,
    }
    return _signed(key, claims, payload, addresses, at)


def _signed(
    key: SigningKey, claims: Claims | ProgramClaims, payload: dict[str, object], addresses: Addresses, at: datetime
) -> Assertion:
    always = {
        "iss": addresses.id_origin,
        "aud": claims.aud,
        "iat": int(at.timestamp()),
        "exp": int((at + LIFETIME).timestamp()),
    }
    token = jwt.encode({"alg": key.algorithm.value, "kid": key.kid, "typ": "JWT"}, always | payload, key.private)
    return Assertion(token=token, claims=claims, made_at=at, renew_at=at + LIFETIME / 2)
