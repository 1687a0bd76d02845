"""A library that does not load: nothing starts, in words; nothing weaker stands in for it."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.end_to_end.installation import ASSAY

# What hashes passwords, what seals and signs, what keeps the organisation; each with its compiled part.
LIBRARIES = {
    "_argon2_cffi_bindings": "_ffi*.so",
    "cryptography": "hazmat/bindings/_rust*.so",
    "_cffi_backend": "_cffi_backend*.so",
}


def copy_of(library: str, into: Path) -> Path:
    """This library as it is installed, found before the installed one; the directory that its parts lie in."""
    found = importlib.util.find_spec(library)
    assert found is not None
    assert found.origin is not None
    origin = Path(found.origin)
    if origin.name != "__init__.py":
        return Path(shutil.copy(origin, into)).parent
    return Path(shutil.copytree(origin.parent, into / library))


@pytest.mark.parametrize(
    ("library", "how"),
    [
        ("_argon2_cffi_bindings", "missing"),
        ("_argon2_cffi_bindings", "damaged"),
        ("cryptography", "missing"),
        ("cryptography", "damaged"),
        ("_cffi_backend", "damaged"),
    ],
)
def test_r37_a_library_that_does_not_load_keeps_everything_from_starting(
    library: str, how: str, tmp_path: Path
) -> None:
    shadow = tmp_path / "libraries"
    shadow.mkdir()
    (part,) = copy_of(library, shadow).glob(LIBRARIES[library])
    if how == "damaged":
        # A block that never reached the disk.
        part.write_bytes(bytes(4_096) + part.read_bytes()[4_096:])
    else:
        part.unlink()
    data = tmp_path / "data"
    done = subprocess.run(
        [ASSAY, "up", "--data", str(data)],
        env={**os.environ, "PYTHONPATH": str(shadow), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1, done.stderr
    assert "a library that this needs cannot be loaded" in done.stderr
    assert part.name.partition(".")[0] in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert not data.exists(), "nothing was begun"


def test_r37_the_copy_works_while_it_is_whole(tmp_path: Path) -> None:
    for library in LIBRARIES:
        copy_of(library, tmp_path)
    done = subprocess.run(
        [ASSAY, "doctor", "--data", str(tmp_path / "data")],
        env={**os.environ, "PYTHONPATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "no service answers" in done.stdout, done.stderr
