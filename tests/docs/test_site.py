"""The documents become pages without a warning, and a broken link or anchor is an error."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT


def build(source: Path, out: Path) -> tuple[int, str]:
    """As `./run docs` builds them: 0 where there was nothing to warn of, and the warnings."""
    command = [sys.executable, "-m", "tests.run.docs", str(source), str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@pytest.mark.slow
def test_the_pages_are_built_without_a_warning(tmp_path: Path) -> None:
    assert build(ROOT, tmp_path / "site") == (0, "")
    index = (tmp_path / "site" / "docs" / "index.html").read_text()
    assert 'href="first-app.html"' in index
    for page in (ROOT / "docs").rglob("*.md"):
        assert (tmp_path / "site" / page.relative_to(ROOT)).with_suffix(".html").exists(), page


def test_a_broken_link_and_a_broken_anchor_are_errors(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    shutil.copy(ROOT / "docs" / "conf.py", docs)
    (docs / "index.md").write_text("# Here\n\n[a](index.md#here) [b](nowhere.md) [c](index.md#elsewhere)\n")
    status, said = build(tmp_path, tmp_path / "site")
    assert status == 1
    assert ("nowhere.md" in said, "'elsewhere'" in said, "'here'" in said) == (True, True, False), said
