"""The real-time risk of this sign-in."""

from assay.policy.conditions.base import ConditionName, Rule
from assay.policy.conditions.levels import level_condition
from assay.policy.request import RiskLevel

SIGN_IN_RISK = level_condition(
    ConditionName.SIGN_IN_RISK,
    "signInRiskLevels",
    RiskLevel,
    field="sign_in_risk_levels",
    rule=Rule.SIGN_IN_RISK,
    named=lambda conditions: conditions.sign_in_risk_levels,
    seen=lambda request: request.sign_in_risk,
)
