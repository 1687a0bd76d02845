"""What changes are called in Entra's words: every kind of change has a name of its own there."""

from assay.events.audits import ACTIVITIES
from assay.events.types import EVENT_TYPES, METHOD_RESET_REFUSED, ChangeType


def test_every_change_has_a_name_of_its_own_in_the_audit() -> None:
    changes = {each.code for each in EVENT_TYPES if isinstance(each, ChangeType)}
    # Refused, and so no change, but what somebody tried with another's methods is looked for there.
    assert set(ACTIVITIES) == changes | {METHOD_RESET_REFUSED.code}
    assert len({activity.name for activity in ACTIVITIES.values()}) == len(ACTIVITIES)
