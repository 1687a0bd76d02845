"""Who may see the own pages: somebody signed in whom the engine lets see them, each time anew."""

from collections.abc import Awaitable, Callable

from assay.access.signals import Subject
from assay.access.steps import Outcome
from assay.access.visitor import Visitor
from assay.governance.help_desk import is_help_desk
from assay.sessions.session import Session
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
