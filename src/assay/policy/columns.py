"""Many requests as columns: of each signal the distinct values, and for each request which of them it has.

The decision log keeps signals once, however often they were judged: so a request here is its signals and an instant.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from itertools import count
from operator import attrgetter
from typing import Final

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from assay.policy.device import Device
from assay.policy.request import REGISTRATION, AccessRequest, Proof

Codes = NDArray[np.int64]
Column = tuple[Codes, int]  # for each row a number below that many
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Who asks for what, with what, when, and from which address: each has a column of its own, all else is one.
ALONE: Final = frozenset({"principal", "target", "address", "proofs", "at"})
OTHERS: Final = tuple(field for field in AccessRequest.__struct_fields__ if field not in ALONE)
# Of those, what a condition reads and no demand does: two requests that differ in nothing else are told apart by
# which policies apply, and by nothing beside. Whatever is not named here tells requests apart.
CONDITIONS_ALONE: Final = frozenset(
    {
        "platform",
        "country",
        "gps_country",
        "compliant_network",
        "sign_in_risk",
        "user_risk",
        "service_principal_risk",
        "agent_id_risk",
        "insider_risk",
        "agent_context",
    }
)
_LARGE: Final = ("device", "satisfied")  # hashed slowly, and few of them
_small: Final = attrgetter(*(field for field in OTHERS if field not in _LARGE))
_demanded: Final = attrgetter(
    *(field for field in OTHERS if field not in CONDITIONS_ALONE and field != "device"),
)
_look: Final[Callable[[Proof], object]] = attrgetter(*(field for field in Proof.__struct_fields__ if field != "at"))
ROOM: Final = 2**60  # below which two columns are combined without being counted anew


def coded(values: Iterable[object], rows: int) -> tuple[Codes, list[object]]:
    """The number of each value, by when it came first, and the distinct values."""
    known: defaultdict[object, int] = defaultdict(count().__next__)
    codes = np.fromiter(map(known.__getitem__, values), dtype=np.int64, count=rows)
    return codes, list(known)


def firsts(column: Column) -> list[int]:
    """The first row of each number."""
    codes, distinct = column
    found = np.zeros(distinct, dtype=np.int64)
    # Of several rows the last that is assigned stays.
    found[codes[::-1]] = np.arange(len(codes) - 1, -1, -1, dtype=np.int64)
    return [int(row) for row in found.tolist()]


def combined(columns: Sequence[Column]) -> Column:
    """One column that differs where any of these do."""
    codes, size = columns[0]
    for more, its_size in columns[1:]:
        if its_size == 1:
            continue
        if size * its_size >= ROOM:
            codes, size = renumbered(codes)
        codes, size = codes * its_size + more, size * its_size
    return renumbered(codes)


def renumbered(codes: Codes) -> Column:
    """The same column with numbers from 0 on."""
    distinct, found = np.unique(codes, return_inverse=True)
    return found.astype(np.int64, copy=False), len(distinct)


class Columns:
    """Requests by their signals, which are kept, because one of each sort is asked of the engine itself.

    `signals`: requests that differ in more than their instant, or not. `rows`: for each request the place of its
    signals, and `instants` when each was asked; without these each of the signals is one request. All columns but these
    are of the signals. `…_ones`: signals with each number of a column. Principals, proofs, devices and addresses that
    are shared are one object, then each is looked at once.
    """

    def __init__(
        self, signals: Sequence[AccessRequest], rows: Sequence[int] | None = None, instants: Sequence[datetime] = ()
    ) -> None:
        self.signals = signals
        self.rows = np.arange(len(signals)) if rows is None else np.array(rows, dtype=np.int64)
        self._instants = [request.at for request in signals] if rows is None else instants
        self.principals = self._by_object("principal", lambda principal: principal)
        self.principal_ones = self.ones(self.principals)
        self.targets = self._by_value(attrgetter("target"))
        self.target_ones = self.ones(self.targets)
        large = [self._by_object(field, lambda value: value) for field in _LARGE]
        self.others = combined([self._by_value(_small), *large])
        self.other_ones = self.ones(self.others)
        # What a demand can look at beside the proofs.
        self.demanded = combined(
            [
                self._coarser(
                    self.others, self.other_ones, lambda request: (_demanded(request), _shown(request.device))
                ),
                self._coarser(self.targets, self.target_ones, lambda request: request.target == REGISTRATION),
                self._coarser(
                    self.principals,
                    self.principal_ones,
                    lambda request: (request.principal.kind, request.principal.guest_type, request.principal.agent),
                ),
            ]
        )
        # IPv4 addresses as numbers; -1 for what is none.
        self.addresses = self._numbers("address", _ipv4)
        self.at = _microseconds([at - EPOCH for at in self._instants])
        self._read_proofs()

    def __len__(self) -> int:
        return len(self.rows)

    def request(self, row: int) -> AccessRequest:
        """One request, with its own instant."""
        return replace(self.signals[int(self.rows[row])], at=self._instants[row])

    def ones(self, column: Column) -> list[AccessRequest]:
        """Signals with each number of a column; no condition reads the instant."""
        return [self.signals[place] for place in firsts(column)]

    def _by_value(self, key: Callable[[AccessRequest], object]) -> Column:
        codes, distinct = coded(map(key, self.signals), len(self.signals))
        return codes, len(distinct)

    def _objects(self, field: str) -> tuple[Codes, list[object]]:
        """The number of each object, and the objects; they are held by the signals, so their ids are theirs alone."""
        values = list(map(attrgetter(field), self.signals))
        codes, ids = coded(map(id, values), len(values))
        return codes, [values[row] for row in firsts((codes, len(ids)))]

    def _by_object(self, field: str, key: Callable[[object], object]) -> Column:
        codes, objects = self._objects(field)
        numbers, distinct = coded(map(key, objects), len(objects))
        return numbers[codes], len(distinct)

    def _numbers(self, field: str, number: Callable[[object], int]) -> Codes:
        codes, objects = self._objects(field)
        return np.fromiter(map(number, objects), dtype=np.int64, count=len(objects))[codes]

    def _coarser(self, column: Column, ones: Sequence[AccessRequest], key: Callable[[AccessRequest], object]) -> Column:
        numbers, distinct = coded(map(key, ones), len(ones))
        return numbers[column[0]], len(distinct)

    def _read_proofs(self) -> None:
        """How the proofs look but for their instants, and these instants by place, a line for each tuple of them."""
        self.proofs, objects = self._objects("proofs")
        several = [proofs for proofs in objects if isinstance(proofs, tuple)]
        looks, distinct = coded((tuple(map(_look, proofs)) for proofs in several), len(several))
        self.looks = (looks[self.proofs], len(distinct))
        most = max(map(len, several), default=0)
        lengths = np.fromiter(map(len, several), dtype=np.int64, count=len(several))
        # A place that a tuple has not is as old as time: alike for all of one look.
        self.proved_at = np.zeros((len(several), most), dtype=np.int64)
        flat = _microseconds([proof.at - EPOCH for proofs in several for proof in proofs])
        self.proved_at[np.arange(most) < lengths[:, None]] = flat


def _shown(device: Device | None) -> tuple[bool, bool]:
    """What a demand reads of a device (satisfaction.py)."""
    return device is not None and device.is_compliant is True, device is not None and device.hybrid_joined


def _ipv4(address: object) -> int:
    return int(address) if isinstance(address, IPv4Address) else -1


def _microseconds(elapsed: Sequence[timedelta]) -> Codes:
    """Whole microseconds, exactly: that is what a timedelta holds."""
    parts = (
        np.fromiter(map(attrgetter(part), elapsed), dtype=np.int64, count=len(elapsed))
        for part in ("days", "seconds", "microseconds")
    )
    days, seconds, microseconds = parts
    return (days * 86_400 + seconds) * 1_000_000 + microseconds
