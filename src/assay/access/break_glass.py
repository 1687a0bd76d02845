"""Emergency access accounts: made at the first start, enrolled by link, drilled, and each use of them reviewed."""

from datetime import datetime, timedelta
from typing import Final

from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.enrolment_links import EnrolmentLink, issue_link
from assay.access.premises import Premises
from assay.events import About, Actor, Entity, change, occurrence
from assay.events.types import (
    BREAK_GLASS_DRILL_STARTED,
    BREAK_GLASS_REVIEWED,
    METHOD_REMOVED,
    ROLE_ASSIGNED,
    USER_CREATED,
)
from assay.governance.assignments import Holder, RoleAssignment
from assay.governance.break_glass import (
    ACCOUNTS,
    DRILL_LASTS,
    BreakGlassAccount,
    BreakGlassUse,
    Purpose,
    drill_due,
    rotation_due,
)
from assay.governance.records import assignments, break_glass
from assay.governance.roles import GLOBAL_ADMINISTRATOR
from assay.identities.records import passkeys, users
from assay.identities.users import User
from assay.policy import UserKind
from assay.store import Reader, Transaction
from assay.values import InvalidInputError, NotFoundError, Reason, UserId, Value

LINK_LIFETIME: Final = timedelta(hours=24)
BY_SET_UP: Final = Reason.of("emergencyAccessSetUp")
MAX_FINDING: Final = 2_000
MAX_NAME: Final = 256


class AccountState(Value, frozen=True, kw_only=True):
    """One account, as doctor and `assay break-glass list` see it."""

    number: int
    user: User
    passkeys: int
    last_emergency: datetime | None
    last_drill: datetime | None
    drill_due: bool
    rotation_due: bool


class EmergencyAccess(Value, frozen=True, kw_only=True):
    """All there is to know: the accounts, the uses that nobody has reviewed, and a drill that is under way."""

    accounts: tuple[AccountState, ...]
    open_reviews: tuple[BreakGlassUse, ...]
    drill_until: datetime | None


