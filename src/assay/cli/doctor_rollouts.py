"""What doctor makes of rollouts: steps that wait, went back because nobody confirmed them, or cannot go back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from assay.api.shapes.events import EventShape
from assay.api.shapes.rollouts import RolloutShape
from assay.cli.doctor_findings import Finding, Severity
from assay.cli.output import when
from assay.cli.rollout_news import news_of

# Whoever was away over a weekend is told of it on Monday.
NEWS: Final = timedelta(days=3)


def rollout_findings(
    found: tuple[RolloutShape, ...], events: tuple[EventShape, ...], now: datetime
) -> Iterator[Finding]:
    """Each rollout that needs somebody; `events`: the last ones about rollouts, newest first."""
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
    # Whoever took a step since, or another one back, knows of it.
    for name, event in news_of(events).items():
        if now - event.at < NEWS:
            yield Finding(
                check=f"rollout {name}",
                severity=Severity.WARNING,
                message=f"a step was not confirmed and went back at {when(event.at)}",
                fix="take the step again, and confirm it; what happened: assay events search --code rollout.",
            )
