"""A service of its own composition: `assay up`'s Service in a process that kills itself right after its n-th commit.

Commits are counted from SIGUSR1 on, by the engine's own events: a connection that comes back to its pool after a
commit has committed.
"""

import asyncio
import gc
import os
import signal
import sys
from pathlib import Path

import uvloop
from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import Pool

from assay.cli.bench.stage import BASE_DOMAIN
from assay.cli.garbage import THRESHOLDS, not_looked_for
from assay.places import places
from assay.server.service import Service
from assay.server.settings import ServiceSettings


class Countdown:
    """Kills this process when the connection of the n-th commit is given back."""

    def __init__(self, commits: int) -> None:
        self._left = commits
        self._armed = False
        self._committed = False
        event.listen(Engine, "commit", self._commit)
        event.listen(Pool, "checkin", self._checkin)

    def arm(self) -> None:
        self._armed = True

    def _commit(self, connection: Connection) -> None:
        # The writer has one connection and is the only one that commits; readers roll back.
        del connection
        if self._armed:
            self._left -= 1
            self._committed = self._left == 0

    def _checkin(self, *_: object) -> None:
        if self._committed:
            os.kill(os.getpid(), signal.SIGKILL)


async def main(data: Path, port: int, commits: int) -> None:
    """Serve until killed; it says that it is up as `assay up` does."""
    countdown = Countdown(commits)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, countdown.arm)
    with not_looked_for():
        service = Service(ServiceSettings(places=places(data), base_domain=BASE_DOMAIN, port=port))
        await service.start()
    sys.stdout.write("Assay is up\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    gc.set_threshold(*THRESHOLDS)
    uvloop.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
