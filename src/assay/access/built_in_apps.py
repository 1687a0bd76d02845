"""The console and the API as apps: fixed ids, reserved names, and behind the check like every other app."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from assay.apps import App, Upstream
from assay.policy.targets import API, CONSOLE, NAMED_TARGETS

NAMES: Final = {CONSOLE: "console", API: "api"}
BUILT_IN: Final = frozenset(NAMES)
_SINCE: Final = datetime(2026, 11, 1, tzinfo=UTC)


def built_in_apps(socket: Path) -> tuple[App, ...]:
    """Both, served from this socket of ours; whoever holds a role that the API knows is assigned to them."""
    upstream = Upstream(path=str(socket))
    return tuple(
        App(id=app_id, name=name, display_name=NAMED_TARGETS[app_id], upstream=upstream, created_at=_SINCE)
        for app_id, name in NAMES.items()
    )
