"""The risk of an agent's identity (beta)."""

from assay.policy.conditions.base import ConditionName, Rule
from assay.policy.conditions.levels import level_condition
from assay.policy.request import RiskLevel

AGENT_ID_RISK = level_condition(
    ConditionName.AGENT_ID_RISK,
    "agentIdRiskLevels",
    RiskLevel,
    field="agent_id_risk_levels",
    rule=Rule.AGENT_ID_RISK,
    named=lambda conditions: conditions.agent_id_risk_levels,
    seen=lambda request: request.agent_id_risk,
    flags=True,
)
