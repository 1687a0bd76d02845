"""What is known of everybody, kept in memory and true: who is who, who may what, and the policies in force.

It follows the change feed, so that no decision needs SQL and none is made on a state that was replaced.
"""

import logging
import time
from collections.abc import Callable, Sequence

import msgspec
from msgspec import field

from assay.access.app_access import AppAccess, read_app_access
from assay.access.authorize import administers
from assay.access.built_in_apps import BUILT_IN
from assay.access.damage import damage_in_words, say_damage
from assay.access.everybody import Everybody
from assay.access.standing import OutageLimits, Standing
from assay.apps import App
from assay.apps.records import apps as app_records
from assay.governance.assignments import AppAssignment, Holder, RoleAssignment, holders_of
from assay.governance.records import assignments, break_glass, policies
from assay.identities.records import groups as group_records
from assay.identities.records import users as user_records
from assay.identities.users import User
from assay.network.records import locations
from assay.policy import CompiledPolicySet, PolicySet, Principal, compile_policies, unreadable_policies
from assay.policy.targets import OWN_PAGES
from assay.store import Change, DamagedRow, Reader, Store, Topic
from assay.values import AppId, AssayError, GroupId, Reason, RoleId, UserId, Value

logger = logging.getLogger("assay.access")
# Roles among them: where they cannot be read, no policy can be trusted to find everybody whom it is about.
POLICY_TOPICS = frozenset({Topic.POLICY, Topic.LOCATION, Topic.ROLE})
GROUP_TOPICS = frozenset({Topic.GROUP})
# Changes of these are no signal of a decision by themselves; sessions are followed by `live_sessions.py`.
UNDECIDED_TOPICS = frozenset({Topic.SESSION, Topic.METHOD, Topic.KEY, Topic.MESSAGE})


class Subject(Value, frozen=True, kw_only=True):
    """A person as decisions see them, with the policy mask that goes with this state of affairs."""

    user: User
    principal: Principal
    mask: int
    apps: frozenset[AppId]

    def assigned(self, app_id: AppId) -> bool:
        """Whether access exists at all; everybody may use the own pages."""
        return app_id in self.apps or app_id == OWN_PAGES


class Picture(Value, frozen=True, kw_only=True):
    """What a follower of the change feed read; None where nothing of that kind changed."""

    changes: tuple[Change, ...]
    # Whoever is not in `users` is gone, too.
    everybody: bool = False
    users: dict[UserId, User | None] | None = None
    groups: dict[UserId, frozenset[GroupId]] | None = None
    group_names: dict[GroupId, str] | None = None
    roles: tuple[RoleAssignment, ...] | None = None
    break_glass: frozenset[UserId] | None = None
    assignments: tuple[AppAssignment, ...] | None = None
    apps: tuple[App, ...] | None = None
    app_access: AppAccess | None = None
    # Compiled where it was read, in the writer's thread: a large set must not hold up the event loop.
    compiled: CompiledPolicySet | None = None
    # What could not be read of the tables that were read whole, by their names.
    damaged: dict[str, tuple[DamagedRow, ...]] = field(default_factory=dict)


