"""The console and the API as apps: fixed ids, reserved names, and behind the check like every other app."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from assay.apps import App, Upstream
from assay.policy.targets import API, CONSOLE, NAMED_TARGETS
from assay.values import AppId

NAMES: Final = {CONSOLE: "console", API: "api"}
BUILT_IN: Final = frozenset(NAMES)
NOWHERE: Final = Upstream()
_SINCE: Final = datetime(2026, 11, 1, tzinfo=UTC)


def built_in_apps(socket: Path) -> tuple[App, ...]:
    """Both, served from this socket of ours; whoever holds a role that the API knows is assigned to them."""
    return tuple(built_in_app(app_id, Upstream(path=str(socket))) for app_id in NAMES)


def built_in_app(app_id: AppId, upstream: Upstream = NOWHERE) -> App:
    """One of them; without `upstream` for what needs its names alone."""
    return App(id=app_id, name=NAMES[app_id], display_name=NAMED_TARGETS[app_id], upstream=upstream, created_at=_SINCE)
