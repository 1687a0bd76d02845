"""The change feed: what a commit changed, told to every cache and open connection of this process."""

import logging
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TypeVar

from assay.store.reader import Reader
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
    MESSAGE = "message"
    APP_ACCESS = "appAccess"  # public paths and credentials; key: app id


class Change(Value, frozen=True, kw_only=True):
    """One thing that a committed transaction changed."""

    topic: Topic
    key: str


T = TypeVar("T")
logger = logging.getLogger("assay.store")
Look = Callable[[Reader, Sequence[Change]], T]


class ChangeFeed:
    """Caches and open connections hear of a commit before the one who made it is told that it is done.

    That order is the promise behind revocation: whoever is told "revoked" can rely on every cache knowing it.
    A follower first reads what it needs, in the writer's thread, from the very state that was committed; then all
    followers apply what they read on the event loop, in order of subscription.
    """

    def __init__(self) -> None:
        self._followers: list[Callable[[Reader, Sequence[Change]], Callable[[], None]]] = []
        self._again: list[Callable[[Reader], Callable[[], None]]] = []
        self._on_loss: list[Callable[[Exception], None]] = []
        self._on_found: list[Callable[[], None]] = []
        self._on_rewritten: list[Callable[[], None]] = []

    def follow(self, look: Look[T], apply: Callable[[T], None], *, again: Callable[[Reader], T] | None = None) -> None:
        """Call `look` in the writer's thread after each commit, and `apply` with its result on the event loop.

        `again` reads everything that this follower keeps, when it is not known what changed; None: it keeps nothing.
        """

        def follower(reader: Reader, changes: Sequence[Change]) -> Callable[[], None]:
            seen = look(reader, changes)
            return lambda: apply(seen)

        self._followers.append(follower)
        if again is not None:
            reread = again

            def read_again(reader: Reader) -> Callable[[], None]:
                seen = reread(reader)
                return lambda: apply(seen)

            self._again.append(read_again)

    def look(self, reader: Reader, changes: Sequence[Change]) -> tuple[Callable[[], None], ...]:
        """What is left to do on the event loop, after every follower has read what it needs."""
        return tuple(follower(reader, changes) for follower in self._followers)

    def look_again(self, reader: Reader) -> tuple[Callable[[], None], ...]:
        """The same after every follower has read everything anew."""
        return tuple(read_again(reader) for read_again in self._again)

    def on_found(self, act: Callable[[], None]) -> None:
        """Call `act` once everything was read again after a loss."""
        self._on_found.append(act)

    def found(self) -> None:
        """Tell every follower that what is known is what is stored."""
        for act in self._on_found:
            act()

    def on_rewritten(self, act: Callable[[], None]) -> None:
        """Call `act` when the database has another history than before: commits that were acknowledged are lost."""
        self._on_rewritten.append(act)

    def rewritten(self) -> None:
        """Tell that what was acknowledged may not be so any more, before what is so now is taken over."""
        for act in self._on_rewritten:
            act()

    def on_loss(self, act: Callable[[Exception], None]) -> None:
        """Call `act` when the committed state could not be read: every cache that follows is stale from then on."""
        self._on_loss.append(act)

    def lost(self, error: Exception) -> None:
        """Tell every follower that it is stale, and the log why; one that fails to hear it stops no other."""
        logger.critical(
            "what is known may differ from what is stored; decisions stop until it was read again", exc_info=error
        )
        for act in self._on_loss:
            try:
                act(error)
            except Exception:
                logger.critical("a cache could not be told that it is stale", exc_info=True)
