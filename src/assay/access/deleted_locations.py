"""Named locations that were removed: read out of the log, which holds what each was, and the way back."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from assay.access.activity import envelope_of
from assay.access.attempt import By, NotDone, attempt
from assay.access.deleted_policies import FOR_GOOD
from assay.access.named_locations import refuse_taken
from assay.access.premises import Premises
from assay.access.publication import NOUNS, Change, publish
from assay.events import About, Entity, change
from assay.events.records.log import Leaf
from assay.events.records.search import PAGE_LIMIT, EventQuery, search
from assay.events.types import LOCATION_CHANGED
from assay.network.records import locations
from assay.policy import NamedLocation
from assay.store import Reader, Transaction
from assay.values import NotFoundError, Reason, Value
from assay.values.asked_in_memory import page_of
from assay.values.asking import Ask, Found, Scalar, folded

# Of the changes of locations so many of the newest are looked at; a company makes a few a month.
LOOKED_AT: Final = 5 * PAGE_LIMIT


class DeletedLocation(Value, frozen=True, kw_only=True):
    """A location as it was when it was removed, and when it went."""

    location: NamedLocation
    at: datetime


FIELDS: Final[Mapping[str, Callable[[DeletedLocation], Scalar]]] = {
    "id": lambda each: each.location.id,
    "name": lambda each: folded(each.location.display_name),
    "trusted": lambda each: each.location.is_trusted,
    "deleted_at": lambda each: each.at,
}


class DeletedLocations:
    """The flow behind `deletedItems/namedLocations`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def page(self, ask: Ask) -> Found[DeletedLocation]:
        """A page of them."""
        return await self._premises.store.read_list(lambda reader: page_of(_removed(reader), ask, FIELDS, ("id",)))

    async def show(self, location_id: str) -> DeletedLocation:
        """One of them by its id; raises NotFoundError."""
        return await self._premises.store.read_list(lambda reader: _one(reader, location_id))

    async def restore(self, by: By, location_id: str) -> NamedLocation | NotDone:
        """Store it once more as it was, by the checks of every change; raises NotFoundError and ConflictError."""

        def restore(transaction: Transaction) -> NamedLocation:
            found = _one(transaction, location_id).location
            refuse_taken(transaction, found)
            why = replace(by, reason=Reason.of("locationRestored"))
            publish(self._premises, transaction, why, (Change(kind=LOCATION_CHANGED, after=found),))
            return found

        return await attempt(self._premises.store, restore)

    async def forget(self, by: By, location_id: str) -> None:
        """Have it there no longer, for good; raises NotFoundError. The log keeps what it was."""

        def forget(transaction: Transaction) -> None:
            found = _one(transaction, location_id).location
            about = Entity(uid=found.id, name=found.display_name, type=NOUNS[type(found)])
            event = change(
                LOCATION_CHANGED,
                at=self._premises.now(),
                actor=by.actor,
                about=About(entity=about),
                before=found,
                after=None,
                reason=Reason.of(FOR_GOOD),
            )
            self._premises.record(transaction, event)

        await self._premises.store.write(forget)


def _changes(reader: Reader) -> Iterator[Leaf]:
    """The changes of locations, the last first."""
    query = EventQuery(code=LOCATION_CHANGED.code, limit=PAGE_LIMIT)
    for _ in range(LOOKED_AT // PAGE_LIMIT):
        page = search(reader, query)
        yield from page.events
        if page.cursor is None:
            return
        query = replace(query, before=page.cursor)


def _removed(reader: Reader) -> tuple[DeletedLocation, ...]:
    """Those by whose last change they went; one of which the log does not say (any more) what it was is left out."""
    seen: set[str] = {location.id for location in locations.every(reader)}
    found: list[DeletedLocation] = []
    for leaf in _changes(reader):
        event = envelope_of(reader, leaf)
        if event is None or event.entity is None or event.entity.uid in seen:
            continue
        seen.add(event.entity.uid)
        said = event.unmapped
        if bytes(said.after) or (said.reason is not None and said.reason.code == FOR_GOOD):
            continue
        try:
            location = msgspec.json.decode(said.before, type=NamedLocation)
        except msgspec.MsgspecError:
            continue
        found.append(DeletedLocation(location=location, at=leaf.at))
    return tuple(found)


def _one(reader: Reader, location_id: str) -> DeletedLocation:
    wanted = location_id.strip().lower()
    for each in _removed(reader):
        if each.location.id == wanted:
            return each
    raise NotFoundError(
        f"no named location with the id {location_id!r} was removed",
        remedy="list those that were at /identity/conditionalAccess/deletedItems/namedLocations",
    )
