"""argon2 as the service has it, asked once in a process for each question: most people of tests have one password."""

from typing import Final

from assay.identities.methods.password import PasswordCheck
from assay.simulator.remembered_hashing import RememberedHashing

_HASHES: Final[dict[str, str]] = {}
_CHECKS: Final[dict[tuple[str | None, str], PasswordCheck]] = {}


class AskedOnce(RememberedHashing):
    """What is stored is a hash of that password, with the salt of whoever had it first; a service never gets this."""

    def __init__(self, threads: int) -> None:
        super().__init__(threads)
        self._found = _CHECKS

    async def hash(self, password: str, salt: bytes) -> str:
        """`hash_password`; raises HashingBusyError."""
        if password not in _HASHES:
            _HASHES[password] = await super().hash(password, salt)
        return _HASHES[password]
