"""Two nodes of one installation, as their owner runs them, with people on a machine of their own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from sqlalchemy import create_engine, text

from tests.end_to_end.installation import START_SECONDS, Installation
from tests.end_to_end.person import Person
from tests.https_client import https_client
from tests.nodes.lan import NETWORK, Lan, lan
from tests.nodes.upstream_program import CHATTING, STREAMING
from tests.postgres import Cluster, start_cluster

PORT = 8443
AGAIN = "try again"
REPOSITORY = Path(__file__).parents[2]


class Node(Installation):
    """One node: its own machine, its own directories; the master key's file is the same as the other's."""

    def __init__(self, directory: Path, place: Lan, name: str, database: str) -> None:
        directory.mkdir(exist_ok=True)
        self.name = name
        self.place = place
        self.database = database
        self.configuration = directory / "assay.toml"
        self.configure()
        # What the service's process finds in its environment beside the usual.
        self.more_environment: dict[str, str] = {}
        super().__init__(directory, port=PORT, options=("--config", str(self.configuration)))

    def configure(self, *, database: str | None = None, node: str = "") -> None:
        """What the next start finds: another way to the database, more lines of the section `node`; each for once."""
        self.configuration.write_text(
            f'[server]\nbase_domain = "assay.localhost"\nport = {PORT}\nlisten = ["{self.place.address(self.name)}"]\n'
            f'[database]\nurl = "{database or self.database}"\n'
            f'[keys]\nmaster_key = "{self.configuration.parent.parent / "master-key.json"}"\n'
            f'[log]\nlevel = "info"\n[node]\nname = "{self.name}"\n{node}'
        )

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, **self.more_environment}

    @property
    def address(self) -> str:
        return f"{self.place.address(self.name)}:{PORT}"

    @property
    def launcher(self) -> tuple[str, ...]:
        return self.place.within(self.name)

    def run(self, *arguments: str, code: int = 0) -> str:
        """The same, by who does as they are told: where another node keeps the lock of writers for longer than one
        waits for it, or the server has ended a connection meanwhile, it is said to try again.
        """
        ends = time.monotonic() + START_SECONDS
        while True:
            done = self._done(*arguments)
            if done.returncode == code or AGAIN not in done.stderr + done.stdout or time.monotonic() > ends:
                break
        assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def kill(self) -> None:
        """No goodbye: the process and its Envoy end at once."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(60)
        self.process = None


class House:
    """The machines, their database and both nodes."""

    def __init__(self, place: Lan, cluster: Cluster, directory: Path) -> None:
        self.place = place
        self.cluster = cluster
        self.name = cluster.new_database().partition("@/")[2].partition("?")[0]
        self.database = f"postgresql://postgres@{place.address('db')}/{self.name}"
        self.a = Node(directory / "a", place, "a", self.database)
        self.b = Node(directory / "b", place, "b", self.database)
        # Once enrolled: what the owner knows.
        self.owner: Person | None = None

    def put_in_order(self) -> None:
        """Both nodes run, nothing between the machines is cut, and nobody is signed in."""
        for node in (self.a, self.b):
            self.place.heal(node.name)
            if node.process is None or node.process.poll() is not None:
                node.start()
        self.a.run("sessions", "revoke", "--all")

    def protect(self) -> None:
        """The two apps of the app's machine."""
        address = self.place.address("app")
        for name, port in (("wiki", STREAMING), ("chat", CHATTING)):
            self.a.run("apps", "protect", f"http://{address}:{port}", "--name", name)

    def schema(self) -> str:
        """The schema of the database."""
        engine = create_engine(self.cluster.url(self.name))
        with engine.connect() as connection:
            found: str = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        engine.dispose()
        return found

    def client_of(self, person: Person, node: Node) -> httpx.AsyncClient:
        """The same browser, with the same cookies, sent to this node by whatever is in front of both."""
        client = https_client(node.address, node.authority)
        client.cookies.jar = person.client.cookies.jar
        return client


@contextmanager
def database_at(place: Lan) -> Iterator[Cluster]:
    """PostgreSQL on its machine."""
    with start_cluster(listen=place.address("db"), network=NETWORK, within=place.within("db")) as cluster:
        yield cluster


@contextmanager
def running_house(place: Lan, cluster: Cluster, directory: Path) -> Iterator[House]:
    """Two running nodes, and the apps; those that run in the end are stopped."""
    made = House(place, cluster, directory)
    try:
        with upstream(place):
            made.a.start()
            made.b.start()
            yield made
    finally:
        for node in (made.b, made.a):
            place.heal(node.name)
            node.stop()


@contextmanager
def house(directory: Path) -> Iterator[House]:
    """A running house; this thread is on the client's machine meanwhile."""
    with (
        lan() as place,
        database_at(place) as cluster,
        running_house(place, cluster, directory) as made,
        place.at("client"),
    ):
        yield made


@contextmanager
def upstream(place: Lan) -> Iterator[None]:
    """The apps, on their machine."""
    process = subprocess.Popen(
        [*place.within("app"), sys.executable, "-m", "tests.nodes.upstream_program"],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"serving\n"
        yield
    finally:
        process.terminate()
        process.wait(60)
        assert process.stdout is not None
        process.stdout.close()
