"""What an engine to compare with is asked, and what it must answer."""

from abc import ABC, abstractmethod
from datetime import timedelta

from assay.policy import AccessRequest, Method, Outcome
from assay.policy.condition_set import ALL, ALL_TRUSTED
from assay.policy.definition import BuiltInControl, ConditionalAccessPolicy, PolicySet
from assay.policy.location_table import LocationTable
from assay.policy.request import LEGACY_CLIENT_APPS


class Peer(ABC):
    """Another engine with the same rules.

    It is handed more than ours is: an address is its locations already, proofs are two truths and an age.
    """

    name: str
    prepared: str  # what is done once, before anything is asked

    def __init__(self, policy_set: PolicySet) -> None:
        self.policies = policy_set.policies
        self._locations = LocationTable(policy_set.locations)

    @abstractmethod
    def prepare(self, requests: list[AccessRequest]) -> None:
        """Read the rules, and what is known of who will ask."""

    @abstractmethod
    def question(self, request: AccessRequest) -> object:
        """The request in this engine's shape, made before the clock runs."""

    @abstractmethod
    def ask(self, question: object) -> object:
        """Its answer: what is timed."""

    @abstractmethod
    def unmet(self, answer: object) -> list[ConditionalAccessPolicy]:
        """The policies that the answer says stand against the request."""

    def facts(self, request: AccessRequest) -> dict[str, object]:
        """What the rules ask of a request besides who and which app."""
        methods = {proof.method for proof in request.proofs}
        oldest: timedelta = max((request.at - proof.at for proof in request.proofs), default=timedelta(0))
        return {
            "platform": request.platform or "unknown",
            "client": str(request.client_app),
            "legacy": request.client_app in LEGACY_CLIENT_APPS,
            "locations": self.locations(request),
            "mfa": len(methods) > 1,
            "phishingResistant": Method.FIDO2 in methods,
            "age": int(oldest.total_seconds()),
        }

    def locations(self, request: AccessRequest) -> list[str]:
        """The words that mean where it comes from."""
        assert request.address is not None
        holding = self._locations.holding(request.address)
        return [ALL, *([ALL_TRUSTED] if holding & self._locations.trusted else []), *sorted(map(str, holding))]

    def outcome(self, answer: object, request: AccessRequest) -> tuple[Outcome, frozenset[str]]:
        """The answer in our words, and the policies that block."""
        unmet = self.unmet(answer)
        legacy = request.client_app in LEGACY_CLIENT_APPS
        blocking = {policy.id for policy in unmet if blocks(policy) or (legacy and demand(policy) is not None)}
        if blocking:
            return Outcome.BLOCK, frozenset(blocking)
        return (Outcome.STEP_UP if unmet else Outcome.ALLOW), frozenset()


def blocks(policy: ConditionalAccessPolicy) -> bool:
    """Whether it blocks, whatever is proved."""
    return policy.grant_controls is not None and BuiltInControl.BLOCK in policy.grant_controls.built_in_controls


def demand(policy: ConditionalAccessPolicy) -> str | None:
    """The fact that satisfies it."""
    grant = policy.grant_controls
    if grant is None or not (grant.built_in_controls or grant.authentication_strength):
        return None
    return "phishingResistant" if grant.authentication_strength else "mfa"


def longest_age(policy: ConditionalAccessPolicy) -> int | None:
    """Seconds since the sign-in that it tolerates."""
    session = policy.session_controls
    frequency = session.sign_in_frequency if session else None
    return None if frequency is None or frequency.value is None else frequency.value * 3600
