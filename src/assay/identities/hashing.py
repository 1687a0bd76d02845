"""Threads for argon2: it would stop the event loop for 20 ms each time, and takes 19 MiB while it runs."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from assay.identities.methods.password import PasswordCheck, check_password, hash_password
from assay.values import AssayError

T = TypeVar("T")

# With 20 ms each and two threads, whoever comes last waits about two seconds; more would only time out.
WAITING = 200


class HashingBusyError(AssayError):
    """More passwords wait than can be checked in reasonable time; the caller may try again."""


class PasswordHashing:
    """Hashes and checks passwords on `threads` threads (one a core), at most `waiting` at a time."""

    def __init__(self, threads: int, waiting: int = WAITING) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="assay-argon2")
        self._free = waiting

    async def check(self, stored: str | None, given: str) -> PasswordCheck:
        """`check_password`; raises HashingBusyError."""
        return await self._run(lambda: check_password(stored, given))

    async def hash(self, password: str, salt: bytes) -> str:
        """`hash_password`; raises HashingBusyError."""
        return await self._run(lambda: hash_password(password, salt))

    def close(self) -> None:
        """Finish what runs and drop what waits."""
        self._pool.shutdown(cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._free == 0:
            raise HashingBusyError("too many passwords wait to be checked", remedy="try again in a few seconds")
        self._free -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._free += 1
