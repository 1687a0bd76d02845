"""When Python looks for garbage: not while a program is made, which is next to none, and takes a tenth of the time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Python's own are 700, 10, 10: a command makes some hundred thousand objects and hardly ever garbage.
THRESHOLDS: Final = (20_000, 50, 50)


@contextmanager
def not_looked_for() -> Iterator[None]:
    """For imports and for the start: what is made in this block stays, and is not looked at again by any collection.

    With each full collection it would be, while requests wait. Within such a block another one changes nothing.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
