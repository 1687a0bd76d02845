"""Who may see the own pages: somebody signed in whom the engine lets see them, each time anew."""

import contextlib
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from assay.access.premises import Premises
from assay.access.signals import Subject
from assay.access.steps import Outcome
from assay.access.visitor import Visitor
from assay.governance.help_desk import is_help_desk
from assay.sessions.records import sessions
from assay.sessions.session import SEEN_EVERY, Session
from assay.store import StoreUnavailableError
from assay.values import Value


class OwnVisit(Value, frozen=True, kw_only=True):
    """A person on a page of their own."""

    session: Session
    subject: Subject

    @property
    def user_name(self) -> str:
        return self.subject.user.user_name

    @property
    def help_desk(self) -> bool:
        return is_help_desk(self.subject.principal.roles)


# The visit of the page at this path, or what the person meets instead.
Visit = Callable[[Visitor, str], Awaitable[OwnVisit | Outcome]]


async def used(premises: Premises, session: Session) -> Session:
    """The session as it is once a page of its person was seen, which is use of it (SP 800-63B-4 §2.2.3, inactivity).

    Stored at once, because no other part knows of it, and not at each of several clicks. Where it cannot be stored the
    page is shown all the same: the session ends earlier than it had to, and no later.
    """
    at = premises.now()
    if at - session.last_seen_at < SEEN_EVERY:
        return session
    with contextlib.suppress(StoreUnavailableError):
        await premises.store.write(lambda transaction: sessions.seen(transaction, {session.id: at}))
    return replace(session, last_seen_at=at)
