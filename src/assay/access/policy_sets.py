"""The policy set in force, kept by its hash, so that a decision of last year can be made again."""

import logging

import msgspec
import rfc8785

from assay.access.signals import read_policy_set
from assay.events.records.decisions import keep_policy_set, policy_set
from assay.policy import BREAK_GLASS_SET, PolicySet, policy_set_hash
from assay.store import Reader, Store, Transaction
from assay.values import InvalidInputError

logger = logging.getLogger("assay.access")


def keep_policy_set_in_force(transaction: Transaction) -> str:
    """Keep what this transaction leaves in force; its hash. To be called wherever policies or locations change."""
    in_force = read_policy_set(transaction)
    digest = policy_set_hash(in_force)
    # Sets of one hash decide alike, and the first that was kept stays: how unset fields are spelled may differ.
    if policy_set(transaction, digest) is None:
        keep_policy_set(transaction, digest, rfc8785.dumps(msgspec.to_builtins(in_force)))
    return digest


def kept_policy_set(reader: Reader, digest: str) -> PolicySet | None:
    """The policy set with this hash; None when it is not kept; raises InvalidInputError when it was tampered with."""
    if digest == policy_set_hash(BREAK_GLASS_SET):
        return BREAK_GLASS_SET
    content = policy_set(reader, digest)
    if content is None:
        # Before anything was published there were no policies, and nobody had kept that.
        return PolicySet() if digest == policy_set_hash(PolicySet()) else None
    try:
        kept = msgspec.json.decode(content, type=PolicySet)
    except msgspec.MsgspecError as error:
        raise InvalidInputError(f"the policy set {digest} cannot be read: {error}") from error
    if policy_set_hash(kept) != digest:
        raise InvalidInputError(f"the policy set kept as {digest} is another one", remedy="see: assay events verify")
    return kept


async def keep_the_set_in_force(store: Store) -> None:
    """Keep the policy set in force, at the start; where it cannot be read, that is said and the service comes up."""
    try:
        await store.write(keep_policy_set_in_force)
    except (msgspec.MsgspecError, ValueError):
        # Emergency access must work now of all times, so the service comes up; everybody else is refused.
        logger.critical("the stored policies cannot be read; emergency access accounts alone get in", exc_info=True)
