"""Which company a demo opens with: nobody waits for fourteen days of two hundred people."""

from typing import Final

from assay.simulator.company import Size
from assay.values import Value

WHOLE: Final = Size()
# Who comes first sees these at once: all departments, apps, policies and attacks, lived in seconds.
FIRST: Final = Size(people=30, days=3)
# What the whole company has missed is lived before a demo opens while that takes seconds: half a working day.
AT_ONCE: Final = 1_000


class Opening(Value, frozen=True, kw_only=True):
    """`size` is shown; `goes_on`: its days are lived up to now first; `meanwhile`: WHOLE is lived beside it."""

    size: Size
    goes_on: bool
    meanwhile: bool


def opening(asked: Size | None, missed: int | None) -> Opening:
    """What to open with; `asked`: the size that was named.

    `missed`: how often somebody of WHOLE would have opened an app since what is kept of it ends; None: nothing is kept.
    A size that somebody names is what they get, up to now, however long that takes.
    """
    if asked is not None:
        return Opening(size=asked, goes_on=True, meanwhile=False)
    if missed is None:
        return Opening(size=FIRST, goes_on=True, meanwhile=True)
    fresh = missed <= AT_ONCE
    return Opening(size=WHOLE, goes_on=fresh, meanwhile=not fresh)
