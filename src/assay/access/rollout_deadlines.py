"""Steps of rollouts that nobody confirmed in time go back: on one node, after a restart too, and told."""

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from assay.access.administrators import administrators
from assay.access.attempt import By, NotDone, attempt
from assay.access.notices import tell
from assay.access.premises import Premises
from assay.access.rollout_steps import go_back
from assay.events import Actor
from assay.governance.records import rollouts
from assay.governance.rollouts import overdue
from assay.messages.notice import Notice
from assay.store import DAMAGE, Transaction
from assay.values import PolicyId, Reason

logger = logging.getLogger("assay.access")

# How often it is looked, which is how late a step goes back at most.
SECONDS: Final = 0.5
# What could not go back is tried again then; `assay doctor` says meanwhile that, and why.
AGAIN: Final = timedelta(seconds=15)


class RolloutDeadlines:
    """Asked again and again, on every node: which one of them goes back is settled by the row, in its transaction."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._not_before: dict[PolicyId, datetime] = {}

    async def tick(self) -> None:
        """Go back with what is overdue now. Raises what the store raises; the next time makes up for it."""
        at = self._premises.now()
        due = await self._premises.store.read(partial(rollouts.overdue, at=at))
        self._not_before = {each: until for each, until in self._not_before.items() if each in due and until > at}
        for rollout_id in due:
            if rollout_id not in self._not_before:
                await self._go_back(rollout_id, at)

    async def _go_back(self, rollout_id: PolicyId, at: datetime) -> None:
        back = partial(_back, premises=self._premises, rollout_id=rollout_id)
        try:
            done = await attempt(self._premises.store, back, urgent=True)
        except DAMAGE:
            logger.exception("the rollout %s cannot be read, so its unconfirmed step stands", rollout_id)
            self._not_before[rollout_id] = at + AGAIN
            return
        if isinstance(done, NotDone):
            logger.error("the unconfirmed step of rollout %s cannot go back: %s", rollout_id, done.reason.code)
            self._not_before[rollout_id] = at + AGAIN


def _back(transaction: Transaction, *, premises: Premises, rollout_id: PolicyId) -> None:
    """Look again, now that nobody else writes: confirmed meanwhile, or gone back on another node, it is left alone."""
    rollout, at = rollouts.get(transaction, rollout_id), premises.now()
    if rollout is None or not overdue(rollout, at):
        return
    by = By(actor=Actor.system(), reason=Reason.of("notConfirmed", by=rollout.step.by))
    go_back(premises, transaction, by, rollout)
    for person in administrators(transaction):
        tell(premises, transaction, person, Notice.POLICY_WENT_BACK, at=at, name=rollout.name, by=rollout.step.by)
