"""Sessions, as administrators list and revoke them."""

from collections.abc import Awaitable, Callable, Collection

from assay.access import named
from assay.access.attempt import By, NotDone, attempt
from assay.access.change_of import refuse_change_of
from assay.access.end_sessions import end_sessions, end_sessions_of
from assay.access.premises import Premises
from assay.identities.records import users
from assay.sessions.assurance import acr
from assay.sessions.records import sessions
from assay.sessions.session import EndReason, Session
from assay.store import Reader, Transaction
from assay.values import InvalidInputError, NotFoundError, SessionId, Value


class Cut(Value, frozen=True, kw_only=True):
    """What the gateway had open for ended sessions: connections cut, those it could not cut, and how long it took."""

    connections: int = 0
    still_open: int = 0
    milliseconds: float = 0.0


# Returns when nothing of these sessions is open any more.
Settled = Callable[[Collection[SessionId]], Awaitable[Cut]]


class OpenSession(Value, frozen=True, kw_only=True):
    """A session, whose it is, and the level that it stands for now."""

    session: Session
    user_name: str
    acr: str


class Revocation(Value, frozen=True, kw_only=True):
    """The sessions that ended, and what was cut with them."""

    sessions: tuple[SessionId, ...]
    cut: Cut


async def nothing_open(_: Collection[SessionId]) -> Cut:
    """Without a gateway nothing is open."""
    return Cut()


class Sessions:
    """The flow behind `assay sessions`."""

    def __init__(self, premises: Premises, *, settled: Settled = nothing_open) -> None:
        self._premises = premises
        self._settled = settled

    async def open(self, *, user: str | None = None, limit: int = 1_000) -> tuple[OpenSession, ...]:
        """Sessions that are alive, newest first; of one person, or of everybody. Raises NotFoundError."""

        def look(reader: Reader) -> tuple[OpenSession, ...]:
            user_id = None if user is None else named.person(reader, user).id
            at = self._premises.now()
            found = sessions.open_sessions(reader, at, user_id=user_id, limit=limit)
            people = {each.user_id: users.get(reader, each.user_id) for each in found}
            names = {user_id: person.user_name for user_id, person in people.items() if person is not None}
            return tuple(
                OpenSession(
                    session=each,
                    user_name=names.get(each.user_id, each.user_id),
                    acr=acr(each.proofs, at, inactive=at - each.last_seen_at),
                )
                for each in found
            )

        return await self._premises.store.read(look)

    async def revoke(
        self, by: By, *, session: str | None = None, user: str | None = None, everybody: bool = False
    ) -> Revocation | NotDone:
        """End one session, all of a person, or all there are; returns when what was open is cut.

        Raises InvalidInputError unless exactly one is named, and NotFoundError.
        """
        if (session is not None) + (user is not None) + everybody != 1:
            raise InvalidInputError("name one session, one person, or everybody", remedy="use ID, --user or --all")

        def end(transaction: Transaction) -> tuple[SessionId, ...]:
            if session is not None:
                found = sessions.get(transaction, SessionId(session.lower()))
                if found is None:
                    raise NotFoundError(
                        f"there is no session {session!r}", remedy="list them with: assay sessions list"
                    )
                refuse_change_of(transaction, by, found.user_id, self._premises.now())
                return end_sessions(self._premises, transaction, ((found.id, found.user_id),), EndReason.REVOKED, by)
            user_id = None if user is None else named.person(transaction, user).id
            if user_id is not None:
                refuse_change_of(transaction, by, user_id, self._premises.now())
            return end_sessions_of(self._premises, transaction, user_id, EndReason.REVOKED, by)

        ended = await attempt(self._premises.store, end, urgent=True)
        if isinstance(ended, NotDone):
            return ended
        return Revocation(sessions=ended, cut=await self._settled(ended))
