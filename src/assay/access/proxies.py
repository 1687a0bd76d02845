"""Foreign proxies, as administrators add, list, rotate and remove them."""

from datetime import datetime

from msgspec.structs import replace

from assay.access.attempt import By
from assay.access.premises import Premises
from assay.apps.credentials import new_secret, secret_hash
from assay.apps.proxies import PROXIES_LIMIT, Proxy, ProxyKind, proxy_kind, proxy_name
from assay.apps.records import apps, proxies
from assay.events import About, ChangeType, Entity, change
from assay.events.types import PROXY_ADDED, PROXY_REMOVED, PROXY_ROTATED
from assay.store import Reader, Transaction
from assay.values import ConflictError, NotFoundError, ProxyId, Value


class StoredProxy(Value, frozen=True, kw_only=True):
    """What the log says of a proxy: never its secret, nor the hash of it."""

    id: ProxyId
    name: str
    kind: ProxyKind
    rotated_at: datetime | None


class NewProxy(Value, frozen=True, kw_only=True):
    """A proxy and its secret, which is nowhere else and shown once."""

    proxy: Proxy
    secret: str


class SeenProxy(Value, frozen=True, kw_only=True):
    """A proxy with the names of the apps behind it."""

    proxy: Proxy
    apps: tuple[str, ...]


class Proxies:
    """The flow behind `assay proxies`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def add(self, by: By, name: str, *, kind: str) -> NewProxy:
        """A proxy that may ask about apps protected with it; raises InvalidInputError or ConflictError."""
        proxy = Proxy(
            id=ProxyId(self._premises.new_id()),
            name=proxy_name(name),
            kind=proxy_kind(kind or name),
            created_at=self._premises.now(),
        )
        secret = new_secret(self._premises.random)

        def add(transaction: Transaction) -> NewProxy:
            there = proxies.every(transaction)
            if any(each.name == proxy.name for each in there):
                raise ConflictError(f"there is a proxy {proxy.name!r} already", remedy="choose another name")
            if len(there) >= PROXIES_LIMIT:
                raise ConflictError(f"there are {len(there)} proxies", remedy="remove those that nobody needs")
            proxies.insert_proxy(transaction, proxy, secret_hash(secret))
            self._record(transaction, PROXY_ADDED, by, before=None, after=proxy)
            return NewProxy(proxy=proxy, secret=secret)

        return await self._premises.store.write(add)

    async def every(self) -> tuple[SeenProxy, ...]:
        """All of them, by name."""
        return await self._premises.store.read(
            lambda reader: tuple(SeenProxy(proxy=each, apps=_behind(reader, each)) for each in proxies.every(reader))
        )

    async def rotate(self, by: By, name: str) -> NewProxy:
        """Another secret; the old one is worth nothing from now on. Raises NotFoundError."""
        secret = new_secret(self._premises.random)

        def rotate(transaction: Transaction) -> NewProxy:
            before, at = known_proxy(transaction, name), self._premises.now()
            after = replace(before, rotated_at=at)
            proxies.rotate(transaction, before.id, secret_hash(secret), at)
            self._record(transaction, PROXY_ROTATED, by, before=before, after=after)
            return NewProxy(proxy=after, secret=secret)

        return await self._premises.store.write(rotate, urgent=True)

    async def remove(self, by: By, name: str) -> Proxy:
        """Nobody asks with its secret any more; raises NotFoundError, and ConflictError while apps stand behind it."""

        def remove(transaction: Transaction) -> Proxy:
            proxy = known_proxy(transaction, name)
            behind = _behind(transaction, proxy)
            if behind:
                raise ConflictError(
                    f"behind {proxy.name} stand {', '.join(behind)}",
                    remedy="remove those apps first; or make its secret worthless with: assay proxies rotate",
                )
            proxies.remove(transaction, proxy.id)
            self._record(transaction, PROXY_REMOVED, by, before=proxy, after=None)
            return proxy

        return await self._premises.store.write(remove, urgent=True)

    def _record(
        self, transaction: Transaction, kind: ChangeType, by: By, *, before: Proxy | None, after: Proxy | None
    ) -> None:
        proxy = after or before
        assert proxy is not None
        self._premises.record(
            transaction,
            change(
                kind,
                at=self._premises.now(),
                actor=by.actor,
                about=About(entity=Entity(uid=proxy.id, name=proxy.name, type="proxy")),
                before=_stored(before),
                after=_stored(after),
                reason=by.reason,
            ),
        )


def known_proxy(reader: Reader, name: str) -> Proxy:
    """The proxy with this id or name; raises NotFoundError."""
    found = proxies.named(reader, name.strip().lower())
    if found is None:
        raise NotFoundError(f"there is no proxy {name!r}", remedy="list proxies with: assay proxies list")
    return found


def _behind(reader: Reader, proxy: Proxy) -> tuple[str, ...]:
    return tuple(app.name for app in apps.every(reader) if app.proxy_id == proxy.id)


def _stored(proxy: Proxy | None) -> StoredProxy | None:
    if proxy is None:
        return None
    return StoredProxy(id=proxy.id, name=proxy.name, kind=proxy.kind, rotated_at=proxy.rotated_at)
