"""What every flow stands on: the store, the clock, randomness, and the addresses of this installation."""

from collections.abc import Callable

from assay.access.proving import Proving
from assay.access.publications import Publications
from assay.clock import Clock
from assay.events import SALT_BYTES, Event, record
from assay.sealing import Derivation, Keyring
from assay.store import Store, Transaction
from assay.values import EventId, Value, new_id


class Addresses(Value, frozen=True, kw_only=True):
    """The names people type: `base` is the base domain, `port` the public port."""

    base: str
    port: int

    @property
    def port_suffix(self) -> str:
        return "" if self.port == 443 else f":{self.port}"

    @property
    def id_host(self) -> str:
        return f"id.{self.base}"

    @property
    def id_origin(self) -> str:
        return self.origin(self.id_host)

    def app_host(self, name: str) -> str:
        return f"{name}.{self.base}"

    def origin(self, host: str) -> str:
        """The origin (RFC 6454) of one of our hosts."""
        return f"https://{host}{self.port_suffix}"


class Premises:
    """The surroundings of a flow; made once in the composition root. `proving`: of the owner's invariants, if any.

    `publications`: those that are being proved.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        random: Callable[[int], bytes],
        addresses: Addresses,
        keyring: Callable[[], Keyring],
        derivation: Callable[[], Derivation],
        proving: Proving | None = None,
    ) -> None:
        self.proving = proving
        self.publications = Publications()
        self.store = store
        self.clock = clock
        # Asked by every request: one call where it would be two.
        self.now = clock.now
        self.random = random
        self.addresses = addresses
        self._keyring = keyring
        self._derivation = derivation

    @property
    def keyring(self) -> Keyring:
        """The master keys as they are now: they are rotated while we serve."""
        return self._keyring()

    @property
    def derivation(self) -> Derivation:
        """What keys of one purpose are derived from: `premises.derivation.key("known-device.cookie")`."""
        return self._derivation()

    def new_id(self) -> str:
        return new_id(self.random(16))

    def record(self, transaction: Transaction, event: Event) -> EventId:
        """Append an event to the log, in the transaction that makes it true."""
        return record(transaction, event, salt=self.random(SALT_BYTES))
