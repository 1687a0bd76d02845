"""Which company a demo opens with: what was asked for, or the whole one as soon as that takes seconds."""

import pytest

from assay.simulator.company import Size
from assay.simulator.opening import AT_ONCE, FIRST, WHOLE, Opening, opening

ASKED = Size(people=8, days=3)


@pytest.mark.parametrize(
    ("asked", "missed", "expected"),
    [
        # Whoever names a size gets it, up to now, and nothing beside it.
        (ASKED, None, Opening(size=ASKED, goes_on=True, meanwhile=False)),
        (WHOLE, 9_000, Opening(size=WHOLE, goes_on=True, meanwhile=False)),
        # The first time.
        (None, None, Opening(size=FIRST, goes_on=True, meanwhile=True)),
        # The same day, or after a weekend.
        (None, 0, Opening(size=WHOLE, goes_on=True, meanwhile=False)),
        (None, AT_ONCE, Opening(size=WHOLE, goes_on=True, meanwhile=False)),
        # After working days: as it was, while what was missed is lived.
        (None, AT_ONCE + 1, Opening(size=WHOLE, goes_on=False, meanwhile=True)),
    ],
)
def test_opening(asked: Size | None, missed: int | None, expected: Opening) -> None:
    assert opening(asked, missed) == expected
