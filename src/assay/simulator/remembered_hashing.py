"""argon2 as everybody has it, asked once for each question: two hundred people type the same password every morning.

Whether a password matches a hash is a pure function of the two, and what is stored is made as for anybody. So the
past comes out the same to the byte as without this, and earlier. A service never gets it: there the time is the point.
"""

from assay.identities.hashing import KNOWN, PasswordHashing
from assay.identities.methods.password import PasswordCheck


class RememberedHashing(PasswordHashing):
    """Remembers each answer for as long as a past is lived; the passwords are those of simulated people."""

    def __init__(self, threads: int) -> None:
        super().__init__(threads)
        self._found: dict[tuple[str | None, str], PasswordCheck] = {}

    async def check(self, stored: str | None, given: str, *, lane: str = KNOWN) -> PasswordCheck:
        """`check_password`; raises HashingBusyError."""
        asked = (stored, given)
        found = self._found.get(asked)
        if found is None:
            found = self._found[asked] = await super().check(stored, given, lane=lane)
        return found
