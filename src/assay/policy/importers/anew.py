"""What an earlier release could not decide, read again: stored undecided parts are decided where they can be."""

from assay.policy.definition import AuthenticationStrengthPolicy, ConditionalAccessPolicy, NamedLocation
from assay.policy.graph_json import MalformedError, Node
from assay.policy.importers.export import export_location, export_policy, export_strength
from assay.policy.importers.locations import read_location
from assay.policy.importers.policies import read_policy
from assay.policy.importers.strengths import read_strength


def policy_anew(policy: ConditionalAccessPolicy) -> ConditionalAccessPolicy:
    """The policy as this release reads it; as it was where that fails, which refuses whom it may be about."""
    if not policy.undecided:
        return policy
    try:
        return read_policy(Node(export_policy(policy), (), []))[0]
    except MalformedError:
        return policy


def location_anew(location: NamedLocation) -> NamedLocation:
    """The same of a named location."""
    if not location.undecided:
        return location
    try:
        return read_location(Node(export_location(location), (), []))
    except MalformedError:
        return location


def strength_anew(strength: AuthenticationStrengthPolicy) -> AuthenticationStrengthPolicy:
    """The same of an authentication strength."""
    if not strength.undecided:
        return strength
    try:
        return read_strength(Node(export_strength(strength), (), []))
    except MalformedError:
        return strength
