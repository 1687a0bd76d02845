"""What follows from a row that cannot be read: it opens nothing, and whoever runs the service is told which it is."""

import logging
from collections.abc import Mapping
from typing import Final

from assay.store import DamagedRow

logger = logging.getLogger("assay.access")

EVERYBODY: Final = "everybody but emergency access is refused"
_CONSEQUENCES: Final = {
    "public_path": "what it opened is not public",
    "app_credential": "this credential opens nothing",
    "proxy": "nobody may ask about the apps behind this proxy",
    "app": "this app is not served",
    "app_assignment": "whoever it assigns is not assigned",
    "users": "this person is not let in",
    "user_groups": "apps are not told of this group",
    "policy": EVERYBODY,
    "authentication_strength": EVERYBODY,
    "named_location": EVERYBODY,
    "role_assignment": EVERYBODY,
    "policy_rollout": "its last step stands, whether it was confirmed or not, and the policy cannot be changed",
    "sign_in": "lists of sign-ins leave it out",
    "policy_version": "it is not among the versions of its policy, nor can it be restored",
    "decision": "lists of decisions leave it out",
    "event": "lists of changes leave it out",
    "session": "it opens nothing, and lists leave it out",
}
# Tables without whose row more may be allowed than with it. Of a group whose own row cannot be read the members are
# still known, so that a policy about it is still about them; without the row it is about nobody.
_LOOSENING: Final = frozenset(table for table, follows in _CONSEQUENCES.items() if follows == EVERYBODY) | {
    "user_groups"
}


def say_damage(before: Mapping[str, tuple[DamagedRow, ...]], now: Mapping[str, tuple[DamagedRow, ...]]) -> None:
    """Say once of each row that cannot be read what follows from it."""
    for row in (row for rows in now.values() for row in rows):
        if row not in before.get(row.table, ()):
            logger.critical("%s; assay doctor says what to do", in_words(row))


def damage_in_words(damaged: Mapping[str, tuple[DamagedRow, ...]]) -> tuple[str, ...]:
    """Every row that cannot be read: where it lies, and what follows."""
    return tuple(in_words(row) for rows in damaged.values() for row in rows)


def consequence(row: DamagedRow) -> str:
    """What is refused while this row is there."""
    return _CONSEQUENCES.get(row.table, "it counts as not there")


def loosening(table: str) -> bool:
    """Whether more may be allowed once a row of this table is gone."""
    return table in _LOOSENING


def in_words(row: DamagedRow) -> str:
    """One row that cannot be read: where it lies, and what follows."""
    return f"the row {row.key} of the table {row.table} cannot be read ({row.error}), so {consequence(row)}"
