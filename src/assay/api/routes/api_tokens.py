"""/v1/tokens: named tokens of the Graph API, for scripts."""

from datetime import datetime, timedelta
from typing import Final

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from assay.access.api_tokens import ApiTokens
from assay.access.app_credentials import SeenCredential
from assay.access.attempt import By
from assay.api.shapes.api_tokens import ApiTokenList, ApiTokenShape, IssuedApiToken, NewApiToken, RevokedApiToken
from assay.apps.credentials import DEFAULT_LIFETIME, Credential
from assay.governance.roles import role_name
from assay.values import InvalidInputError


@get("/tokens")
async def list_tokens(api_tokens: NamedDependency[ApiTokens]) -> ApiTokenList:
    """Every token, without secrets."""
    at = api_tokens.now()
    return ApiTokenList(value=tuple(_shape(each, at) for each in await api_tokens.every()))


@post("/tokens", status_code=201)
async def add_token(
    data: JSONBody[NewApiToken], api_tokens: NamedDependency[ApiTokens], by: NamedDependency[By]
) -> IssuedApiToken:
    """A new token; its secret is in this answer and nowhere else."""
    made = await api_tokens.add(
        by, name=data.name, role=data.role, lifetime=_lifetime(data.lifetime_hours), location_names=data.locations
    )
    token = made.credential
    return IssuedApiToken(
        id=token.id, name=token.name, role=_role(token), secret=made.secret, expires_date_time=token.expires_at
    )


@delete("/tokens/{name:str}", status_code=200)
async def revoke_token(
    name: FromPath[str], api_tokens: NamedDependency[ApiTokens], by: NamedDependency[By]
) -> RevokedApiToken:
    """Make a token worthless, and cut what is open by it."""
    gone = await api_tokens.revoke(by, name)
    return RevokedApiToken(
        id=gone.credential.id, name=gone.credential.name, cut=gone.cut.connections, still_open=gone.cut.still_open
    )


ROUTES: Final = (list_tokens, add_token, revoke_token)


def _lifetime(hours: float | None) -> timedelta:
    try:
        return DEFAULT_LIFETIME if hours is None else timedelta(hours=hours)
    except (OverflowError, ValueError) as error:
        raise InvalidInputError("this is no lifetime", remedy="such as 90d") from error


def _role(token: Credential) -> str:
    return "" if token.role_id is None else role_name(token.role_id)


def _shape(seen: SeenCredential, at: datetime) -> ApiTokenShape:
    token = seen.credential
    dead = "revoked" if token.revoked_at is not None else "expired"
    return ApiTokenShape(
        id=token.id,
        name=token.name,
        role=_role(token),
        state="works" if token.alive(at) else dead,
        locations=seen.locations,
        created_date_time=token.created_at,
        expires_date_time=token.expires_at,
        last_used_date_time=token.last_used_at,
    )
