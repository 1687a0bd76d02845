"""Records of known devices: hashes of their secrets, one row for each account on each of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import Column, ForeignKey, bindparam, select

from assay.identities.guessing import GuessingLimits
from assay.identities.known_devices import OCTETS, KnownDevice, device_hash, new_device_secret
from assay.store import Id, Instant, Octets, Reader, Transaction, table
from assay.values import UserId

known_devices = table(
    "known_devices",
    Column("secret_hash", Octets, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
)


_ON: Final = select(known_devices).where(
    known_devices.c.secret_hash == bindparam("wanted"), known_devices.c.expires_at > bindparam("at", type_=Instant)
)


def of(reader: Reader, secret: str, user_id: UserId | None, at: datetime) -> KnownDevice | None:
    """The device, if this person signed in on it before; the same work whoever is asked about."""
    return next((device for device in _on(reader, secret, at) if device.user_id == user_id), None)


def of_anybody(reader: Reader, secret: str, at: datetime) -> bytes | None:
    """The hash of this secret, if anybody signed in on that device before."""
    found = _on(reader, secret, at)
    return found[0].secret_hash if found else None


def remember(
    transaction: Transaction,
    secret: str,
    user_id: UserId,
    *,
    limits: GuessingLimits,
    at: datetime,
    random: Callable[[int], bytes],
) -> tuple[str, bool] | None:
    """Know this device for this person from now on: its new secret, and whether it was unknown to them.

    None while its secret is young enough. Whatever was planted in the browser before is worth nothing after: an unknown
    device always gets a new secret.
    """
    held = _on(transaction, secret, at)
    mine = next((device for device in held if device.user_id == user_id), None)
    if mine is not None and limits.fresh(mine.made_at, at):
        return None
    made = new_device_secret(random(OCTETS))
    hashed = device_hash(made)
    people = [device.user_id for device in held if device.user_id != user_id]
    rows = [(user_id, at + limits.device_lifetime)]
    rows += [(device.user_id, device.expires_at) for device in held if device.user_id in people]
    transaction.connection.execute(
        known_devices.insert(),
        [
            {"secret_hash": hashed, "user_id": person, "made_at": at, "expires_at": expires_at}
            for person, expires_at in rows
        ],
    )
    if held:
        old = known_devices.update().where(known_devices.c.secret_hash == held[0].secret_hash)
        transaction.connection.execute(old.values(expires_at=at + limits.device_grace))
    _keep_newest(transaction, user_id, limits.devices_of_one)
    return made, mine is None


def forget(transaction: Transaction, secret_hash: bytes, user_id: UserId) -> None:
    """A device on which too many attempts failed is a stranger's from now on."""
    one = known_devices.c.secret_hash == secret_hash, known_devices.c.user_id == user_id
    transaction.connection.execute(known_devices.delete().where(*one))


def forget_all(transaction: Transaction, user_id: UserId) -> None:
    """Every device of a person is a stranger's from now on: after a recovery nobody knows whose they are."""
    transaction.connection.execute(known_devices.delete().where(known_devices.c.user_id == user_id))


def sweep(transaction: Transaction, at: datetime) -> int:
    """Forget devices that nobody used for long; how many rows."""
    return transaction.connection.execute(known_devices.delete().where(known_devices.c.expires_at <= at)).rowcount


def _on(reader: Reader, secret: str, at: datetime) -> tuple[KnownDevice, ...]:
    hashed = device_hash(secret)
    if hashed is None:
        return ()
    return tuple(
        KnownDevice(
            secret_hash=row.secret_hash,
            user_id=UserId(row.user_id),
            made_at=row.made_at,
            expires_at=row.expires_at,
        )
        for row in reader.connection.execute(_ON, {"wanted": hashed, "at": at})
    )


def _keep_newest(transaction: Transaction, user_id: UserId, limit: int) -> None:
    newest = known_devices.c.made_at.desc()
    mine = select(known_devices.c.secret_hash).where(known_devices.c.user_id == user_id).order_by(newest)
    too_old = transaction.connection.scalars(mine.offset(limit)).all()
    for hashed in too_old:
        forget(transaction, hashed, user_id)
