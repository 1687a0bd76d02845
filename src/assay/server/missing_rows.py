"""Rows of the list of sign-ins for what an earlier release wrote into the log: made once, beside everything else."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from assay.events.project_sign_ins import keep_sign_ins
from assay.events.records import projections
from assay.events.records.log import Leaf, read_tree
from assay.events.records.sign_ins import sign_in_table, without_row
from assay.store import Store, Transaction

# A revocation that comes meanwhile waits for so many, not for years of sign-ins.
AT_ONCE: Final = 100
_NAME: Final = sign_in_table.name


class MissingRows:
    """Done once after a start; a node of an earlier release may have written beside us before."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._done = False

    async def tick(self) -> None:
        """Make what is missing, from where it ended the last time. Raises what the store raises; then it goes on."""
        if self._done:
            return
        store = self._store
        # Whatever this release writes from now on has its row.
        last = (await store.read(read_tree)).size - 1
        after = await store.read(partial(projections.made_until, name=_NAME))
        while leaves := await store.read_long(partial(without_row, after=after, limit=AT_ONCE)):
            after = leaves[-1].leaf_index
            await store.write(partial(_keep, leaves=leaves))
        await store.write(partial(projections.keep_made_until, name=_NAME, leaf_index=max(last, after)))
        self._done = True


def _keep(transaction: Transaction, leaves: Sequence[Leaf]) -> None:
    keep_sign_ins(transaction, leaves)
    projections.keep_made_until(transaction, _NAME, leaves[-1].leaf_index)
