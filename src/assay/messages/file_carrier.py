"""Messages as files: one `.eml` each, for an installation without a mail server and for looking at them."""

import contextlib
import os
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from assay.messages.outcome import SENT, Attempt, Fate
from assay.messages.render import octets

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class FileCarrier:
    """Writes into one directory, 0700; a file is whole and on the disk, or not there."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @property
    def deadline(self) -> float:
        return 30.0

    def carry(self, mail: EmailMessage, *, message_id: str, recipient: str) -> Attempt:
        """Write the message; the same one again replaces itself."""
        del recipient
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(f"{message_id}.eml", octets(mail))
        except OSError as error:
            return Attempt(fate=Fate.UNREACHABLE, error=f"{self._directory}: {error.strerror}")
        return SENT

    def close(self) -> None:
        """Writing a file ends by itself."""

    def _write(self, name: str, content: bytes) -> None:
        directory = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        unfinished = f".{name}.{os.getpid()}"
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(unfinished, dir_fd=directory)
            descriptor = os.open(unfinished, _FLAGS, 0o600, dir_fd=directory)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, name, src_dir_fd=directory, dst_dir_fd=directory)
            os.fsync(directory)
        finally:
            os.close(directory)
