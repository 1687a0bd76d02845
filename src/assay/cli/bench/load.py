"""Load from a process of its own that knows only a URL and a cookie: wrk."""

import asyncio
import re
import shutil
from contextlib import suppress
from pathlib import Path

from assay.values import AssayError, Value

# wrk would look the name up, and names below .localhost resolve in browsers only; the name stays in SNI and Host.
LOOPBACK = 'wrk.resolve = function(_, service) wrk.addrs = wrk.lookup("127.0.0.1", service) end\n'
# A schedule that all connections share: a slow answer does not lower the rate, whoever comes next is let go at once.
PACED = """
local ffi = require("ffi")
ffi.cdef[[ typedef struct { long seconds; long nanoseconds; } instant; int clock_gettime(int, instant *); ]]
local instant, slot = ffi.new("instant"), nil
function delay()
  ffi.C.clock_gettime(1, instant)
  local now = tonumber(instant.seconds) * 1000 + tonumber(instant.nanoseconds) / 1e6
  slot = math.max((slot or now) + 1000 / RATE, now - 100)
  return math.max(0, math.floor(slot - now))
end
"""


class Load(Value, frozen=True, kw_only=True):
    """What wrk saw: requests a second, latency in milliseconds, and how many answers were errors."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    errors: int


class Wrk:
    """One run of wrk against one URL; `rate` requests a second at most, 0: as many as are answered."""

    def __init__(self, directory: Path, url: str, cookie: str = "", *, connections: int = 32, rate: int = 0) -> None:
        program = shutil.which("wrk")
        if program is None:
            raise AssayError(
                "wrk is not installed; a client in Python would measure itself", remedy="Debian: apt install wrk"
            )
        script = directory / "wrk.lua"
        script.write_text(LOOPBACK + (PACED.replace("RATE", str(rate)) if rate else ""))
        headers = ["-H", f"Cookie: {cookie}"] if cookie else []
        self._command = [program, "-t", "1", "-c", str(connections), "--latency", "-s", str(script), *headers, url]
        self._child: asyncio.subprocess.Process | None = None

    async def run(self, seconds: int) -> Load:
        """Load for so long, and what came of it."""
        await self.start(seconds)
        return await self.result()

    async def start(self, seconds: int) -> None:
        """Begin; `result` tells the end."""
        self._child = await asyncio.create_subprocess_exec(
            self._command[0], "-d", f"{seconds}s", *self._command[1:], stdout=asyncio.subprocess.PIPE
        )

    async def result(self) -> Load:
        """What came of it, when it is over."""
        assert self._child is not None
        output, _ = await self._child.communicate()
        return read_load(output.decode())

    async def stop(self) -> Load:
        """End it early; wrk reports what it saw until then."""
        assert self._child is not None
        with suppress(ProcessLookupError):
            self._child.send_signal(2)
        return await self.result()


def read_load(output: str) -> Load:
    """Read wrk's report; raises AssayError with it where it is none."""
    found = re.search(r"(\d+) requests in", output)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if found is None or rate is None:
        raise AssayError(f"wrk says: {output[:500]}")
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    return Load(
        requests=int(found[1]),
        per_second=float(rate[1]),
        p50_ms=_milliseconds(output, "50"),
        p99_ms=_milliseconds(output, "99"),
        errors=(int(refused[1]) if refused else 0) + (sum(map(int, broken.groups())) if broken else 0),
    )


def _milliseconds(output: str, percentile: str) -> float:
    found = re.search(rf"{percentile}%\s+([\d.]+)(us|ms|s)\b", output)
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]] if found else 0.0
