"""Graph's PATCH: what a body says of a thing, on what is stored of it (OData 4.01 §11.4.3)."""

from typing import Final

from assay.policy.graph_json import Json, JsonObject, MalformedError, is_noise

# Theirs who stores, whatever a body says of them; and what is worked out anew for each answer.
_OF_THE_SERVICE: Final = frozenset({"id", "createddatetime", "modifieddatetime", "deleteddatetime", "assay"})
# One of several kinds of thing: of another kind, nothing of the former holds.
_WHOLE: Final = frozenset({"externaltenants", "authenticationstrength"})
_BIND: Final = "authenticationstrength@odata.bind"


def own_part(body: Json) -> JsonObject:
    """What of a body the caller decides; raises MalformedError where it is no object."""
    if not isinstance(body, dict):
        raise MalformedError((), "notAnObject")
    return {key: _bound(value) for key, value in body.items() if key.lower() not in _OF_THE_SERVICE}


def amended(whole: JsonObject, part: JsonObject) -> JsonObject:
    """`whole` with what `part` says: objects are merged, lists and everything else replaced, null clears.

    Raises MalformedError where `part` says one thing twice, in different case: which of both is meant, nobody knows.
    """
    spelled = {key.lower(): key for key in whole}
    result = dict(whole)
    seen: set[str] = set()
    for key, value in part.items():
        if is_noise(key):
            continue
        if key.lower() in seen:
            raise MalformedError((key,), "duplicateKey", keys=key)
        seen.add(key.lower())
        name = spelled.get(key.lower(), key)
        there = whole.get(name)
        if isinstance(there, dict) and isinstance(value, dict) and key.lower() not in _WHOLE:
            result[name] = amended(there, value)
        else:
            result[name] = value
    return result


def _bound(value: Json) -> Json:
    """`authenticationStrength@odata.bind` as the object that it names: dropped as noise, a demand would be lost."""
    if not isinstance(value, dict):
        return value
    result: JsonObject = {}
    for key, inner in value.items():
        if key.lower() != _BIND:
            result[key] = _bound(inner)
            continue
        if not isinstance(inner, str):
            raise MalformedError((key,), "notAString")
        named = inner.rstrip("/").rpartition("/")[2]
        result["authenticationStrength"] = {"id": named.partition("('")[2].rstrip("')") or named}
    return result
