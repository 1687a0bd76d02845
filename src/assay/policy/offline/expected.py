"""What a document says that must come out: a sign-in with this is a test of a set of policies."""

from enum import StrEnum

from assay.policy.graph_json import Node
from assay.policy.offline.reading import word, words_of_list
from assay.values import Value


class Verdict(StrEnum):
    """What becomes of a sign-in."""

    GRANTED = "granted"
    INTERRUPTED = "interrupted"
    BLOCKED = "blocked"


class Expected(Value, frozen=True, kw_only=True):
    """None: whatever it is. `applied`: display names or ids of all policies that apply, report-only ones too."""

    decision: Verdict | None = None
    ask_for: tuple[str, ...] | None = None
    applied: frozenset[str] | None = None


def read_expected(node: Node | None) -> Expected | None:
    """The part `expected`: that nothing is asked for, or that no policy applies, is an expectation too."""
    if node is None:
        return None
    applied = words_of_list(node, "appliedPolicies")
    found = Expected(
        decision=word(node, "decision", Verdict),
        ask_for=words_of_list(node, "askFor"),
        applied=None if applied is None else frozenset(applied),
    )
    node.finish()
    return None if found == Expected() else found