class Signals:
    """The present state of affairs; `epoch` grows with every change that can change a decision."""

    def __init__(self, standing: Standing | None = None, *, built_in: tuple[App, ...] = ()) -> None:
        """`built_in`: the console and the API; they are no rows, so nobody can change or remove them."""
        self._built_in = built_in
        self.standing = standing or Standing(OutageLimits(), time.monotonic)
        self.epoch = 0
        self.compiled: CompiledPolicySet = compile_policies(PolicySet())
        self.apps: dict[AppId, App] = {}
        self.apps_by_name: dict[str, App] = {}
        self.app_access = AppAccess()
        self.group_names: dict[GroupId, str] = {}
        self.stale: Exception | None = None
        self.damaged: dict[str, tuple[DamagedRow, ...]] = {}
        self._users: dict[UserId, User] = {}
        self._groups: dict[UserId, frozenset[GroupId]] = {}
        self._roles: dict[Holder, set[RoleId]] = {}
        self._assignments: dict[Holder, set[AppId]] = {}
        self._break_glass: frozenset[UserId] = frozenset()
        self._subjects: dict[UserId, Subject] = {}
        self._listeners: list[Callable[[tuple[Change, ...]], None]] = []

    @property
    def withheld(self) -> Reason | None:
        """Why nothing at all may be granted now, whoever asks."""
        if self.stale is not None:
            return Reason.of("signalsStale")
        return None if self.standing.clear else self.standing.refusal()

    @property
    def present(self) -> bool:
        """Whether the picture is that of now, and nothing is withheld for this node's own sake."""
        return self.stale is None and self.standing.clear

    @property
    def damage(self) -> tuple[str, ...]:
        """Rows that cannot be read, in words: where each lies, and what follows."""
        return damage_in_words(self.damaged)

    def on_change(self, listen: Callable[[tuple[Change, ...]], None]) -> None:
        """Call `listen` after a change that can change a decision was taken over."""
        self._listeners.append(listen)

    async def start(self, store: Store) -> None:
        """Read everything, then follow every change."""
        store.feed.follow(read_changes, self.apply, again=read_everything)
        store.feed.on_loss(self._lost)
        store.feed.on_found(self._found)
        self.apply(await store.read(read_everything))

    def subject(self, user_id: UserId) -> Subject | None:
        """The person, or None when there is no such person (any more)."""
        found = self._subjects.get(user_id)
        if found is None:
            found = self._make_subject(user_id)
            if found is not None:
                self._subjects[user_id] = found
        return found

    def everybody(self, of: tuple[User, ...] | None = None) -> Everybody:
        """Who there is at this moment, to be looked at beside the event loop; or these people alone."""
        return Everybody(
            users=tuple(self._users.values()) if of is None else of,
            groups=self._groups,
            roles=self._roles,
            break_glass=self._break_glass,
        )

    def apply(self, picture: Picture) -> None:
        """Take over what was read."""
        say_damage(self.damaged, picture.damaged)
        self.damaged |= picture.damaged
        self._apply_people(picture)
        self._apply_governance(picture)
        if picture.apps is not None:
            # Ours last: a row that took one of our names while it was not reserved yet is out of reach.
            every = (*picture.apps, *self._built_in)
            self.apps = {app.id: app for app in every}
            self.apps_by_name = {app.name: app for app in every}
        if picture.app_access is not None:
            self.app_access = picture.app_access
        if picture.compiled is not None:
            self.compiled = picture.compiled
        if any(change.topic not in UNDECIDED_TOPICS for change in picture.changes):
            self.epoch += 1
            self._subjects.clear()
            for listen in self._listeners:
                listen(picture.changes)

    def _apply_people(self, picture: Picture) -> None:
        if picture.everybody:
            self._users.clear()
        for user_id, user in (picture.users or {}).items():
            if user is None:
                self._users.pop(user_id, None)
            else:
                self._users[user_id] = user
        if picture.groups is not None:
            self._groups = picture.groups
        if picture.group_names is not None:
            self.group_names = picture.group_names

    def _apply_governance(self, picture: Picture) -> None:
        if picture.roles is not None:
            self._roles = {}
            for role in picture.roles:
                self._roles.setdefault(role.holder, set()).add(role.role_id)
        if picture.break_glass is not None:
            self._break_glass = picture.break_glass
        if picture.assignments is not None:
            self._assignments = {}
            for assignment in picture.assignments:
                self._assignments.setdefault(assignment.holder, set()).add(assignment.app_id)

    def _make_subject(self, user_id: UserId) -> Subject | None:
        user = self._users.get(user_id)
        if user is None:
            return None
        principal = self.everybody((user,)).principal(user)
        holders = holders_of(user_id, principal.groups)
        assigned = frozenset(app for holder in holders for app in self._assignments.get(holder, ()))
        return Subject(
            user=user,
            principal=principal,
            mask=self.compiled.subject(principal),
            # Whoever administers may come to where that is done; what they may do there is asked of each request.
            apps=assigned | BUILT_IN if administers(principal.roles) else assigned - BUILT_IN,
        )

    def _lost(self, error: Exception) -> None:
        # Without knowing what changed, everything known is a guess: decisions stop until it was read again.
        self.stale = error

    def _found(self) -> None:
        self.stale = None


def read_everything(reader: Reader) -> Picture:
    """The whole state of affairs, for a start, and for when it is not known what changed."""
    return Picture(
        changes=tuple(Change(topic=topic, key="") for topic in (Topic.USER, Topic.POLICY, Topic.APP)),
        everybody=True,
        users={user.id: user for user in user_records.everyone(reader)},
        groups=group_records.effective_groups_of_all(reader),
        group_names={group.id: group.name for group in group_records.all_groups(reader)},
        roles=assignments.readable_role_assignments(reader),
        break_glass=break_glass.user_ids(reader),
        assignments=assignments.app_assignments(reader),
        apps=app_records.every(reader),
        app_access=read_app_access(reader),
        compiled=_compiled(reader),
        damaged=reader.damaged,
    )


def read_changes(reader: Reader, changes: Sequence[Change]) -> Picture:
    """What these changes touch, and no more: a revoked session must not wait for 10,000 people to be read."""
    topics = {change.topic for change in changes}
    changed_users = {UserId(change.key) for change in changes if change.topic is Topic.USER}
    grouped = bool(topics & GROUP_TOPICS) or any(user_records.get(reader, user) is None for user in changed_users)
    return Picture(
        changes=tuple(changes),
        users={user: user_records.get(reader, user) for user in changed_users} or None,
        groups=group_records.effective_groups_of_all(reader) if grouped else None,
        group_names={group.id: group.name for group in group_records.all_groups(reader)} if grouped else None,
        roles=assignments.readable_role_assignments(reader) if Topic.ROLE in topics else None,
        break_glass=break_glass.user_ids(reader) if Topic.ROLE in topics else None,
        assignments=assignments.app_assignments(reader) if Topic.ASSIGNMENT in topics else None,
        apps=app_records.every(reader) if Topic.APP in topics else None,
        app_access=read_app_access(reader) if Topic.APP_ACCESS in topics else None,
        compiled=_compiled(reader) if topics & POLICY_TOPICS else None,
        damaged=reader.damaged,
    )


def _compiled(reader: Reader) -> CompiledPolicySet:
    """The policies in force. Where they cannot be read, nobody gets in whom they would judge; the service goes on."""
    try:
        compiled = compile_policies(read_policy_set(reader))
    except (msgspec.MsgspecError, ValueError, AssayError) as error:
        logger.critical("the stored policies cannot be read, so everybody is refused: %s", error)
        policies.note_damage(reader)
        locations.note_damage(reader)
        return unreadable_policies()
    for whole in (policies.policy_table, policies.strength_table, locations.location_table):
        reader.damaged[whole.name] = ()
    assignments.readable_role_assignments(reader)
    return unreadable_policies() if reader.damaged[assignments.role_assignment_table.name] else compiled


def read_policy_set(reader: Reader) -> PolicySet:
    """The policies in force, with the locations and strengths that they name."""
    return PolicySet(
        policies=policies.every(reader), locations=locations.every(reader), strengths=policies.strengths(reader)
    )
