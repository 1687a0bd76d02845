"""The identity of a policy set: a hash by which a recorded decision finds what it was decided by."""

import json
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Final

import msgspec
import rfc8785

from assay.policy.definition import AuthenticationStrengthPolicy, ConditionalAccessPolicy, NamedLocation, PolicySet
from assay.policy.graph_json import Json

Item = ConditionalAccessPolicy | NamedLocation | AuthenticationStrengthPolicy
REMEMBERED: Final = 16_384  # items


def policy_set_hash(policy_set: PolicySet) -> str:
    """SHA-256 (hex) of the RFC 8785 canonical JSON of the set; neither order nor unset fields change it."""
    # The names in the order of RFC 8785 §3.2.3.
    locations, policies = _joined(policy_set.locations), _joined(policy_set.policies)
    text = f'{{"locations":[{locations}],"policies":[{policies}],"strengths":[{_joined(policy_set.strengths)}]}}'
    return sha256(text.encode()).hexdigest()


def _joined(items: Sequence[Item]) -> str:
    return ",".join(_canonical(item) for item in sorted(items, key=lambda item: str(item.id)))


@lru_cache(maxsize=REMEMBERED)
def _canonical(item: Item) -> str:
    """One item's canonical JSON; remembered, because of a set that is published again most is as it was."""
    plain: dict[str, Json] = json.loads(msgspec.json.encode(item))
    return rfc8785.dumps(_configured(plain)).decode()


def _configured(value: Json) -> Json:
    """Without what is not configured, so that a field of the next release leaves old hashes as they are."""
    if isinstance(value, dict):
        kept = {key: _configured(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner not in (None, "", [], {})}
    if isinstance(value, list):
        return [_configured(inner) for inner in value]
    return value
