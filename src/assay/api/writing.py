"""The flows behind what the Graph API changes beside the administrators' own; made where `reading.py` is."""

from assay.access.authentication_contexts import AuthenticationContexts
from assay.access.deleted_locations import DeletedLocations
from assay.access.deleted_policies import DeletedPolicies
from assay.access.evaluate import Evaluate
from assay.access.named_locations import NamedLocations
from assay.access.premises import Premises
from assay.access.signals import Signals
from assay.access.strength_configurations import StrengthConfigurations
from assay.access.strengths import Strengths
from assay.access.write_policies import WritePolicies
from assay.values import Value


class Writing(Value, frozen=True, kw_only=True):
    """Everything of Conditional Access that is written as Graph's JSON, and the question what would apply."""

    policies: WritePolicies
    deleted: DeletedPolicies
    deleted_locations: DeletedLocations
    locations: NamedLocations
    strengths: Strengths
    configurations: StrengthConfigurations
    contexts: AuthenticationContexts
    evaluate: Evaluate

    @classmethod
    def of(cls, premises: Premises, signals: Signals) -> "Writing":
        """On these premises."""
        return cls(
            policies=WritePolicies(premises),
            deleted=DeletedPolicies(premises),
            deleted_locations=DeletedLocations(premises),
            locations=NamedLocations(premises),
            strengths=Strengths(premises),
            configurations=StrengthConfigurations(premises),
            contexts=AuthenticationContexts(premises),
            evaluate=Evaluate(signals),
        )
