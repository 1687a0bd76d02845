"""What a question about all sign-ins is answered: proved, refuted with sign-ins that show it, or not known and why."""

from enum import StrEnum

from assay.policy.graph_json import JsonObject
from assay.values import Wire


class Result(StrEnum):
    """There is no fourth: what could not be told is never called proved."""

    PROVED = "proved"
    REFUTED = "refuted"
    NOT_KNOWN = "notKnown"


class Shown(Wire, frozen=True, kw_only=True):
    """A sign-in that shows it: the document (docs/decide.md), what it says in words, what the engine decides of it."""

    words: str
    decision: str
    sign_in: JsonObject


class Finding(Wire, frozen=True, kw_only=True):
    """One thing that was found: in words, the policies that it is about, and sign-ins that show it where there are."""

    words: str
    policies: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = ()


class Answer(Wire, frozen=True, kw_only=True):
    """One question: its name, the statement that is proved or refuted, what was found, and why it is not known."""

    question: str
    statement: str
    result: Result
    findings: tuple[Finding, ...] = ()
    why: tuple[str, ...] = ()
