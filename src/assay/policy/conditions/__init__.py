"""Every condition the engine decides; a new one is one new file and one line here."""

from assay.policy.conditions.applications import APPLICATIONS
from assay.policy.conditions.base import Condition, SubjectKind
from assay.policy.conditions.client_app_types import CLIENT_APP_TYPES
from assay.policy.conditions.groups import GROUPS
from assay.policy.conditions.guests import GUESTS
from assay.policy.conditions.locations import LOCATIONS
from assay.policy.conditions.platforms import PLATFORMS
from assay.policy.conditions.roles import ROLES
from assay.policy.conditions.users import USERS

CONDITIONS: tuple[Condition, ...] = (APPLICATIONS, CLIENT_APP_TYPES, PLATFORMS, LOCATIONS)
SUBJECT_KINDS: tuple[SubjectKind, ...] = (USERS, GROUPS, ROLES, GUESTS)

__all__ = ["CONDITIONS", "SUBJECT_KINDS", "Condition", "SubjectKind"]
