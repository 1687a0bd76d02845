"""What keeps the new text of a rollout from being on: parts that are not decided, ids that are not here."""

from assay.access.attempt import UndoneError
from assay.access.import_policies import Standing, standing_of
from assay.access.publish_policy import refuse_undecided
from assay.governance.rollouts import Rollout
from assay.store import Reader
from assay.values import Reason


def standing_beyond(reader: Reader, rollout: Rollout) -> Standing:
    """The new text's standing; what an old text that is on has already, it may have."""
    standing = standing_of(reader, rollout.text, rollout.waived)
    if rollout.before is not None and rollout.replaces:
        return standing.beyond(standing_of(reader, rollout.before))
    return standing


def refuse_going_on(reader: Reader, rollout: Rollout) -> None:
    """Raises UndoneError where the new text may not be on; what its ids mean here was to be said at the start."""
    standing = standing_beyond(reader, rollout)
    if standing.dangling and not standing.undecided:
        references = ", ".join(f"{each.path}: {each.id}" for each in standing.dangling)
        raise UndoneError(Reason.of("rolloutDangling", name=rollout.name, references=references))
    refuse_undecided(standing)