class BreakGlass:
    """The flow behind `assay break-glass`."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def set_up(self) -> EmergencyAccess:
        """As things are once the missing accounts are made: two, each with the role that administers, no method."""
        known = await self._premises.store.read(break_glass.accounts)
        if len(known) < ACCOUNTS:
            await self._premises.store.write(self._complete)
        return await self.look()

    async def look(self) -> EmergencyAccess:
        """As things are now."""
        at = self._premises.now()

        def look(reader: Reader) -> EmergencyAccess:
            return EmergencyAccess(
                accounts=tuple(_state(reader, account, at) for account in break_glass.accounts(reader)),
                open_reviews=break_glass.open_reviews(reader),
                drill_until=break_glass.drill_until(reader, at),
            )

        return await self._premises.store.read(look)

    async def uses(self) -> tuple[BreakGlassUse, ...]:
        """Every use, newest first."""
        return await self._premises.store.read(break_glass.uses)

    async def enrol(self, by: By, number: int, *, replace: bool = False) -> EnrolmentLink | NotDone:
        """A link by which this account registers a passkey; `replace` takes the keys it has. Raises NotFoundError."""

        def issue(transaction: Transaction) -> EnrolmentLink:
            user = _account(transaction, number)
            if replace:
                self._remove_keys(transaction, user, by)
            return issue_link(self._premises, transaction, user, by, LINK_LIFETIME)

        return await attempt(self._premises.store, issue)

    async def drill(self, by: By) -> datetime:
        """Until when a sign-in by these accounts is a drill; the alarm is raised all the same, and says so."""
        at = self._premises.now()
        until = at + DRILL_LASTS

        def start(transaction: Transaction) -> None:
            break_glass.start_drill(transaction, self._premises.new_id(), at=at, until=until)
            event = occurrence(BREAK_GLASS_DRILL_STARTED, at=at, actor=by.actor, about=About(), reason=by.reason)
            self._premises.record(transaction, event)

        await self._premises.store.write(start)
        return until

    async def review(self, by: By, use_id: str, *, reviewer: str, finding: str) -> BreakGlassUse | NotDone:
        """Close the review of a use; raises NotFoundError, and InvalidInputError without a name or a finding."""
        if not (reviewer.strip() and finding.strip()) or len(reviewer) > MAX_NAME or len(finding) > MAX_FINDING:
            raise InvalidInputError(
                "a review says who made it and what was found",
                remedy=f"use --by NAME --finding TEXT, with at most {MAX_FINDING} characters",
            )
        at = self._premises.now()

        def close(transaction: Transaction) -> BreakGlassUse:
            if break_glass.get_use(transaction, use_id.lower()) is None:
                raise NotFoundError(f"there is no use {use_id!r}", remedy="list them with: assay break-glass reviews")
            if not break_glass.review(transaction, use_id.lower(), by=reviewer, finding=finding, at=at):
                raise UndoneError(Reason.of("breakGlassReviewed"))
            use = break_glass.get_use(transaction, use_id.lower())
            assert use is not None
            about = About(user_id=use.user_id, entity=Entity(uid=use.id, name=reviewer, type="breakGlassUse"))
            reason = Reason.of("breakGlassReview", by=reviewer, finding=finding)
            event = occurrence(BREAK_GLASS_REVIEWED, at=at, actor=by.actor, about=about, reason=reason)
            self._premises.record(transaction, event)
            return use

        return await attempt(self._premises.store, close)

    def _complete(self, transaction: Transaction) -> None:
        made = {account.number for account in break_glass.accounts(transaction)}
        for number in range(1, ACCOUNTS + 1):
            if number not in made:
                self._make(transaction, number)

    def _make(self, transaction: Transaction, number: int) -> None:
        at = self._premises.now()
        user = User(
            id=UserId(self._premises.new_id()),
            user_name=_free_name(transaction, number),
            display_name=f"Emergency access {number}",
            kind=UserKind.MEMBER,
            created_at=at,
        )
        role = RoleAssignment(role_id=GLOBAL_ADMINISTRATOR, holder=Holder.user(user.id))
        users.insert(transaction, user)
        assignments.assign_role(transaction, role, at)
        break_glass.add_account(transaction, BreakGlassAccount(number=number, user_id=user.id, created_at=at))
        about = About(user_id=user.id, user_name=user.user_name)
        for kind, after in ((USER_CREATED, user), (ROLE_ASSIGNED, role)):
            self._premises.record(
                transaction,
                change(kind, at=at, actor=Actor.system(), about=about, before=None, after=after, reason=BY_SET_UP),
            )

    def _remove_keys(self, transaction: Transaction, user: User, by: By) -> None:
        for key in passkeys.of_user(transaction, user.id):
            passkeys.remove(transaction, user.id, key.id)
            removed = change(
                METHOD_REMOVED,
                at=self._premises.now(),
                actor=by.actor,
                about=About(user_id=user.id, user_name=user.user_name),
                before=_RemovedKey(id=key.id, name=key.name),
                after=None,
                reason=by.reason,
            )
            self._premises.record(transaction, removed)


class _RemovedKey(Value, frozen=True, kw_only=True):
    """What the log says of a key that was taken."""

    id: str
    name: str


def _free_name(reader: Reader, number: int) -> str:
    """The account's name, or another one where somebody has it already."""
    names = (f"break-glass-{number}", *(f"break-glass-{number}-{again}" for again in range(2, 100)))
    return next(name for name in names if users.by_name(reader, name) is None)


def _account(reader: Reader, number: int) -> User:
    for account in break_glass.accounts(reader):
        user = users.get(reader, account.user_id)
        if account.number == number and user is not None:
            return user
    raise NotFoundError(
        f"there is no emergency access account {number}",
        remedy="use 1 or 2; a demo has none, they are made when the service is started without --demo",
    )


def _state(reader: Reader, account: BreakGlassAccount, at: datetime) -> AccountState:
    user = users.get(reader, account.user_id)
    assert user is not None  # no flow removes such an account
    keys = passkeys.of_user(reader, user.id)
    emergency = break_glass.last_use(reader, user.id, Purpose.EMERGENCY)
    drill = break_glass.last_use(reader, user.id, Purpose.DRILL)
    return AccountState(
        number=account.number,
        user=user,
        passkeys=len(keys),
        last_emergency=emergency,
        last_drill=drill,
        drill_due=bool(keys) and drill_due(account.created_at, drill, at),
        rotation_due=rotation_due(emergency, tuple(key.created_at for key in keys)),
    )
