"""The risk that the person's account is in somebody else's hands."""

from assay.policy.conditions.base import ConditionName, Rule
from assay.policy.conditions.levels import level_condition
from assay.policy.request import RiskLevel

USER_RISK = level_condition(
    ConditionName.USER_RISK,
    "userRiskLevels",
    RiskLevel,
    field="user_risk_levels",
    rule=Rule.USER_RISK,
    named=lambda conditions: conditions.user_risk_levels,
    seen=lambda request: request.user_risk,
)
