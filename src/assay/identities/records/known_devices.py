"""Records of known devices: hashes of their secrets, one row for each account on each of them."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from msgspec.structs import replace
from sqlalchemy import Column, ColumnElement, ForeignKey, Row, bindparam, select

from assay.identities.guessing import GuessingLimits
from assay.identities.known_devices import OCTETS, KnownDevice, device_hash, hash_of, new_device_secret
from assay.store import Id, Instant, Octets, Prepared, Reader, Text, Transaction, table
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


_ON: Final = Prepared(
    select(known_devices).where(
        known_devices.c.secret_hash == bindparam("wanted"), known_devices.c.expires_at > bindparam("at", type_=Instant)
    )
)


def of(reader: Reader, secret: str, user_id: UserId | None, at: datetime) -> KnownDevice | None:
    """The device, if this person signed in on it before; the same work whoever is asked about."""
    return next((device for device in _on(reader, secret, at) if device.user_id == user_id), None)


def of_anybody(reader: Reader, secret: str, at: datetime) -> bytes | None:
    """The hash of this secret, if anybody signed in on that device before."""
    found = _on(reader, secret, at)
    return found[0].secret_hash if found else None


def of_user(reader: Reader, user_id: UserId, at: datetime) -> tuple[KnownDevice, ...]:
    """The person's devices, the one used last first; one that has several secrets is there once."""
    found = {device.id: device for device in _of(reader, user_id) if device.expires_at > at}
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
    device always gets a new secret. Others who are known on it are lent that secret, so that a shared browser still
    knows them. It ends nothing that their own sign-in made, lives no longer, and goes with their next sign-in: who
    signs in with a copy of somebody's cookie neither takes their device from them nor makes it another one.
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
    end = at + limits.device_grace
    lent = tuple(
        replace(device, secret_hash=hashed, made_at=device.last_used_at - limits.device_rotation)
        for device in held
        if device.user_id != user_id and device.expires_at > end
    )
    for device in lent:
        _end(transaction, (row for row in _every(transaction, device) if row.made_at != row.last_used_at), end)
    if mine is not None:
        _end(transaction, _every(transaction, mine), end)
    transaction.connection.execute(
        known_devices.insert(),
        [{name: getattr(device, name) for name in KnownDevice.__struct_fields__} for device in (own, *lent)],
    )
    _keep_newest(transaction, user_id, limits.devices_of_one)
    return made, mine is None


def forget(transaction: Transaction, user_id: UserId, device_id: str, at: datetime) -> KnownDevice | None:
    """Forget this device of the person with every secret that it has; what it was, None where there is no such one.

    A device on which too many attempts failed is a stranger's from then on too.
    """
    found = [device for device in _of(transaction, user_id) if device.id == device_id]
    _remove(transaction, found)
    return found[-1] if found and any(device.expires_at > at for device in found) else None


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
    return tuple(map(_device, _ON.rows(reader, {"wanted": hashed, "at": at})))


def _device(row: Row[tuple[object, ...]]) -> KnownDevice:
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


def _of(reader: Reader, user_id: UserId) -> tuple[KnownDevice, ...]:
    """Every row of the person, the newest secret last."""
    query = select(known_devices).where(known_devices.c.user_id == user_id)
    newest_last = query.order_by(known_devices.c.made_at, known_devices.c.secret_hash)
    return tuple(map(_device, reader.connection.execute(newest_last)))


def _every(reader: Reader, device: KnownDevice) -> tuple[KnownDevice, ...]:
    """Every row of this device of this person: each is another secret."""
    return tuple(row for row in _of(reader, device.user_id) if row.id == device.id)


def _end(transaction: Transaction, devices: Iterable[KnownDevice], end: datetime) -> None:
    """Let these secrets end then, if they do not end before."""
    for device in devices:
        earlier = known_devices.update().where(*_is(device), known_devices.c.expires_at > end)
        transaction.connection.execute(earlier.values(expires_at=end))


def _remove(transaction: Transaction, devices: Iterable[KnownDevice]) -> None:
    for device in devices:
        transaction.connection.execute(known_devices.delete().where(*_is(device)))


def _is(device: KnownDevice) -> tuple[ColumnElement[bool], ...]:
    return known_devices.c.secret_hash == device.secret_hash, known_devices.c.user_id == device.user_id


def _keep_newest(transaction: Transaction, user_id: UserId, limit: int) -> None:
    """Of more devices than one person can have, those that were used last."""
    rows = _of(transaction, user_id)
    used = {device.id: device.last_used_at for device in rows}
    kept = sorted(used, key=lambda device_id: used[device_id], reverse=True)[:limit]
    _remove(transaction, (device for device in rows if device.id not in kept))
