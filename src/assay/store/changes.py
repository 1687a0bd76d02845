"""The change feed: what a commit changed, told to every cache and open connection of this process."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from assay.values import Value


class Topic(StrEnum):
    """The noun that changed; the key beside it is that noun's id."""

    USER = "user"
    GROUP = "group"
    ROLE = "role"
    APP = "app"
    ASSIGNMENT = "assignment"  # key: app id
    LOCATION = "location"
    POLICY = "policy"
    SESSION = "session"
    METHOD = "method"  # key: user id
    KEY = "key"


class Change(Value, frozen=True, kw_only=True):
    """One thing that a committed transaction changed."""

    topic: Topic
    key: str


Listener = Callable[[Sequence[Change]], None]


class ChangeFeed:
    """Listeners are called on the event loop, in order of subscription, before the writer's caller resumes.

    That order is the promise behind revocation: whoever is told "revoked" can rely on every cache knowing it.
    """

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def publish(self, changes: Sequence[Change]) -> None:
        for listener in self._listeners:
            listener(changes)
