"""The administrators' web application: sources in `app/` (Svelte), built into `static/` by hatch_build.py."""

from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
# What the build made; where it could not be built there is no such directory, and the reason beside it.
STATIC: Final = _HERE / "static"
_REASON: Final = _HERE / "not_built.txt"


def why_not_built() -> str | None:
    """Why this installation has no console, in one line; None where it has."""
    if (STATIC / "index.html").exists():
        return None
    said = _REASON.read_text().strip().splitlines() if _REASON.exists() else []
    return said[0] if said else "it was never built"
