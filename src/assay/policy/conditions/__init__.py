"""Every condition the engine decides; a new one is one new file and one line here."""

from assay.policy.conditions.agent_contexts import AGENT_CONTEXTS
from assay.policy.conditions.agent_id_risk import AGENT_ID_RISK
from assay.policy.conditions.agent_users import AGENT_USERS
from assay.policy.conditions.applications import APPLICATIONS
from assay.policy.conditions.authentication_flows import AUTHENTICATION_FLOWS
from assay.policy.conditions.base import Condition, SubjectKind
from assay.policy.conditions.client_app_types import CLIENT_APP_TYPES
from assay.policy.conditions.devices import DEVICES
from assay.policy.conditions.groups import GROUPS
from assay.policy.conditions.guests import GUESTS
from assay.policy.conditions.insider_risk import INSIDER_RISK
from assay.policy.conditions.locations import LOCATIONS
from assay.policy.conditions.platforms import PLATFORMS
from assay.policy.conditions.roles import ROLES
from assay.policy.conditions.service_principal_risk import SERVICE_PRINCIPAL_RISK
from assay.policy.conditions.sign_in_risk import SIGN_IN_RISK
from assay.policy.conditions.user_risk import USER_RISK
from assay.policy.conditions.users import USERS

CONDITIONS: tuple[Condition, ...] = (
    APPLICATIONS,
    CLIENT_APP_TYPES,
    PLATFORMS,
    LOCATIONS,
    DEVICES,
    SIGN_IN_RISK,
    USER_RISK,
    SERVICE_PRINCIPAL_RISK,
    AGENT_ID_RISK,
    INSIDER_RISK,
    AUTHENTICATION_FLOWS,
    AGENT_CONTEXTS,
)
SUBJECT_KINDS: tuple[SubjectKind, ...] = (USERS, GROUPS, ROLES, GUESTS, AGENT_USERS)

__all__ = ["CONDITIONS", "SUBJECT_KINDS", "Condition", "SubjectKind"]
