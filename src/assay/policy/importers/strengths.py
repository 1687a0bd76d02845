"""authenticationStrengthPolicy from and to Graph's JSON."""

from typing import Final

from msgspec.structs import replace

from assay.policy.definition import AuthenticationStrengthPolicy, CombinationConfiguration, Undecided
from assay.policy.graph_json import JsonObject, MalformedError, Node, canonical_id, strings
from assay.policy.request import Method

# No word of Graph's: read again, it is as undecided as it was.
_DIFFERS: Final = Undecided(path=("allowedCombinations",), json='"differsFromOther"', element=True)
_METHODS = {method.value.lower(): method for method in Method}


def read_strength(node: Node) -> AuthenticationStrengthPolicy:
    """A strength; combinations with a method unknown here cannot be proved and are undecided."""
    node.ignore("createdDateTime", "modifiedDateTime", "policyType", "requirementsSatisfied")
    combinations: dict[tuple[Method, ...], None] = {}
    undecided: list[Undecided] = []
    own = node.apart(undecided)
    for text in own.texts("allowedCombinations"):
        names = [name.strip().lower() for name in text.split(",")]
        if all(name in _METHODS for name in names):
            combinations[tuple(_METHODS[name] for name in names)] = None
        else:
            own.undecided("allowedCombinations", text, element=True)
    configurations = _configurations(own)
    strength_id, name, description = own.text("id"), own.text("displayName"), own.text("description")
    own.leave()
    return AuthenticationStrengthPolicy(
        id=canonical_id(strength_id or ""),
        display_name=name or "",
        allowed_combinations=tuple(combinations),
        combination_configurations=configurations,
        description=description or "",
        undecided=tuple(undecided),
    )


def in_common(one: AuthenticationStrengthPolicy, other: AuthenticationStrengthPolicy) -> AuthenticationStrengthPolicy:
    """One strength, given twice. Where the two differ, which of them is in force nobody knows: it is undecided."""
    if _content(one) == _content(other):
        return one
    both = tuple(found for found in one.allowed_combinations if found in other.allowed_combinations)
    marks = (*one.undecided, *(found for found in other.undecided if found not in one.undecided))
    return replace(
        one,
        allowed_combinations=both,
        undecided=marks if _DIFFERS in marks else (*marks, _DIFFERS),
    )


def _content(strength: AuthenticationStrengthPolicy) -> object:
    limits = frozenset(replace(found, id="") for found in strength.combination_configurations)
    return frozenset(strength.allowed_combinations), limits, frozenset(strength.undecided)


def _configurations(own: Node) -> tuple[CombinationConfiguration, ...]:
    """All of them; where one holds something unknown here, all are undecided: half a limit is none."""
    key = "combinationConfigurations"
    value = own.take(key)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise MalformedError((*own.path, key), "notAList")
    unknown: list[Undecided] = []
    found = tuple(read_configuration(Node(item, (*own.path, key), unknown)) for item in value)
    if unknown:
        own.undecided(key, value)
        return ()
    return found


def read_configuration(item: Node) -> CombinationConfiguration:
    """Limits on the keys or certificates of some combinations; of all where it does not say of which."""
    combinations = tuple(tuple(_METHODS[name.strip().lower()] for name in text.split(",")) for text in _known(item))
    found = CombinationConfiguration(
        id=item.text("id") or "",
        applies_to_combinations=combinations,
        allowed_aaguids=tuple(text.lower() for text in item.texts("allowedAAGUIDs")),
        allowed_issuer_skis=tuple(text.upper() for text in item.texts("allowedIssuerSkis")),
        allowed_policy_oids=item.texts("allowedPolicyOIDs"),
    )
    item.leave()
    return found


def _known(item: Node) -> tuple[str, ...]:
    """Combinations of methods that are known here; another one is undecided."""
    key, found = "appliesToCombinations", []
    for text in item.texts(key):
        if all(name.strip().lower() in _METHODS for name in text.split(",")):
            found.append(text)
        else:
            item.undecided(key, text, element=True)
    return tuple(found)


def write_strength(strength: AuthenticationStrengthPolicy) -> JsonObject:
    """Graph's shape."""
    return {
        "@odata.type": "#microsoft.graph.authenticationStrengthPolicy",
        "id": strength.id,
        "displayName": strength.display_name,
        "description": strength.description,
        "policyType": "custom",
        "allowedCombinations": strings(",".join(combination) for combination in strength.allowed_combinations),
        "combinationConfigurations": [write_configuration(found) for found in strength.combination_configurations],
    }


def write_configuration(found: CombinationConfiguration) -> JsonObject:
    """Graph's shape of one of the two."""
    written: JsonObject = {
        "id": found.id,
        "appliesToCombinations": strings(",".join(combination) for combination in found.applies_to_combinations),
    }
    if found.allowed_aaguids:
        kind = "fido2CombinationConfiguration"
        written["allowedAAGUIDs"] = strings(found.allowed_aaguids)
    else:
        kind = "x509CertificateCombinationConfiguration"
        written["allowedIssuerSkis"] = strings(found.allowed_issuer_skis)
        written["allowedPolicyOIDs"] = strings(found.allowed_policy_oids)
    return written | {"@odata.type": f"#microsoft.graph.{kind}"}
