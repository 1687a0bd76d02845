"""`assay up --protect`: an app that is behind the gateway when the service is up; one that is there already stays."""

import os
import pwd

import click

from assay.access.attempt import By
from assay.access.protect_app import Apps
from assay.access.protected_app import ProtectedApp
from assay.apps import Upstream, app_name, typed_upstream
from assay.cli.reach_words import REACH
from assay.events import Actor
from assay.gateway.reachability import reach_of
from assay.server.service import Service
from assay.values import ConflictError, Value


class Wanted(Value, frozen=True, kw_only=True):
    """The app that `--protect` and `--name` say."""

    upstream: Upstream
    name: str


def wanted_app(upstream: str | None, name: str | None) -> Wanted:
    """What the options say, looked at before anything starts; raises InvalidInputError and click.UsageError."""
    if upstream is None or name is None:
        raise click.UsageError("--protect and --name go together: --protect http://127.0.0.1:8000 --name wiki")
    return Wanted(upstream=typed_upstream(upstream), name=app_name(name))


async def put_behind(service: Service, wanted: Wanted) -> tuple[str, ...]:
    """Protect it by the flow of `assay apps protect`; what to say of it. Raises ConflictError."""
    apps = Apps(service.premises, look=reach_of, is_ours=service.is_ours, served=service.apps_served)
    return await protected(apps, wanted)


async def protected(apps: Apps, wanted: Wanted) -> tuple[str, ...]:
    """Protect it unless it is so already; what to say of it. Raises ConflictError where the name is another app's."""
    found = next((each for each in await apps.every() if each.app.name == wanted.name), None)
    if found is None:
        found = await apps.protect(_by(), wanted.upstream.url, name=wanted.name)
    elif found.app.upstream != wanted.upstream:
        raise ConflictError(
            f"an app is protected as {wanted.name!r} already, and it is not at {wanted.upstream.url}",
            remedy=f"start without --protect and move it: assay apps edit {wanted.name} --upstream "
            f"{wanted.upstream.url}; or choose another name",
        )
    return _told(found, wanted)


def _by() -> By:
    """The user of the host who typed it, as for every command."""
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    return By(actor=Actor.host(uid, name))


def _told(app: ProtectedApp, wanted: Wanted) -> tuple[str, ...]:
    assigned = ", ".join(holder.name for holder in app.assigned) or "nobody yet: assay apps assign"
    return (
        f"Behind the gateway: {app.url} ({wanted.upstream.url})",
        f"  assigned: {assigned}",
        f"  around the gateway: {REACH[app.reach.value]}",
    )
