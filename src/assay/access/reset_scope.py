"""Who may act on the reset of whom, read where the step is taken: roles and accounts as they are then."""

from assay.access.break_glass_use import is_break_glass
from assay.events import Actor
from assay.governance.assignments import holders_of
from assay.governance.help_desk import may_reset
from assay.governance.records import assignments
from assay.identities.methods.reset import Party
from assay.identities.records import groups, users
from assay.identities.users import User
from assay.store import Reader
from assay.values import RoleId, UserId


def party_of(actor: Actor) -> Party:
    """Somebody who acts, as a reset remembers them."""
    return Party(id=actor.user.uid or "", name=actor.user.name or "")


def roles_of(reader: Reader, user_id: UserId) -> frozenset[RoleId]:
    """The directory roles of a person, through groups too."""
    holders = holders_of(user_id, groups.effective_groups(reader, user_id))
    return frozenset(held.role_id for held in assignments.role_assignments(reader) if held.holder in holders)


def entitled(reader: Reader, party: Party, subject: User) -> bool:
    """Whether this party may ask for, approve or hand out the reset of this person now."""
    if not within_reach(reader, subject):
        return False
    if party.is_host:
        return True
    actor = users.get(reader, UserId(party.id))
    if actor is None or not actor.enabled:
        return False
    return may_reset(roles_of(reader, actor.id), roles_of(reader, subject.id))


def within_reach(reader: Reader, subject: User) -> bool:
    """Whether anybody at all may reset this person: not an emergency access account, the desk's best prize."""
    return users.get(reader, subject.id) is not None and not is_break_glass(reader, subject)
