"""Directory roles: Entra's built-in roles by template id, and the one that owns this organisation."""

import csv
from functools import cache
from importlib.resources import files
from typing import Final

from assay.values import InvalidInputError, RoleId, Value

GLOBAL_ADMINISTRATOR: Final = RoleId("62e90394-69f5-4237-9190-012177145e10")


class Role(Value, frozen=True, kw_only=True):
    """A built-in directory role (Graph's directoryRoleTemplate)."""

    id: RoleId
    display_name: str
    privileged: bool


@cache
def built_in_roles() -> dict[RoleId, Role]:
    """Every built-in role by template id (`role_templates.csv`, from Microsoft's permissions reference)."""
    text = files("assay.governance").joinpath("role_templates.csv").read_text(encoding="utf-8")
    roles = (
        Role(
            id=RoleId(row["template_id"]),
            display_name=row["name"],
            privileged=row["privileged"] == "true",
        )
        for row in csv.DictReader(text.splitlines())
    )
    return {role.id: role for role in roles}


@cache
def role_ids_by_name() -> dict[str, RoleId]:
    """The template ids of the built-in roles by their names in small letters; no two have one name."""
    return {role.display_name.lower(): role.id for role in built_in_roles().values()}


def role_name(role_id: RoleId) -> str:
    """What people call the role; its id where this release does not know it."""
    known = built_in_roles().get(role_id)
    return role_id if known is None else known.display_name


def find_role(text: str) -> Role:
    """The role with this template id or display name (any case); raises InvalidInputError."""
    wanted = text.strip().casefold()
    for role in built_in_roles().values():
        if wanted in (role.id, role.display_name.casefold()):
            return role
    raise InvalidInputError(
        f"there is no directory role {text!r}",
        remedy="use a name such as 'Global Administrator'; Entra's built-in roles are known",
    )
