"""A definition that its events could not hold is not stored; what is stored can always be switched off."""

import pytest

from assay.access.publication import LARGEST, judge
from assay.policy import ConditionalAccessPolicy, PolicySet, PolicyState
from assay.values import PolicyId
from tests.access.house import House

OFF, ON, REPORT_ONLY = PolicyState.DISABLED, PolicyState.ENABLED, PolicyState.REPORT_ONLY


def of(size: int, state: PolicyState) -> PolicySet:
    """One policy, whose name alone is so long."""
    policy = ConditionalAccessPolicy(id=PolicyId("p"), display_name="x" * size, state=state)
    return PolicySet(policies=(policy,), locations=(), strengths=())


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        (None, of(LARGEST, OFF), True),
        (of(1, OFF), of(LARGEST, OFF), True),
        # Of a release before, which had no such limit.
        (of(LARGEST, ON), of(LARGEST, OFF), False),
        (of(LARGEST, OFF), of(LARGEST, REPORT_ONLY), False),
        (of(LARGEST + 1, REPORT_ONLY), of(LARGEST, OFF), False),
        (of(LARGEST, ON), of(LARGEST + 1, OFF), True),
    ],
    ids=["new", "grown", "off", "report-only", "smaller", "grown though too large"],
)
async def test_what_is_too_large(house: House, before: PolicySet | None, after: PolicySet, refused: bool) -> None:
    was, at = before or PolicySet(policies=(), locations=(), strengths=()), house.clock.now()
    found = await house.premises.store.read(lambda reader: judge(reader, was, after, at))
    assert (found.refused is not None and found.refused.code == "definitionTooLarge") is refused


async def test_what_is_as_large_as_may_be_changes_its_state(house: House) -> None:
    """The words of states are of different lengths."""
    new, at = PolicySet(policies=(), locations=(), strengths=()), house.clock.now()

    async def too_large(before: PolicySet, size: int, state: PolicyState) -> bool:
        found = await house.premises.store.read(lambda reader: judge(reader, before, of(size, state), at))
        return found.refused is not None and found.refused.code == "definitionTooLarge"

    size = LARGEST
    while await too_large(new, size, OFF):
        size -= 1
    for state in PolicyState:
        assert not await too_large(new, size, state)
        assert await too_large(new, size + 1, state)
