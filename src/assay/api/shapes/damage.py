"""Rows of the database that cannot be read."""

from assay.values import Wire


class DamageShape(Wire, frozen=True, kw_only=True):
    """One row: what went wrong with it, what is refused for it, and what it holds, as the database has it.

    `loosens`: without it more may be allowed than with it.
    """

    table: str
    key: str
    error: str
    follows: str
    loosens: bool
    content: dict[str, str | None]


class DamageList(Wire, frozen=True, kw_only=True):
    """Every row that cannot be read."""

    value: tuple[DamageShape, ...]


class RemoveRow(Wire, frozen=True, kw_only=True):
    """Which row to take out, and why; `loosens`: it is known that more may be allowed without it."""

    table: str
    key: str
    reason: str
    loosens: bool = False
