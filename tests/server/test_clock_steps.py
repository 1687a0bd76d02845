"""A clock that is set is told from time that passes."""

from datetime import timedelta

import pytest

from assay.server.membership import BELIEVED_SECONDS, ClockSteps
from tests.access.house import NOW, HandClock


class Passing:
    """A wall clock that can be set, and the time that really passes."""

    def __init__(self) -> None:
        self.clock = HandClock(NOW)
        self.passed = 1_000.0
        self.steps = ClockSteps(self.clock, lambda: self.passed)

    def pass_by(self, seconds: float) -> None:
        self.clock.advance(seconds=seconds)
        self.passed += seconds


@pytest.mark.parametrize("seconds", [0.0, 1.0, 3_600.0, 86_400.0 * 30])
def test_time_that_passes_is_no_step(seconds: float) -> None:
    passing = Passing()
    passing.pass_by(seconds)
    assert passing.steps.step() == timedelta(0)


def test_a_step_back_counts_until_the_clock_is_right_again() -> None:
    passing = Passing()
    passing.clock.advance(hours=-1)
    for _ in range(10):
        passing.pass_by(3_600)
        assert passing.steps.step() == timedelta(hours=-1)
    passing.clock.advance(hours=1)
    assert passing.steps.step() == timedelta(0)


def test_a_step_forward_is_believed_after_a_while_and_not_before() -> None:
    passing = Passing()
    passing.clock.advance(hours=1)
    assert passing.steps.step() == timedelta(hours=1)
    passing.pass_by(BELIEVED_SECONDS - 1)
    assert passing.steps.step() == timedelta(hours=1)
    passing.pass_by(1)
    assert passing.steps.step() == timedelta(0)
    passing.clock.advance(hours=-1)
    assert passing.steps.step() == timedelta(hours=-1), "back again is a step back"


def test_a_step_forward_that_is_taken_back_is_forgotten() -> None:
    passing = Passing()
    passing.clock.advance(hours=1)
    passing.steps.step()
    passing.clock.advance(hours=-1)
    assert passing.steps.step() == timedelta(0)
    passing.clock.advance(hours=1)
    passing.pass_by(BELIEVED_SECONDS - 1)
    assert passing.steps.step() == timedelta(hours=1)
