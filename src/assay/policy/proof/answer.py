"""What a question about all sign-ins is answered: proved, refuted with sign-ins that show it, or not known and why."""

from enum import StrEnum

from assay.policy.graph_json import JsonObject
from assay.values import Wire


class Result(StrEnum):
    """There is no fourth: what could not be told is never called proved."""

    PROVED = "proved"
    REFUTED = "refuted"
    NOT_KNOWN = "notKnown"


class Told(Wire, frozen=True, kw_only=True):
    """One value; null: unknown, or several texts. `locations` hold an address; `minutes`: how long ago it was used."""

    value: str | None
    locations: tuple[str, ...] = ()
    minutes: int = 0
    several: bool = False


class Clause(Wire, frozen=True, kw_only=True):
    """One condition of a region, for who says it in another language than `words`.

    `about`: a dimension (symbolic.py), or what `name` is the name of; not `holds`: it is not so, or any other value.
    `more`: so many further values, groups or roles are not written out.
    """

    about: str
    name: str = ""
    holds: bool = True
    values: tuple[Told, ...] = ()
    more: int = 0


class Shown(Wire, frozen=True, kw_only=True):
    """A sign-in that shows it: the document (docs/decide.md), what it says in words, what the engine decides of it."""

    words: str
    decision: str
    sign_in: JsonObject
    clauses: tuple[Clause, ...] = ()


class Finding(Wire, frozen=True, kw_only=True):
    """One thing that was found: in words, the policies that it is about, and sign-ins that show it where there are.

    `clauses`: the same condition by condition, where it is a region.
    """

    words: str
    policies: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = ()
    clauses: tuple[Clause, ...] = ()


class Answer(Wire, frozen=True, kw_only=True):
    """One question: its name, the statement that is proved or refuted, what was found, and why it is not known."""

    question: str
    statement: str
    result: Result
    findings: tuple[Finding, ...] = ()
    why: tuple[str, ...] = ()
