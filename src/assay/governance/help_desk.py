"""Who may reset whose sign-in methods: a help-desk role, and never somebody who holds more (Entra's built-in roles)."""

from collections.abc import Collection
from typing import Final

from assay.governance.roles import GLOBAL_ADMINISTRATOR
from assay.values import RoleId

AUTHENTICATION_ADMINISTRATOR: Final = RoleId("c4e39bd9-1100-46d3-8c65-fb160da0071f")
HELPDESK_ADMINISTRATOR: Final = RoleId("729827e3-9c14-49f7-bb1b-9608f156bbb8")
PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: Final = RoleId("7be44c8a-adaf-4e2a-84d6-ab2649e08a13")
PASSWORD_ADMINISTRATOR: Final = RoleId("966707d0-3269-4727-9be2-8c3a10f19b9d")

# These may reset anybody, each other included.
ANYBODY: Final = frozenset({GLOBAL_ADMINISTRATOR, PRIVILEGED_AUTHENTICATION_ADMINISTRATOR})
# These may reset people without a role, and holders of roles that can change nothing more than they can.
LIMITED: Final = frozenset({AUTHENTICATION_ADMINISTRATOR, HELPDESK_ADMINISTRATOR})
HELP_DESK_ROLES: Final = ANYBODY | LIMITED
# Directory Readers, Guest Inviter, Message Center Reader, Reports Reader, Usage Summary Reports Reader.
EVERYDAY: Final = frozenset(
    map(
        RoleId,
        (
            "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
            "95e79109-95c0-4d8e-aee3-d01accf2d47b",
            "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b",
            "4a5d8f65-41da-4de4-8968-e035b65339cf",
            "75934031-6c7e-415a-99d7-48dbd49e875e",
        ),
    )
)


def is_help_desk(roles: Collection[RoleId]) -> bool:
    """Whether somebody with these roles works at the help-desk at all."""
    return not HELP_DESK_ROLES.isdisjoint(roles)


def may_reset(actor: Collection[RoleId], subject: Collection[RoleId]) -> bool:
    """Whether somebody with these roles may reset somebody with those; any role not named here is higher."""
    if not ANYBODY.isdisjoint(actor):
        return True
    own = LIMITED.intersection(actor)
    return bool(own) and EVERYDAY | own | {PASSWORD_ADMINISTRATOR} >= set(subject)
