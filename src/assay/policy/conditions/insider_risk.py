"""The risk that a person means harm from within (Graph: insider risk)."""

from assay.policy.conditions.base import ConditionName, Rule
from assay.policy.conditions.levels import level_condition
from assay.policy.request import InsiderRiskLevel

INSIDER_RISK = level_condition(
    ConditionName.INSIDER_RISK,
    "insiderRiskLevels",
    InsiderRiskLevel,
    field="insider_risk_levels",
    rule=Rule.INSIDER_RISK,
    named=lambda conditions: conditions.insider_risk_levels,
    seen=lambda request: request.insider_risk,
    flags=True,
)
