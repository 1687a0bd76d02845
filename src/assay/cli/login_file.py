"""Who is logged in at this command line: one file of the user's own, for nobody else to read."""

import contextlib
import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import platformdirs

from assay.values import Stored

URL_VARIABLE: Final = "ASSAY_URL"
TOKEN_VARIABLE: Final = "ASSAY_TOKEN"  # noqa: S105  a variable's name


class Login(Stored, frozen=True, kw_only=True):
    """Where, with which token, until when; `authority`: certificates (PEM) to trust there beside the system's."""

    base: str
    port: int
    token: str
    user: str = ""
    expires_at: datetime | None = None
    authority: str = ""

    @property
    def _suffix(self) -> str:
        return "" if self.port == 443 else f":{self.port}"

    @property
    def api_origin(self) -> str:
        return f"https://api.{self.base}{self._suffix}"

    @property
    def id_origin(self) -> str:
        return f"https://id.{self.base}{self._suffix}"

    def __repr__(self) -> str:
        return f"Login(base={self.base!r}, user={self.user!r})"


def login_file() -> Path:
    """Where it is kept."""
    return Path(platformdirs.user_config_dir("assay")) / "login.json"


def read_login() -> Login | None:
    """Who is logged in; None where nobody is, or the file cannot be read as one."""
    try:
        return msgspec.json.decode(login_file().read_bytes(), type=Login)
    except (OSError, msgspec.MsgspecError):
        return None


def keep_login(login: Login) -> None:
    """Replace what was kept; at no moment can anybody else read it, and a crash leaves the old one whole."""
    path = login_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".login.{secrets.token_hex(8)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(login))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def forget_login() -> bool:
    """Whether there was one."""
    try:
        login_file().unlink()
    except FileNotFoundError:
        return False
    return True
