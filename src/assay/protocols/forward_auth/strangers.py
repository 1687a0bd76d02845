"""Who asks without a secret of ours is said once a minute for each source: nobody fills the disk by asking."""

from typing import Final

from assay.identities.guessing import source_key

WINDOW_SECONDS: Final = 60.0
SOURCES: Final = 100
# Who comes by a unix socket has no address.
LOCAL: Final = "a unix socket"


class SaidStrangers:
    """What was said in this window; beyond so many sources, and of each source after the first, they are counted."""

    def __init__(self) -> None:
        self._began = float("-inf")
        self._said: set[bytes] = set()
        self._unsaid = 0

    def words(self, source: str, now: float) -> str | None:
        """What to say of somebody from this address, "" for a unix socket; None: nothing, it was counted.

        `now`: seconds that only go on.
        """
        earlier = 0
        if now - self._began >= WINDOW_SECONDS:
            earlier, self._unsaid = self._unsaid, 0
            self._began, self._said = now, set()
        key = source_key(source.partition("%")[0]) if source else b""
        if key in self._said or len(self._said) >= SOURCES:
            self._unsaid += 1
            return None
        self._said.add(key)
        more = f"; {earlier} more were not said one by one" if earlier else ""
        return f"somebody who is no proxy of ours asked, from {source or LOCAL}{more}"
