"""People, as administrators make, change, disable and remove them."""

from datetime import timedelta

from msgspec.structs import replace

from assay.access import named
from assay.access.administrators import keeping_one
from assay.access.attempt import By, NotDone, UndoneError, attempt
from assay.access.break_glass_use import spare_break_glass
from assay.access.change_of import refuse_change_of
from assay.access.end_sessions import end_sessions_of
from assay.access.enrolment_links import EnrolmentLink, issue_link
from assay.access.guessing import Guessing
from assay.access.notices import tell
from assay.access.premises import Premises
from assay.apps import App
from assay.apps.records import apps
from assay.events import About, ChangeType, change
from assay.events.types import USER_CHANGED, USER_CREATED, USER_DISABLED, USER_ENABLED, USER_REMOVED
from assay.governance.assignments import Holder, RoleAssignment, holders_of
from assay.governance.records import assignments
from assay.identities.groups import Group
from assay.identities.methods.enrolment import DEFAULT_LIFETIME, EnrolmentPurpose
from assay.identities.methods.summary import MethodSummary
from assay.identities.records import groups, methods, users
from assay.identities.users import User, UserPage
from assay.messages.notice import Notice
from assay.messages.records import outbox
from assay.policy import Method, UserKind
from assay.sessions.session import EndReason
from assay.store import Reader, Transaction
from assay.values import Reason, SessionId, UserId, Value


class Welcome(Value, frozen=True, kw_only=True):
    """A new person, and the link by which this person registers the first methods."""

    user: User
    link: EnrolmentLink


class PersonDetails(Value, frozen=True, kw_only=True):
    """Everything an administrator sees of one person."""

    user: User
    methods: MethodSummary
    groups: tuple[Group, ...]
    roles: tuple[RoleAssignment, ...]
    apps: tuple[App, ...]


class Ended(Value, frozen=True, kw_only=True):
    """A person who was shut out, and the sessions that ended with it."""

    user: User
    sessions: tuple[SessionId, ...]


class Unlocked(Value, frozen=True, kw_only=True):
    """A person whose failed attempts are forgotten, and the methods that were not looked at because of them."""

    user: User
    methods: tuple[Method, ...]


