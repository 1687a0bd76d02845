"""Times in microseconds for each of many things, in turns: CPU of the thread, and by the clock.

Nothing timed here waits for anything or has a second thread. On a machine that other work shares, the clock counts that
other work too: an honest figure of the code is its CPU time, and the clock's stands beside it.
"""

from collections.abc import Callable
from statistics import median
from time import perf_counter, thread_time
from typing import Final

from assay.values import Value

TURN: Final = 1_000  # things timed by one reading of the clock; more than what a peer leaves in the caches


class Turns(Value, frozen=True, kw_only=True):
    """What the turns of one contender took, in µs for each thing: CPU, and by the clock."""

    microseconds: tuple[float, ...]
    elapsed: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.microseconds)

    @property
    def median_elapsed(self) -> float:
        return median(self.elapsed)

    def over(self, other: "Turns") -> float:
        """How many times as long as the other's, turn by turn: a machine that slows down slows both."""
        return median(mine / theirs for mine, theirs in zip(self.microseconds, other.microseconds, strict=True))


def interleaved(contenders: dict[str, Callable[[int], tuple[Callable[[], None], int]]], turns: int) -> dict[str, Turns]:
    """Each contender in each turn; it is given the turn's number, prepares, and returns what is timed and how many."""
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for turn in range(turns):
        for name, contender in contenders.items():
            work, count = contender(turn)
            started, began = perf_counter(), thread_time()
            work()
            cpu, elapsed = thread_time() - began, perf_counter() - started
            took[name].append((cpu * 1e6 / count, elapsed * 1e6 / count))
    return {
        name: Turns(microseconds=tuple(cpu for cpu, _ in found), elapsed=tuple(elapsed for _, elapsed in found))
        for name, found in took.items()
    }


def once(work: Callable[[], object]) -> float:
    """Milliseconds of CPU of one call."""
    began = thread_time()
    work()
    return (thread_time() - began) * 1e3
