"""A service that stands still says nothing to whoever watches it, so that it is started again."""

import signal
import time
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation
from tests.packaging.notified import Notified

pytestmark = pytest.mark.slow
WATCHED_SECONDS = 0.5


class Watched(Installation):
    """A service that is told, as systemd tells it, to say every now and then that it lives."""

    @property
    def environment(self) -> dict[str, str]:
        return {
            **super().environment,
            "NOTIFY_SOCKET": str(self.directory / "notify"),
            "WATCHDOG_USEC": str(int(WATCHED_SECONDS * 1_000_000)),
        }


def test_r39_who_stands_still_says_nothing_and_is_found(tmp_path: Path, port: int) -> None:
    installed = Watched(tmp_path, port=port)
    with Notified(tmp_path / "notify") as told:
        installed.start()
        try:
            told.wait_for("WATCHDOG=1")
            assert installed.process is not None
            installed.process.send_signal(signal.SIGSTOP)
            try:
                stands_still(installed.process.pid)
                assert silent(told, 4 * WATCHED_SECONDS), "systemd would start it again (WatchdogSec=)"
            finally:
                installed.process.send_signal(signal.SIGCONT)
            told.wait_for("WATCHDOG=1")
        finally:
            installed.stop()


def stands_still(pid: int) -> None:
    """Return once it does (proc_pid_stat(5)): what it says until then it may say."""
    ends = time.monotonic() + 60
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < ends
        time.sleep(0.01)


def silent(told: Notified, seconds: float) -> bool:
    """Whether, after what was said already, nothing is said for so long."""
    told.forget()
    return not told.says_within(seconds)
