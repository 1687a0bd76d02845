"""A person's known devices: seen, and forgotten."""

from datetime import datetime

from assay.access.admission import actor_of, source_of
from assay.access.attempt import NotDone, UndoneError, attempt
from assay.access.own_pages import OwnVisit, Visit
from assay.access.own_steps import DevicesPage, OwnDevice
from assay.access.premises import Premises
from assay.access.steps import Outcome
from assay.access.visitor import Visitor
from assay.events import About, change
from assay.events.types import DEVICE_FORGOTTEN
from assay.identities.known_devices import KnownDevice
from assay.identities.records import known_devices
from assay.store import Transaction
from assay.values import Reason, Value

DEVICES = "/devices"


class KeptDevice(Value, frozen=True, kw_only=True):
    """What the log says of a device: never its secret or the hash of it."""

    user_agent: str
    first_used_at: datetime
    last_used_at: datetime


class OwnDevices:
    """The flow behind `/devices`."""

    def __init__(self, premises: Premises, *, visit: Visit) -> None:
        self._premises = premises
        self._visit = visit

    async def page(self, visitor: Visitor) -> Outcome:
        """The devices on which the person signed in and is known."""
        visit = await self._visit(visitor, DEVICES)
        return visit if isinstance(visit, Outcome) else await self._page(visit, visitor)

    async def forget(self, visitor: Visitor, device_id: str) -> Outcome:
        """Let a device be a stranger's from now on: failed sign-ins on it count with those of strangers."""
        visit = await self._visit(visitor, DEVICES)
        if isinstance(visit, Outcome):
            return visit
        user, at = visit.subject.user, self._premises.now()

        def forget(transaction: Transaction) -> None:
            found = known_devices.forget(transaction, user.id, device_id, at)
            if found is None:
                raise UndoneError(Reason.of("deviceUnknown"))
            self._premises.record(
                transaction,
                change(
                    DEVICE_FORGOTTEN,
                    at=at,
                    actor=actor_of(user, visit.session.id),
                    about=About(user_id=user.id, user_name=user.user_name),
                    before=_kept(found),
                    after=None,
                    reason=Reason.of("forgottenByPerson"),
                    source=source_of(visitor),
                ),
            )

        done = await attempt(self._premises.store, forget, urgent=True)
        if isinstance(done, NotDone):
            return await self._page(visit, visitor, error=done.reason)
        return await self._page(visit, visitor, done=Reason.of("deviceForgotten"))

    async def _page(
        self, visit: OwnVisit, visitor: Visitor, *, done: Reason | None = None, error: Reason | None = None
    ) -> Outcome:
        at, user_id = self._premises.now(), visit.session.user_id
        found, here = await self._premises.store.read(
            lambda reader: (
                known_devices.of_user(reader, user_id, at),
                known_devices.of(reader, visitor.device, user_id, at),
            )
        )
        page = DevicesPage(
            user_name=visit.user_name,
            help_desk=visit.help_desk,
            devices=tuple(
                OwnDevice(
                    id=device.id,
                    here=here is not None and device.id == here.id,
                    user_agent=device.user_agent,
                    first_used_at=device.first_used_at,
                    last_used_at=device.last_used_at,
                )
                for device in found
            ),
            done=done,
            error=error,
        )
        return Outcome(step=page)


def _kept(device: KnownDevice) -> KeptDevice:
    return KeptDevice(
        user_agent=device.user_agent, first_used_at=device.first_used_at, last_used_at=device.last_used_at
    )
