"""Of the log's events about rollouts those that are news: a step that nobody confirmed, and nothing since."""

from collections.abc import Sequence
from typing import Final

from assay.api.shapes.events import EventShape

NEWS_READ: Final = 200  # events
_ABOUT: Final = "rollout "


def news_of(events: Sequence[EventShape]) -> dict[str, EventShape]:
    """By the name of its policy, what went back unconfirmed; `events`: the last `rollout.` ones, newest first."""
    last = {event.about: event for event in reversed(events)}
    return {
        about.removeprefix(_ABOUT): event
        for about, event in last.items()
        if event.code == "rollout.went-back" and event.reason == "notConfirmed"
    }
