"""Messages and carriers for tests."""

from datetime import UTC, datetime
from pathlib import Path

from assay.messages.message import Message
from assay.messages.notice import Notice
from assay.messages.render import Letterhead
from assay.messages.settings import Encryption, MailSettings, Transport

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HEAD = Letterhead(sender="assay@example.com", id_host="id.example.com", id_origin="https://id.example.com")


def message(
    number: int = 1,
    *,
    recipient: str = "alice@example.net",
    name: str = "Alice",
    notice: Notice = Notice.METHOD_ADDED,
    **parameters: str,
) -> Message:
    """A message that is due now."""
    return Message(
        id=f"00000000-0000-4000-8000-{number:012d}",
        number=number,
        user_id=None,
        name=name,
        recipient=recipient,
        notice=notice,
        parameters=tuple(sorted(parameters.items())),
        created_at=NOW,
        due_at=NOW,
    )


def smtp(
    port: int,
    *,
    encryption: Encryption = Encryption.NONE,
    authorities: Path | None = None,
    user_name: str = "",
    password_file: Path | None = None,
    timeout_seconds: float = 30.0,
) -> MailSettings:
    """The settings of a server on this machine."""
    return MailSettings(
        transport=Transport.SMTP,
        host="localhost",
        port=port,
        encryption=encryption,
        sender="assay@example.com",
        authorities=authorities,
        user_name=user_name,
        password_file=password_file,
        timeout_seconds=timeout_seconds,
    )
