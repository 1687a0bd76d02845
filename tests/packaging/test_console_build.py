"""The console is in the package; where it cannot be built everything else is, and it is said why."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from assay import console

ROOT = Path(__file__).parent.parent.parent
APP = ROOT / "src" / "assay" / "console" / "app"


def test_this_installation_has_a_console_and_each_file_that_its_page_names() -> None:
    assert console.why_not_built() is None
    page = (console.STATIC / "index.html").read_text()
    named = re.findall(r'(?:src|href)="/([^"]+)"', page)
    assert len(named) >= 3
    assert all((console.STATIC / name).is_file() for name in named)
    assert not re.search(r"<style|style=|<script(?! type=\"module\" crossorigin src=)|\son\w+=", page), (
        "the CSP forbids it"
    )


def test_the_lock_file_names_no_address_and_a_hash_for_each_package() -> None:
    lock = (APP / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') == lock.count('"node_modules/')


@pytest.mark.slow
def test_a_wheel_has_the_console_and_not_its_sources(tmp_path: Path) -> None:
    uv = shutil.which("uv") or str(ROOT / ".venv-uv" / "bin" / "uv")
    subprocess.run([uv, "build", "--wheel", "--quiet", "--out-dir", str(tmp_path), str(ROOT)], check=True, timeout=300)
    (wheel,) = tmp_path.glob("assay-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "assay/console/static/index.html" in names
    assert any(re.fullmatch(r"assay/console/static/assets/index-[\w-]+\.js", name) for name in names)
    assert [name for name in names if name.startswith("assay/console/app") or "node_modules" in name] == []


def test_without_the_registry_it_is_said_why_and_nothing_of_before_is_left(tmp_path: Path) -> None:
    """The build as a package's build runs it, on a copy whose registry is a port where nobody listens."""
    copy = tmp_path / "console"
    shutil.copytree(APP, copy / "app", ignore=shutil.ignore_patterns("node_modules"))
    (copy / "static").mkdir()
    (copy / "static" / "index.html").write_text("of a release before")
    (copy / "app" / ".npmrc").write_text("registry=http://127.0.0.1:9/\nfetch-retries=0\n")
    run = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import hatch_build, pathlib; "
    run += f"print(hatch_build.build(pathlib.Path({str(copy)!r})))"
    environment = os.environ | {"npm_config_cache": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("npm ci failed (the npm registry must be reachable)")
    assert "ECONNREFUSED" in (copy / "not_built.txt").read_text()
    assert not (copy / "static").exists()
    assert not (copy / "built").exists()