class People:
    """The flow behind `assay users`."""

    def __init__(self, premises: Premises, guessing: Guessing) -> None:
        self._premises = premises
        self._guessing = guessing

    async def add(
        self,
        by: By,
        *,
        user_name: str,
        display_name: str = "",
        kind: UserKind = UserKind.MEMBER,
        email: str = "",
        lifetime: timedelta = DEFAULT_LIFETIME,
    ) -> Welcome | NotDone:
        """Make a person, with a link that lives this long.

        Raises InvalidInputError for what cannot be stored, ConflictError when the name is taken.
        """
        user = User(
            id=UserId(self._premises.new_id()),
            user_name=user_name,
            display_name=display_name or user_name,
            kind=kind,
            email=email,
            created_at=self._premises.now(),
        )

        def make(transaction: Transaction) -> Welcome:
            users.insert(transaction, user)
            self._record(transaction, USER_CREATED, by, before=None, after=user)
            return Welcome(user=user, link=issue_link(self._premises, transaction, user, by, lifetime))

        return await attempt(self._premises.store, make)

    async def enrol(
        self, by: By, name: str, *, lifetime: timedelta = DEFAULT_LIFETIME, recover: bool = False
    ) -> Welcome | NotDone:
        """A new link for a person who has no method; an earlier one that was not used is void.

        `recover`: beside the methods there are. That is a recovery by one person, who answers for it, and is never
        done by mistake for a first link.
        """
        purpose = EnrolmentPurpose.RECOVER if recover else EnrolmentPurpose.ENROL

        def make(transaction: Transaction) -> Welcome:
            user = named.person(transaction, name)
            spare_break_glass(transaction, user)
            if not recover and methods.summary(transaction, user.id).methods:
                raise UndoneError(Reason.of("hasMethods", user=user.user_name))
            link = issue_link(self._premises, transaction, user, by, lifetime, purpose=purpose)
            return Welcome(user=user, link=link)

        return await attempt(self._premises.store, make)

    async def show(self, name: str) -> PersonDetails:
        """One person; raises NotFoundError."""
        return await self._premises.store.read(lambda reader: _details(reader, named.person(reader, name)))

    async def search(self, text: str = "", *, after: str = "", limit: int = 100) -> UserPage:
        """A page of people in the order of their names."""
        return await self._premises.store.read(lambda reader: users.search(reader, text=text, after=after, limit=limit))

    async def edit(
        self,
        by: By,
        name: str,
        *,
        user_name: str | None = None,
        display_name: str | None = None,
        kind: UserKind | None = None,
        email: str | None = None,
    ) -> User | NotDone:
        """Change what is given; raises NotFoundError, InvalidInputError or ConflictError."""

        def alter(transaction: Transaction) -> User:
            before = self._changeable(transaction, by, name)
            after = replace(
                before,
                user_name=before.user_name if user_name is None else user_name,
                display_name=before.display_name if display_name is None else display_name,
                kind=before.kind if kind is None else kind,
                email=before.email if email is None else email,
            )
            return self._alter(transaction, by, before, after)

        return await attempt(self._premises.store, alter)

    async def change(
        self, by: By, name: str, *, display_name: str | None = None, enabled: bool | None = None
    ) -> User | NotDone:
        """Rename, shut out or let in again, all of it or nothing; raises NotFoundError or InvalidInputError."""

        def alter(transaction: Transaction) -> User:
            user = self._changeable(transaction, by, name)
            if display_name is not None:
                user = self._alter(transaction, by, user, replace(user, display_name=display_name))
            if enabled is None:
                return user
            return self._let_in(transaction, by, user) if enabled else self._shut_out(transaction, by, user).user

        return await attempt(self._premises.store, alter, urgent=enabled is False)

    async def disable(self, by: By, name: str) -> Ended | NotDone:
        """Shut a person out at once: every session ends in the same transaction."""

        def shut_out(transaction: Transaction) -> Ended:
            return self._shut_out(transaction, by, self._changeable(transaction, by, name))

        return await attempt(self._premises.store, shut_out, urgent=True)

    async def enable(self, by: By, name: str) -> User | NotDone:
        """Let a person in again; what ended stays ended."""

        def let_in(transaction: Transaction) -> User:
            return self._let_in(transaction, by, self._changeable(transaction, by, name))

        return await attempt(self._premises.store, let_in)

    def _changeable(self, transaction: Transaction, by: By, name: str) -> User:
        found = named.person(transaction, name)
        refuse_change_of(transaction, by, found.id, self._premises.now())
        return found

    def _alter(self, transaction: Transaction, by: By, before: User, after: User) -> User:
        if (after.user_name, after.kind) != (before.user_name, before.kind):
            spare_break_glass(transaction, before)
        if after != before:
            users.update(transaction, after)
            self._record(transaction, USER_CHANGED, by, before=before, after=after)
        if after.email != before.email:
            # To the mailbox before, and without the new address: whoever took the account over reads the new one,
            # and the old one may be somebody else's by now.
            tell(self._premises, transaction, before, Notice.EMAIL_CHANGED, at=self._premises.now())
        return after

    def _shut_out(self, transaction: Transaction, by: By, before: User) -> Ended:
        spare_break_glass(transaction, before)
        after = replace(before, enabled=False)
        if before.enabled:
            keeping_one(transaction, lambda: users.set_enabled(transaction, before.id, False))
            self._record(transaction, USER_DISABLED, by, before=before, after=after)
            tell(self._premises, transaction, after, Notice.ACCOUNT_DISABLED, at=self._premises.now())
        ended = end_sessions_of(self._premises, transaction, before.id, EndReason.USER_DISABLED, by)
        return Ended(user=after, sessions=ended)

    def _let_in(self, transaction: Transaction, by: By, before: User) -> User:
        after = replace(before, enabled=True)
        if not before.enabled:
            users.set_enabled(transaction, before.id, True)
            self._record(transaction, USER_ENABLED, by, before=before, after=after)
            tell(self._premises, transaction, after, Notice.ACCOUNT_ENABLED, at=self._premises.now())
        return after

    async def unlock(self, by: By, name: str) -> Unlocked:
        """Look at a person's passwords and codes again, after too many failed; raises NotFoundError."""

        def let_try(transaction: Transaction) -> Unlocked:
            user = named.person(transaction, name)
            return Unlocked(user=user, methods=self._guessing.unlock(transaction, user, by.actor, by.reason))

        return await self._premises.store.write(let_try)

    async def remove(self, by: By, name: str) -> Ended | NotDone:
        """Forget a person: sessions end, apps and roles are taken; whoever gets the name later is somebody else."""

        return await attempt(
            self._premises.store, lambda transaction: self.remove_in(transaction, by, name), urgent=True
        )

    def remove_in(self, transaction: Transaction, by: By, name: str) -> Ended:
        """Forget a person, in the caller's transaction; raises NotFoundError, and UndoneError half way."""
        user = named.person(transaction, name)
        spare_break_glass(transaction, user)
        ended = end_sessions_of(self._premises, transaction, user.id, EndReason.USER_DELETED, by)
        keeping_one(transaction, lambda: self._delete(transaction, user))
        self._record(transaction, USER_REMOVED, by, before=user, after=None)
        return Ended(user=user, sessions=ended)

    def _delete(self, transaction: Transaction, user: User) -> None:
        assignments.remove_holder(transaction, Holder.user(user.id))
        outbox.forget_user(transaction, user.id)
        users.delete(transaction, user.id, self._premises.now())

    def _record(
        self, transaction: Transaction, kind: ChangeType, by: By, *, before: User | None, after: User | None
    ) -> None:
        user = after or before
        assert user is not None
        self._premises.record(
            transaction,
            change(
                kind,
                at=self._premises.now(),
                actor=by.actor,
                about=About(user_id=user.id, user_name=user.user_name),
                before=before,
                after=after,
                reason=by.reason,
            ),
        )


def _details(reader: Reader, user: User) -> PersonDetails:
    in_groups = groups.effective_groups(reader, user.id)
    holders = holders_of(user.id, in_groups)
    assigned = {held.app_id for held in assignments.app_assignments(reader) if held.holder in holders}
    return PersonDetails(
        user=user,
        methods=methods.summary(reader, user.id),
        groups=tuple(group for group in groups.all_groups(reader) if group.id in in_groups),
        roles=tuple(held for held in assignments.readable_role_assignments(reader) if held.holder in holders),
        apps=tuple(app for app in apps.every(reader) if app.id in assigned),
    )
