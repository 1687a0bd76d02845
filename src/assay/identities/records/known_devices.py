"""Records of known devices: hashes of their secrets, one row for each account on each of them."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Column, ForeignKey, Row, bindparam, select

from assay.identities.guessing import GuessingLimits
from assay.identities.known_devices import OCTETS, KnownDevice, device_hash, hash_of, new_device_secret
from assay.store import Id, Instant, Octets, Reader, Text, Transaction, table
from assay.values import UserId

known_devices = table(
    "known_devices",
    Column("secret_hash", Octets, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    # Of a row that an earlier release wrote these are empty: its hash names it, and it began when it was made.
    Column("id", Id, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("first_used_at", Instant, nullable=True),
    Column("last_used_at", Instant, nullable=True),
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


def of_user(reader: Reader, user_id: UserId, at: datetime) -> tuple[KnownDevice, ...]:
    """The person's devices, the one used last first; one whose secret was just replaced is there once."""
    newest = known_devices.c.made_at
    query = (
        select(known_devices)
        .where(known_devices.c.user_id == user_id, known_devices.c.expires_at > at)
        .order_by(newest, known_devices.c.secret_hash)
    )
    found = {device.id: device for device in map(_device, reader.connection.execute(query))}
    return tuple(sorted(found.values(), key=lambda device: device.last_used_at, reverse=True))


def remember(
    transaction: Transaction,
    secret: str,
    user_id: UserId,
    *,
    user_agent: str,
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
    hashed = hash_of(made)
    own = KnownDevice(
        secret_hash=hashed,
        user_id=user_id,
        made_at=at,
        expires_at=at + limits.device_lifetime,
        id=mine.id if mine is not None else _id_of(hashed),
        user_agent=user_agent,
        first_used_at=mine.first_used_at if mine is not None else at,
        last_used_at=at,
    )
    others = [replace(device, secret_hash=hashed, made_at=at) for device in held if device.user_id != user_id]
    transaction.connection.execute(
        known_devices.insert(),
        [{name: getattr(device, name) for name in KnownDevice.__struct_fields__} for device in (own, *others)],
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


def forget_one(transaction: Transaction, user_id: UserId, device_id: str, at: datetime) -> KnownDevice | None:
    """Forget this device of the person with every secret that it has; what it was, None where there is no such one."""
    mine = select(known_devices).where(known_devices.c.user_id == user_id).order_by(known_devices.c.made_at)
    found = [device for device in map(_device, transaction.connection.execute(mine)) if device.id == device_id]
    for device in found:
        forget(transaction, device.secret_hash, user_id)
    return found[-1] if found and found[-1].expires_at > at else None


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
    return tuple(map(_device, reader.connection.execute(_ON, {"wanted": hashed, "at": at})))


def _device(row: Row[*tuple[object, ...]]) -> KnownDevice:
    return KnownDevice(
        secret_hash=row.secret_hash,
        user_id=UserId(row.user_id),
        made_at=row.made_at,
        expires_at=row.expires_at,
        id=row.id or _id_of(row.secret_hash),
        user_agent=row.user_agent,
        first_used_at=row.first_used_at or row.made_at,
        last_used_at=row.last_used_at or row.made_at,
    )


def _id_of(secret_hash: bytes) -> str:
    """Half of the hash: it names a device to its person, and is neither the secret nor what is looked up by it."""
    return secret_hash[:16].hex()


def _keep_newest(transaction: Transaction, user_id: UserId, limit: int) -> None:
    newest = known_devices.c.made_at.desc()
    mine = select(known_devices.c.secret_hash).where(known_devices.c.user_id == user_id).order_by(newest)
    too_old = transaction.connection.scalars(mine.offset(limit)).all()
    for hashed in too_old:
        forget(transaction, hashed, user_id)
