"""Who administers this organisation, and the rule that somebody always does."""

from collections.abc import Callable
from typing import TypeVar

from assay.access.attempt import UndoneError
from assay.governance.assignments import HolderKind
from assay.governance.records import assignments, break_glass
from assay.governance.roles import GLOBAL_ADMINISTRATOR
from assay.identities.records import groups, users
from assay.identities.users import User
from assay.store import Reader, Transaction
from assay.values import GroupId, Reason, UserId

T = TypeVar("T")


def administrators(reader: Reader) -> tuple[User, ...]:
    """Every enabled person who holds Global Administrator, directly or through groups, by name.

    Without the emergency access accounts: they are for when nobody of these can, and no reason to have none.
    """
    held: set[UserId] = set()
    for assignment in assignments.readable_role_assignments(reader):
        if assignment.role_id != GLOBAL_ADMINISTRATOR:
            continue
        if assignment.holder.kind is HolderKind.USER:
            held.add(UserId(assignment.holder.id))
        else:
            held |= groups.effective_members(reader, GroupId(assignment.holder.id))
    held -= break_glass.user_ids(reader)
    found = (users.get(reader, user_id) for user_id in held)
    return tuple(sorted((user for user in found if user is not None and user.enabled), key=lambda user: user.key))


def keeping_one(transaction: Transaction, act: Callable[[], T]) -> T:
    """Do `act`; raises UndoneError where it would leave nobody to administer, whichever way it came to that."""
    had = bool(administrators(transaction))
    done = act()
    if had and not administrators(transaction):
        raise UndoneError(Reason.of("lastAdministrator"))
    return done
