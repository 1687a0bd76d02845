"""What becomes of who is let in when one set of policies takes the place of another, where that needs no solver."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec.structs import replace

from assay.policy.condition_set import ALL_TRUSTED
from assay.policy.definition import ConditionalAccessPolicy, NamedLocation, PolicySet, PolicyState
from assay.policy.request import UserAction
from assay.values import Stored


class Effect(StrEnum):
    """Of a change: whoever is let in now was let in before, or not; nothing that decides is another; nobody knows."""

    UNCHANGED = "unchanged"
    TIGHTENS = "tightens"
    LOOSENS = "loosens"
    NOT_KNOWN = "notKnown"
    BEING_PROVED = "beingProved"


def plain_effect(before: PolicySet, after: PolicySet) -> Effect | None:
    """The effect, where it is plain from the two sets; None: a solver has to be asked."""
    if not _only_adds(before, after):
        return None
    return Effect.UNCHANGED if _only_adds(after, before) else Effect.TIGHTENS


def decides(policy: ConditionalAccessPolicy | None) -> ConditionalAccessPolicy | None:
    """What of a policy makes decisions: nothing where it is not on, and never what it is called."""
    if policy is None or policy.state is not PolicyState.ENABLED:
        return None
    return replace(policy, display_name="", description="", template_id=None)


def _only_adds(before: PolicySet, after: PolicySet) -> bool:
    """Whether every policy that is on stays so and means what it meant.

    Each policy adds to what is demanded, and none takes anything away (`controls.py`): then nobody is let in who was
    refused before. A test holds that against the solver. One exception: a strength of the registration of methods.
    """
    on, then = _on(before), _on(after)
    stays = all(then.get(name) == policy for name, policy in on.items())
    if any(_stands_in(policy) for name, policy in then.items() if name not in on):
        return False
    return stays and _named(before, on.values()) == _named(after, on.values())


def _stands_in(policy: ConditionalAccessPolicy) -> bool:
    """Whether its strength takes the place of other policies', while methods are registered (`without_strength`)."""
    grant = policy.grant_controls
    demands = grant is not None and grant.authentication_strength is not None
    return demands and UserAction.REGISTER_SECURITY_INFO in policy.conditions.applications.include_user_actions


def _on(policy_set: PolicySet) -> dict[str, ConditionalAccessPolicy]:
    return {policy.id: found for policy in policy_set.policies if (found := decides(policy)) is not None}


def _named(policy_set: PolicySet, policies: Iterable[ConditionalAccessPolicy]) -> dict[str, Stored]:
    """The locations and strengths that these policies name, whatever they are called."""
    given = tuple(policies)
    places = [found for policy in given if (found := policy.conditions.locations) is not None]
    names = {name for each in places for name in (*each.include_locations, *each.exclude_locations)}
    trusted = ALL_TRUSTED in names

    def meant(location: NamedLocation) -> bool:
        return location.id in names or (trusted and location.is_trusted)

    strengths = {policy.grant_controls.authentication_strength for policy in given if policy.grant_controls}
    return {
        **{each.id: replace(each, display_name="") for each in policy_set.locations if meant(each)},
        **{
            each.id: replace(each, display_name="", description="")
            for each in policy_set.strengths
            if each.id in strengths
        },
    }
