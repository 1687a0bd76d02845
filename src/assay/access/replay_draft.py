"""What a policy that is being written would have made of the last days, as if it had been on."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from assay.access.import_policies import ImportOptions
from assay.access.only_newest import OnlyNewest, Unanswered
from assay.access.premises import Premises
from assay.access.preview_policy import source_of
from assay.access.replay import Replayed, Replays
from assay.policy import PolicyState

SINCE: Final = timedelta(days=14)
_SWITCHED_ON: Final = ImportOptions(state=PolicyState.ENABLED, dry_run=True)


class ReplayDraft:
    """The flow behind the replay beside the editor."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._replays = Replays(premises)
        self._turns = OnlyNewest()

    async def replay(self, caller: str, policy: Mapping[str, object]) -> Replayed | Unanswered:
        """Hold this policy against what was decided; raises InvalidInputError where it cannot be read."""

        async def ask() -> Replayed:
            source = source_of(policy, self._premises.new_id())
            since = self._premises.now() - SINCE
            return await self._replays.replay((source,), _SWITCHED_ON, whole=False, since=since)

        return await self._turns.answer(caller, ask)
