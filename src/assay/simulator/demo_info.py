"""What a person or a test needs to know of a running demo, as `<data>/demo.json`."""

import os
from datetime import datetime
from pathlib import Path

import msgspec

from assay.values import AssayError, NotFoundError, Value


class DemoDevice(Value, frozen=True, kw_only=True):
    """What a person works with."""

    platform: str
    user_agent: str


class DemoPerson(Value, frozen=True, kw_only=True):
    """A person with everything needed to sign in; `totp_secret` is Base32. `passkey`: signs in with one every day."""

    user: str
    password: str
    totp_secret: str
    groups: tuple[str, ...]
    roles: tuple[str, ...]
    name: str
    kind: str
    enabled: bool
    recovery_codes: tuple[str, ...]
    office: str = ""
    passkey: bool = False
    devices: tuple[DemoDevice, ...] = ()


class DemoAttack(Value, frozen=True, kw_only=True):
    """An attack among the simulated days; `decision` is a short code for `assay explain`, `look` arguments of assay."""

    kind: str
    title: str
    user: str
    address: str
    since: datetime
    until: datetime
    decision: str
    look: tuple[str, ...]


class DemoApp(Value, frozen=True, kw_only=True):
    """An app and its address."""

    name: str
    url: str


class DemoInfo(Value, frozen=True, kw_only=True):
    """A demo; `address` (ip:port) is where to connect, because `*.localhost` does not resolve everywhere."""

    url: str
    address: str
    ca_file: str
    people: tuple[DemoPerson, ...]
    apps: tuple[DemoApp, ...]
    attacks: tuple[DemoAttack, ...] = ()

    def person(self, user: str) -> DemoPerson:
        """The person with this user name; raises NotFoundError."""
        for person in self.people:
            if person.user == user.strip().lower():
                return person
        raise NotFoundError(f"nobody in the demo is called {user!r}", remedy="list them with: assay demo info")


def write_private(path: Path, value: msgspec.Struct) -> None:
    """Write a value as JSON that only the owner reads; readers see the old file or the whole new one."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
    draft.replace(path)


def read_demo_info(path: Path) -> DemoInfo:
    """The demo that was described here; raises NotFoundError or AssayError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=DemoInfo)
    except FileNotFoundError:
        raise NotFoundError(f"there is no demo at {path.parent}", remedy="start one with: assay up --demo") from None
    except msgspec.MsgspecError as error:
        raise AssayError(f"{path} cannot be read: {error}", remedy="start the demo again") from error
