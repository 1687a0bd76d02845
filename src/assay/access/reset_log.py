"""What the log says of method resets: who asked, who agreed, how it ended, and who tried in vain."""

from assay.access.premises import Premises
from assay.events import About, Actor, ChangeType, Entity, Source, change, occurrence
from assay.events.types import METHOD_RESET_REFUSED
from assay.identities.methods.reset import MethodReset
from assay.identities.users import User
from assay.store import Transaction
from assay.values import Reason


class ResetLog:
    """Writes the events of resets."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    def changed(
        self,
        transaction: Transaction,
        kind: ChangeType,
        actor: Actor,
        user: User,
        before: MethodReset | None,
        after: MethodReset,
        *,
        source: Source | None = None,
    ) -> None:
        """A step of a reset; its stated reason is the event's."""
        self._premises.record(
            transaction,
            change(
                kind,
                at=self._premises.now(),
                actor=actor,
                about=About(user_id=user.id, user_name=user.user_name, entity=Entity(uid=after.id, type="methodReset")),
                before=before,
                after=after,
                reason=Reason.of("methodReset", why=after.reason),
                source=source,
            ),
        )

    def refused(self, transaction: Transaction, actor: Actor, what: str, reason: Reason) -> None:
        """A step that was not taken: `what` is the name or id that was given."""
        self._premises.record(
            transaction,
            occurrence(
                METHOD_RESET_REFUSED,
                at=self._premises.now(),
                actor=actor,
                about=About(entity=Entity(uid=what[:128], type="methodReset")),
                reason=reason,
            ),
        )
