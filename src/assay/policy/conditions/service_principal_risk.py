"""The risk of a workload identity."""

from assay.policy.conditions.base import ConditionName, Rule
from assay.policy.conditions.levels import level_condition
from assay.policy.request import RiskLevel

SERVICE_PRINCIPAL_RISK = level_condition(
    ConditionName.SERVICE_PRINCIPAL_RISK,
    "servicePrincipalRiskLevels",
    RiskLevel,
    field="service_principal_risk_levels",
    rule=Rule.SERVICE_PRINCIPAL_RISK,
    named=lambda conditions: conditions.service_principal_risk_levels,
    seen=lambda request: request.service_principal_risk,
)
