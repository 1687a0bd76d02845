"""/v1/apps/{name}/publicPaths and /v1/apps/{name}/credentials."""

from datetime import datetime, timedelta
from typing import Final

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from assay.access.app_credentials import AppCredentials, NewCredential, SeenCredential
from assay.access.attempt import By
from assay.access.public_paths import PublicPaths
from assay.access.revoke_sessions import Cut
from assay.api.shapes.app_access import (
    AppCredentialList,
    AppCredentialShape,
    ClosedPathShape,
    IssuedCredential,
    NewAppCredential,
    NewPublicPath,
    PublicPathChange,
    PublicPathList,
    PublicPathShape,
    RevokedCredentialShape,
    Rotation,
)
from assay.apps.credentials import DEFAULT_LIFETIME
from assay.governance.public_paths import PublicPath
from assay.values import InvalidInputError

LONGEST_HOURS: Final = 100 * 366 * 24.0


@get("/apps/{name:str}/publicPaths")
async def list_public_paths(name: FromPath[str], public_paths: NamedDependency[PublicPaths]) -> PublicPathList:
    """The public paths of an app."""
    found = await public_paths.every(name)
    return PublicPathList(app=name, value=tuple(_path(each, public_paths.now()) for each in found))


@post("/apps/{name:str}/publicPaths", status_code=201)
async def add_public_path(
    name: FromPath[str],
    data: JSONBody[NewPublicPath],
    public_paths: NamedDependency[PublicPaths],
    by: NamedDependency[By],
) -> PublicPathShape:
    """Open a path to everybody."""
    lifetime = _hours(data.lifetime_hours)
    added = await public_paths.add(
        by, name, data.path, name=data.name, reason=data.reason, methods=data.methods, lifetime=lifetime
    )
    return _path(added, public_paths.now())


@patch("/apps/{name:str}/publicPaths/{which:str}")
async def edit_public_path(
    name: FromPath[str],
    which: FromPath[str],
    data: JSONBody[PublicPathChange],
    public_paths: NamedDependency[PublicPaths],
    by: NamedDependency[By],
) -> PublicPathShape:
    """A new version of a public path."""
    lifetime = _hours(data.lifetime_hours)
    edited = await public_paths.edit(
        by, name, which, reason=data.reason, path=data.path, methods=data.methods, lifetime=lifetime
    )
    return _path(edited, public_paths.now())


@delete("/apps/{name:str}/publicPaths/{which:str}", status_code=200)
async def remove_public_path(
    name: FromPath[str], which: FromPath[str], public_paths: NamedDependency[PublicPaths], by: NamedDependency[By]
) -> ClosedPathShape:
    """Close a public path."""
    closed = await public_paths.remove(by, name, which)
    path, cut = closed.path, closed.cut
    return ClosedPathShape(id=path.id, name=path.name, path=path.path, cut=cut.connections, still_open=cut.still_open)


@get("/apps/{name:str}/credentials")
async def list_credentials(name: FromPath[str], app_credentials: NamedDependency[AppCredentials]) -> AppCredentialList:
    """The credentials of an app, without their secrets."""
    found = await app_credentials.every(name)
    return AppCredentialList(app=name, value=tuple(_credential(each, app_credentials.now()) for each in found))


@post("/apps/{name:str}/credentials", status_code=201)
async def add_credential(
    name: FromPath[str],
    data: JSONBody[NewAppCredential],
    app_credentials: NamedDependency[AppCredentials],
    by: NamedDependency[By],
) -> IssuedCredential:
    """A new credential of a service; its secret is in this answer and nowhere else."""
    added = await app_credentials.add(
        by,
        name,
        name=data.name,
        lifetime=_hours(data.lifetime_hours) or DEFAULT_LIFETIME,
        methods=data.methods,
        paths=data.paths,
        location_names=data.locations,
    )
    return _issued(added, Cut())


@post("/apps/{name:str}/credentials/{which:str}/rotate", status_code=200)
async def rotate_credential(
    name: FromPath[str],
    which: FromPath[str],
    data: JSONBody[Rotation],
    app_credentials: NamedDependency[AppCredentials],
    by: NamedDependency[By],
) -> IssuedCredential:
    """A new secret in the place of the old one, which is dead at once."""
    lifetime = _hours(data.lifetime_hours) or DEFAULT_LIFETIME
    return _issued(*await app_credentials.rotate(by, name, which, lifetime=lifetime))


@delete("/apps/{name:str}/credentials/{which:str}", status_code=200)
async def revoke_credential(
    name: FromPath[str],
    which: FromPath[str],
    app_credentials: NamedDependency[AppCredentials],
    by: NamedDependency[By],
) -> RevokedCredentialShape:
    """Make a credential worthless, and cut what is open by it."""
    gone = await app_credentials.revoke(by, name, which)
    return RevokedCredentialShape(
        id=gone.credential.id,
        app=gone.app.name,
        name=gone.credential.name,
        cut=gone.cut.connections,
        still_open=gone.cut.still_open,
    )


ROUTES: Final = (
    list_public_paths,
    add_public_path,
    edit_public_path,
    remove_public_path,
    list_credentials,
    add_credential,
    rotate_credential,
    revoke_credential,
)


def _hours(hours: float | None) -> timedelta | None:
    if hours is None:
        return None
    if not 0 < hours <= LONGEST_HOURS:
        raise InvalidInputError(f"{hours} hours is no lifetime", remedy="such as 2160 for 90 days")
    return timedelta(hours=hours)


def _path(path: PublicPath, at: datetime) -> PublicPathShape:
    return PublicPathShape(
        id=path.id,
        name=path.name,
        version=path.version,
        path=path.path,
        methods=path.methods,
        reason=path.reason,
        modified_by=path.modified_by,
        modified_date_time=path.modified_at,
        expires_date_time=path.expires_at,
        expired=not path.in_force(at),
    )


def _credential(seen: SeenCredential, at: datetime) -> AppCredentialShape:
    found = seen.credential
    dead = "expired" if found.revoked_at is None else "revoked"
    return AppCredentialShape(
        id=found.id,
        name=found.name,
        state="works" if found.alive(at) else dead,
        methods=found.restrictions.methods,
        paths=found.restrictions.paths,
        locations=seen.locations,
        created_date_time=found.created_at,
        expires_date_time=found.expires_at,
        last_used_date_time=found.last_used_at,
    )


def _issued(new: NewCredential, cut: Cut) -> IssuedCredential:
    return IssuedCredential(
        id=new.credential.id,
        app=new.app.name,
        name=new.credential.name,
        secret=new.secret,
        expires_date_time=new.credential.expires_at,
        cut=cut.connections,
        still_open=cut.still_open,
    )
