"""Texts that stand for all texts: one for each way in which they can fare with what rules compare them with."""

from collections.abc import Iterable
from typing import Final

from assay.policy.filter_rule import FilterOperator

Test = tuple[FilterOperator, str]  # a positive operator, and the text in the case in which texts are compared
MOST_STATES: Final = 20_000
OTHERS: Final = "XZQJKVW0123456789-~"
_WHOLE: Final = (FilterOperator.EQ, FilterOperator.IN)
DEAD: Final = -1

State = tuple[int, ...]


class TooManyError(Exception):
    """More kinds of text than anybody could look through."""


def representatives(tests: Iterable[Test]) -> tuple[str, ...]:
    """One text, the shortest, for each set of tests that some text that is not empty passes and no others.

    All texts are walked at once, letter by letter, as the states of one automaton (the product of a matcher for
    each test); two texts in one state can never be told apart again. Raises TooManyError.
    """
    wanted = tuple(dict.fromkeys(tests))
    if any(not text for _, text in wanted):
        raise TooManyError  # a test with the empty text, which no sign-in document can hold
    other = next(letter for letter in OTHERS if not any(letter in text for _, text in wanted))
    if all(operator in _WHOLE for operator, _ in wanted):
        return tuple(dict.fromkeys((other, *(text for _, text in wanted))))
    alphabet = (other, *sorted({letter for _, text in wanted for letter in text}))
    steps = [_matcher(operator, text) for operator, text in wanted]
    start = tuple(0 for _ in wanted)
    seen: dict[State, str] = {start: ""}
    found: dict[tuple[bool, ...], str] = {}
    left = [start]
    for state in left:
        before = seen[state]
        for letter in alphabet:
            after = tuple(step.after(at, letter) for step, at in zip(steps, state, strict=True))
            # What a text of no letter led to, a text with letters may lead to as well.
            if seen.get(after):
                continue
            text = seen[after] = before + letter
            found.setdefault(tuple(step.passes(at) for step, at in zip(steps, after, strict=True)), text)
            left.append(after)
            if len(seen) > MOST_STATES:
                raise TooManyError
    return tuple(found.values())


class _Matcher:
    """How much of the text has been read; `kept` once there is no more to be lost."""

    def __init__(self, text: str, *, restarts: bool, kept: bool) -> None:
        self.text = text
        self.restarts = restarts
        self.kept = kept

    def after(self, at: int, letter: str) -> int:
        """The state after one more letter."""
        text = self.text
        if at == DEAD or (self.kept and at == len(text)):
            return at
        if at < len(text) and text[at] == letter:
            return at + 1
        if not self.restarts:
            return DEAD
        read = text[:at] + letter
        return next(size for size in range(min(len(text), len(read)), -1, -1) if read.endswith(text[:size]))

    def passes(self, at: int) -> bool:
        """Whether a text that ends here passes."""
        return at == len(self.text)


def _matcher(operator: FilterOperator, text: str) -> _Matcher:
    if operator is FilterOperator.STARTS_WITH:
        return _Matcher(text, restarts=False, kept=True)
    if operator is FilterOperator.ENDS_WITH:
        return _Matcher(text, restarts=True, kept=False)
    if operator is FilterOperator.CONTAINS:
        return _Matcher(text, restarts=True, kept=True)
    return _Matcher(text, restarts=False, kept=False)
