"""What systemd is told of the service's life: ready, reloading, alive, stopping (sd_notify(3)), with a plain socket."""

import asyncio
import contextlib
import logging
import os
import socket
import time
from collections.abc import Mapping
from typing import Final

logger = logging.getLogger("assay.server")

SOCKET: Final = "NOTIFY_SOCKET"
WATCHDOG: Final = "WATCHDOG_USEC"
WATCHDOG_OF: Final = "WATCHDOG_PID"


class Supervisor:
    """Whoever started us and wants to know; without one every method does nothing."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get(SOCKET, "")
        self._pulse_seconds = _pulse_seconds(environment)

    @property
    def present(self) -> bool:
        """Whether somebody started us who keeps what we print."""
        return bool(self._address)

    def ready(self, status: str) -> None:
        """The gateway serves."""
        self._send(f"READY=1\nSTATUS={status}")

    def reloading(self) -> None:
        """Something is read again; `ready` follows."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """The end has begun."""
        self._send("STOPPING=1")

    async def pulse(self) -> None:
        """Say, for ever, that the event loop turns: where it hangs, decisions hang, and a restart is the cure."""
        while self._pulse_seconds:
            self._send("WATCHDOG=1")
            await asyncio.sleep(self._pulse_seconds)

    def _send(self, state: str) -> None:
        if not self._address:
            return
        # An abstract name begins with @ in the environment and with a zero byte for the kernel.
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sending:
                sending.setblocking(False)
                sending.connect(address)
                sending.send(state.encode())
        except OSError as error:
            logger.warning("systemd cannot be told %r: %s", state.partition("=")[0], error.strerror)


def _pulse_seconds(environment: Mapping[str, str]) -> float:
    """Half the time after which systemd takes us for dead; 0 where it does not watch this process."""
    if environment.get(WATCHDOG_OF, str(os.getpid())) != str(os.getpid()):
        return 0.0
    with contextlib.suppress(ValueError):
        return max(int(environment.get(WATCHDOG, "0")), 0) / 2_000_000
    return 0.0
