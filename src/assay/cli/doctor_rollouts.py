"""What doctor makes of rollouts: steps that wait, went back because nobody confirmed them, or cannot go back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from assay.api.shapes.events import EventShape
from assay.api.shapes.rollouts import RolloutShape
from assay.cli.doctor_findings import Finding, Severity
from assay.cli.output import when

# Whoever was away over a weekend is told of it on Monday.
NEWS: Final = timedelta(days=3)
NEWS_READ: Final = 50  # events


def rollout_findings(
    found: tuple[RolloutShape, ...], went_back: tuple[EventShape, ...], now: datetime
) -> Iterator[Finding]:
    """Each rollout that needs somebody; `went_back`: the last events of that, newest first."""
    for each in found:
        name = each.policy
        if each.stuck:
            yield Finding(
                check=f"rollout {name}",
                severity=Severity.ERROR,
                message=f"its last step was not confirmed and cannot go back: {each.stuck}",
                fix="mend what is in the way, and it goes back; or let it stand: assay policy roll-out confirm NAME",
            )
        elif each.confirm_by is not None:
            yield Finding(
                check=f"rollout {name}",
                severity=Severity.NOTE,
                message=f"its last step goes back at {when(each.confirm_by)}, unless it is confirmed",
                fix="assay policy roll-out confirm NAME",
            )
    # Of each policy the last: what was taken back by hand since is known to whoever did that.
    last = {event.about: event for event in reversed(went_back)}
    for event in last.values():
        if event.reason == "notConfirmed" and now - event.at < NEWS:
            yield Finding(
                check=event.about,
                severity=Severity.WARNING,
                message=f"a step was not confirmed and went back at {when(event.at)}",
                fix="assay policy roll-out list says what is left of it",
            )
