"""An answer that must not tell by its time what was looked up leaves at the next beat after its request came."""

import asyncio
from typing import Final

# Several times what a look at a password takes, so that no answer comes near the next beat by a little more work:
# tens of microseconds between a name that somebody has and one that nobody has could be told apart before.
BEAT: Final = 0.1  # seconds


def until_beat(elapsed: float) -> float:
    """The seconds that an answer still waits, so that it leaves a whole number of beats after it began."""
    return BEAT - elapsed % BEAT


def began() -> float:
    """Now, on the event loop's clock."""
    return asyncio.get_running_loop().time()


async def next_beat(since: float) -> None:
    """Return at the next beat, counted from `since`."""
    await asyncio.sleep(until_beat(began() - since))
