"""Figures against their targets, for people, programs and docs/benchmarks.md."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from assay.cli.bench.processes import load_average, machine
from assay.values import Value


class Figure(Value, frozen=True, kw_only=True):
    """One measured figure; `target` None is only reported. `at_most`: the figure may not be above its target.

    A `detail` counts and is in the JSON; the table for people leaves it to the block below.
    """

    name: str
    value: float
    unit: str = ""
    target: float | None = None
    at_most: bool = True
    detail: bool = False

    @property
    def met(self) -> bool:
        if self.target is None:
            return True
        return self.value <= self.target if self.at_most else self.value >= self.target

    def line(self) -> str:
        target = "" if self.target is None else f"{'≤' if self.at_most else '≥'} {_short(self.target)}"
        verdict = "" if self.target is None else ("met" if self.met else "MISSED")
        return f"| {self.name} | {_short(self.value)} {self.unit} | {target} | {verdict} |"


class Measurement(Value, frozen=True, kw_only=True):
    """What one bench found; `complete` False: a part of it is missing, whatever the figures say."""

    name: str
    command: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()
    block: str = ""
    complete: bool = True
    machine: str = ""
    measured_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    load_average: float = 0.0

    @property
    def met(self) -> bool:
        return self.complete and all(figure.met for figure in self.figures)


def measured(
    name: str,
    command: str,
    figures: Sequence[Figure],
    *,
    notes: Sequence[str] = (),
    block: str = "",
    complete: bool = True,
    load_before: float = 0.0,
) -> Measurement:
    """A measurement that was made just now, here."""
    return Measurement(
        name=name,
        command=command,
        figures=tuple(figures),
        notes=tuple(notes),
        block=block,
        complete=complete,
        machine=machine(),
        measured_at=datetime.now(UTC),
        load_average=load_before or load_average(),
    )


def markdown(found: Measurement) -> str:
    """A dated block for docs/benchmarks.md."""
    lines = [
        f"### {found.name}, {found.measured_at:%Y-%m-%d}",
        "",
        f"`{found.command}` on {found.machine}; load average before: {found.load_average:.1f}.",
        "",
        "| figure | measured | target | |",
        "|---|---|---|---|",
        *(figure.line() for figure in found.figures if not figure.detail),
    ]
    if found.block:
        lines += ["", "```", found.block, "```"]
    lines += [f"\n{note}" for note in found.notes]
    return "\n".join((*lines, ""))


def as_json(found: Measurement) -> bytes:
    """The same for programs."""
    return msgspec.json.encode(found)


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which this share of them lies; they are sorted, and at least one."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
