"""An installation with an app and people, for those who attack it from outside."""

import asyncio
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.attacks.outsider import People
from tests.end_to_end.installation import Installation, installation
from tests.ports import free_port

NAMES = ("alice", "bob", "carol")


@contextmanager
def _app(installed: Installation, socket: Path) -> Iterator[None]:
    socket.parent.mkdir(mode=0o700)
    command = [sys.executable, "-m", "assay_verify", "--listen", f"unix:{socket}"]
    command += ["--audience", installed.app_origin("wiki"), "--ca", str(installed.authority)]
    app = subprocess.Popen([*command, "--connect-to", installed.address])
    try:
        yield
    finally:
        app.terminate()
        app.wait(60)


@contextmanager
def _attacked(directory: Path, names: tuple[str, ...] = NAMES) -> Iterator[People]:
    port = free_port()
    with installation(directory, port=port) as installed, _app(installed, directory / "app" / "wiki.sock"):
        people = People(installed)
        asyncio.run(people.enrol("owner", installed.owner_link()))
        for name in names:
            link = re.search(r"https://\S+/enrol/\S+", installed.run("users", "add", name))
            assert link is not None
            asyncio.run(people.enrol(name, link[0]))
        installed.run("apps", "protect", f"unix://{directory}/app/wiki.sock", "--name", "wiki")
        for name in names:
            installed.run("apps", "assign", "wiki", "--user", name)
        # These attacks are not on the second factor: one password is one session, thousands of times.
        installed.run("policy", "off", "Baseline: require multifactor authentication")
        yield people


@pytest.fixture(scope="package")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """The people of one installation that all tests of this directory share."""
    with _attacked(tmp_path_factory.mktemp("attacked")) as found:
        yield found


@pytest.fixture
def people_with_few_descriptors(tmp_path: Path) -> Iterator[People]:
    """An installation started where a login shell or systemd starts programs: with a soft limit of 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, hard))
    try:
        with _attacked(tmp_path, ("alice",)) as found:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            yield found
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
