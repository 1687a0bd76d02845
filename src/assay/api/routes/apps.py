"""/v1/apps: apps behind the gateway and who is assigned."""

from typing import Final

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from assay.access.attempt import By
from assay.access.protect_app import Apps, AssignedApp
from assay.access.protected_app import ProtectedApp
from assay.api.routes.roles import holder_shape
from assay.api.shapes.apps import AppChange, AppList, AppShape, AssignmentShape, NewApp, RemovedApp
from assay.api.shapes.people import NameHolder


@get("/apps")
async def list_apps(apps: NamedDependency[Apps]) -> AppList:
    """Every app."""
    return AppList(value=tuple(map(_app, await apps.every())))


@post("/apps", status_code=201)
async def protect_app(data: JSONBody[NewApp], apps: NamedDependency[Apps], by: NamedDependency[By]) -> AppShape:
    """Put an app behind the gateway."""
    return _app(
        await apps.protect(
            by, data.upstream, name=data.name, display_name=data.display_name, owner=data.owner, proxy=data.proxy
        )
    )


@get("/apps/{name:str}")
async def show_app(name: FromPath[str], apps: NamedDependency[Apps]) -> AppShape:
    """One app."""
    return _app(await apps.show(name))


@patch("/apps/{name:str}")
async def edit_app(
    name: FromPath[str], data: JSONBody[AppChange], apps: NamedDependency[Apps], by: NamedDependency[By]
) -> AppShape:
    """Move or retitle an app, or change its allowed origins."""
    return _app(
        await apps.edit(
            by,
            name,
            upstream=data.upstream,
            display_name=data.display_name,
            allow=data.allow_origins,
            disallow=data.disallow_origins,
        )
    )


@delete("/apps/{name:str}", status_code=200)
async def remove_app(name: FromPath[str], apps: NamedDependency[Apps], by: NamedDependency[By]) -> RemovedApp:
    """Take an app from behind the gateway."""
    app = await apps.remove(by, name)
    return RemovedApp(id=app.id, name=app.name)


@post("/apps/{name:str}/assignments", status_code=200)
async def assign_app(
    name: FromPath[str], data: JSONBody[NameHolder], apps: NamedDependency[Apps], by: NamedDependency[By]
) -> AssignmentShape:
    """Let a person or group use an app."""
    return _assignment(await apps.assign(by, name, user=data.user, group=data.group))


@post("/apps/{name:str}/assignments/remove", status_code=200)
async def unassign_app(
    name: FromPath[str], data: JSONBody[NameHolder], apps: NamedDependency[Apps], by: NamedDependency[By]
) -> AssignmentShape:
    """Take an app from a person or group."""
    return _assignment(await apps.unassign(by, name, user=data.user, group=data.group))


ROUTES: Final = (list_apps, protect_app, show_app, edit_app, remove_app, assign_app, unassign_app)


def _app(seen: ProtectedApp) -> AppShape:
    return AppShape(
        id=seen.app.id,
        name=seen.app.name,
        display_name=seen.app.display_name,
        url=seen.url,
        upstream="" if seen.app.upstream is None else seen.app.upstream.url,
        proxy="" if seen.proxy is None else seen.proxy.name,
        proxy_kind="" if seen.proxy is None else seen.proxy.kind.value,
        reach=seen.reach.value,
        assigned=tuple(map(holder_shape, seen.assigned)),
        allowed_origins=seen.app.allowed_origins,
        created_date_time=seen.app.created_at,
    )


def _assignment(assigned: AssignedApp) -> AssignmentShape:
    return AssignmentShape(app=assigned.app.name, holder=holder_shape(assigned.holder), changed=assigned.changed)
