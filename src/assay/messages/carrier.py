"""A way out of the house: what takes one rendered message at a time."""

from email.message import EmailMessage
from typing import Protocol

from assay.messages.outcome import Attempt


class Carrier(Protocol):
    """Hands one message on; blocks, so it is called in a thread of its own, never longer than `deadline` seconds."""

    @property
    def deadline(self) -> float:
        """After so many seconds an attempt has ended, whatever the other side does."""
        ...

    def carry(self, mail: EmailMessage, *, message_id: str, recipient: str) -> Attempt:
        """One attempt; never raises for what the other side does."""
        ...

    def close(self) -> None:
        """End what is under way, and every attempt from now on."""
        ...
