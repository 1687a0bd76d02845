"""The one policy that judges emergency access accounts, built in: nobody can change it, and no other touches them.

A passkey that verified its user, not older than an hour, for whatever such an account is assigned to. It asks neither
for a place nor for a platform: in an emergency neither is known. The key is with one person and its PIN with another.
"""

from typing import Final

from assay.policy.compile import CompiledPolicySet, compile_policies
from assay.policy.condition_set import Applications, ConditionSet, Users
from assay.policy.definition import ConditionalAccessPolicy, GrantControls, Operator, PolicySet, PolicyState
from assay.policy.session_controls import FrequencyInterval, FrequencyUnit, SessionControls, SignInFrequency
from assay.policy.strengths import PHISHING_RESISTANT
from assay.values import PolicyId

BREAK_GLASS_POLICY: Final = ConditionalAccessPolicy(
    id=PolicyId("a55a0000-0000-4000-8000-00000000b601"),
    display_name="Emergency access (built in)",
    state=PolicyState.ENABLED,
    conditions=ConditionSet(
        users=Users(include_users=("All",)), applications=Applications(include_applications=("All",))
    ),
    grant_controls=GrantControls(operator=Operator.OR, authentication_strength=PHISHING_RESISTANT),
    session_controls=SessionControls(
        sign_in_frequency=SignInFrequency(interval=FrequencyInterval.TIME_BASED, unit=FrequencyUnit.HOURS, value=1)
    ),
)
BREAK_GLASS_SET: Final = PolicySet(policies=(BREAK_GLASS_POLICY,))


def compiled_for_break_glass() -> CompiledPolicySet:
    """The set of this one policy, ready to decide."""
    return _COMPILED


_COMPILED: Final = compile_policies(BREAK_GLASS_SET)
EVERY_POLICY: Final = 1  # the subject mask of a set of one policy that is about everybody
