"""The identity of a policy set: a hash by which a recorded decision finds what it was decided by."""

import json
from hashlib import sha256

import msgspec
import rfc8785

from assay.policy.definition import PolicySet
from assay.policy.graph_json import Json


def policy_set_hash(policy_set: PolicySet) -> str:
    """SHA-256 (hex) of the RFC 8785 canonical JSON of the set; neither order nor unset fields change it."""
    plain = {
        "policies": _ordered(policy_set.policies),
        "locations": _ordered(policy_set.locations),
        "strengths": _ordered(policy_set.strengths),
    }
    return sha256(rfc8785.dumps(plain)).hexdigest()


def _ordered(items: tuple[msgspec.Struct, ...]) -> list[Json]:
    decoded: list[dict[str, Json]] = [json.loads(msgspec.json.encode(item)) for item in items]
    return [_configured(item) for item in sorted(decoded, key=lambda item: str(item["id"]))]


def _configured(value: Json) -> Json:
    """Without what is not configured, so that a field of the next release leaves old hashes as they are."""
    if isinstance(value, dict):
        kept = {key: _configured(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner not in (None, "", [], {})}
    if isinstance(value, list):
        return [_configured(inner) for inner in value]
    return value
