"""Sessions that are alive as lists show them: whose each is, what it opened, and what is open of it now."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from assay.access.premises import Premises
from assay.apps.records import apps
from assay.identities.records import users
from assay.identities.users import User
from assay.sessions.assurance import acr
from assay.sessions.records import sessions
from assay.sessions.session import Session
from assay.store import Reader
from assay.values import AppId, SessionId, Value
from assay.values.asking import Ask, Found

# How many connections a session has open at this moment.
Connections = Callable[[SessionId], int]


class ShownSession(Value, frozen=True, kw_only=True):
    """A session with its person, its level now, the apps it was carried to and the connections it has open."""

    session: Session
    user: User | None
    acr: str
    apps: tuple[tuple[AppId, str], ...]
    connections: int = 0


def nothing_connected(_: SessionId) -> int:
    """Without a gateway nothing is open."""
    return 0


class OpenSessions:
    """The flow behind the list of sessions."""

    def __init__(self, premises: Premises, *, connections: Connections = nothing_connected) -> None:
        self._premises = premises
        self._connections = connections

    async def page(self, ask: Ask) -> Found[ShownSession]:
        """A page of sessions that are alive."""
        found = await self._premises.store.read_list(lambda reader: self._page(reader, ask))
        # What is open changes on the event loop, where it is counted.
        rows = tuple(replace(shown, connections=self._connections(shown.session.id)) for shown in found.rows)
        return Found(rows=rows, next=found.next, count=found.count)

    def _page(self, reader: Reader, ask: Ask) -> Found[ShownSession]:
        at = self._premises.now()
        found = sessions.page(reader, ask, at)
        names = {app.id: app.display_name for app in apps.every(reader)}
        opened = sessions.apps_of(reader, [session.id for session in found.rows])
        people = users.several(reader, {session.user_id for session in found.rows})
        shown = tuple(
            ShownSession(
                session=session,
                user=people.get(session.user_id),
                acr=acr(session.proofs, at, inactive=at - session.last_seen_at),
                apps=_named(opened.get(session.id, ()), names),
            )
            for session in found.rows
        )
        return Found(rows=shown, next=found.next, count=found.count)


def _named(ids: tuple[AppId, ...], names: Mapping[AppId, str]) -> tuple[tuple[AppId, str], ...]:
    return tuple((app_id, names[app_id]) for app_id in ids if app_id in names)
