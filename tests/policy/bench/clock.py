"""Times in microseconds for each of many things, in short turns."""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Final

from assay.values import Value

TURN: Final = 100  # things timed by one reading of the clock: short, so that other work seldom falls into it


class Turns(Value, frozen=True, kw_only=True):
    """What the turns of one contender took, in µs for each thing."""

    microseconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.microseconds)

    def over(self, other: "Turns") -> float:
        """How many times as long as the other's, turn by turn: a machine that slows down slows both."""
        return median(mine / theirs for mine, theirs in zip(self.microseconds, other.microseconds, strict=True))


def interleaved(contenders: dict[str, Callable[[int], tuple[Callable[[], None], int]]], turns: int) -> dict[str, Turns]:
    """Each contender in each turn; it is given the turn's number, prepares, and returns what is timed and how many."""
    took: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(turns):
        for name, contender in contenders.items():
            work, count = contender(turn)
            started = perf_counter()
            work()
            took[name].append((perf_counter() - started) * 1e6 / count)
    return {name: Turns(microseconds=tuple(found)) for name, found in took.items()}


def once(work: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    started = perf_counter()
    work()
    return (perf_counter() - started) * 1e3
