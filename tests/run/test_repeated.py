"""Every run of one commit tries the same examples, whichever modules of ours its process has imported."""

from hypothesis import settings
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.internal.conjecture.providers import HypothesisProvider


def test_nothing_of_our_modules_is_drawn() -> None:
    assert settings().derandomize
    assert settings().deadline is None
    assert len(HypothesisProvider(ConjectureData.for_choices(()))._local_constants) == 0
