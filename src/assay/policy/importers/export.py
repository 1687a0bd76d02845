"""Back to Graph's JSON, with every part that was kept undecided where it stood."""

import json
from collections.abc import Iterable

from assay.policy.definition import AuthenticationStrengthPolicy, ConditionalAccessPolicy, NamedLocation, Undecided
from assay.policy.graph_json import Json, JsonObject
from assay.policy.importers.locations import write_location
from assay.policy.importers.policies import write_policy
from assay.policy.importers.strengths import write_strength


def export_policy(policy: ConditionalAccessPolicy) -> JsonObject:
    """The policy as a conditionalAccessPolicy; importing it again gives an equal policy."""
    return _restored(write_policy(policy), policy.undecided)


def export_location(location: NamedLocation) -> JsonObject:
    """The location as a namedLocation."""
    return _restored(write_location(location), location.undecided)


def export_strength(strength: AuthenticationStrengthPolicy) -> JsonObject:
    """The strength as an authenticationStrengthPolicy."""
    return _restored(write_strength(strength), strength.undecided)


def _restored(written: JsonObject, undecided: Iterable[Undecided]) -> JsonObject:
    for part in undecided:
        holder = written
        for key in part.path[:-1]:
            inner = holder.get(key)
            if not isinstance(inner, dict):
                inner = {}
                holder[key] = inner
            holder = inner
        value: Json = json.loads(part.json)
        key = part.path[-1]
        there = holder.get(key)
        if part.element:
            # The list [all] was written because nothing in it is decided; read again, it would hide the element.
            beside = there if isinstance(there, list) and there != ["all"] else []
            holder[key] = [*beside, value]
        else:
            holder[key] = value
    return written
