"""authenticationStrengthPolicy from and to Graph's JSON."""

from assay.policy.definition import AuthenticationStrengthPolicy, Undecided
from assay.policy.graph_json import JsonObject, Node, canonical_id, strings
from assay.policy.request import Method

_METHODS = {method.value.lower(): method for method in Method}


def read_strength(node: Node) -> AuthenticationStrengthPolicy:
    """A strength; combinations with a method unknown here cannot be proved and are undecided."""
    node.ignore("description", "createdDateTime", "modifiedDateTime", "policyType", "requirementsSatisfied")
    combinations: dict[tuple[Method, ...], None] = {}
    undecided: list[Undecided] = []
    own = node.apart(undecided)
    for text in own.texts("allowedCombinations"):
        names = [name.strip().lower() for name in text.split(",")]
        if all(name in _METHODS for name in names):
            combinations[tuple(_METHODS[name] for name in names)] = None
        else:
            own.undecided("allowedCombinations", text, element=True)
    strength_id, name = own.text("id"), own.text("displayName")
    own.leave()
    return AuthenticationStrengthPolicy(
        id=canonical_id(strength_id or ""),
        display_name=name or "",
        allowed_combinations=tuple(combinations),
        undecided=tuple(undecided),
    )


def write_strength(strength: AuthenticationStrengthPolicy) -> JsonObject:
    """Graph's shape."""
    return {
        "@odata.type": "#microsoft.graph.authenticationStrengthPolicy",
        "id": strength.id,
        "displayName": strength.display_name,
        "policyType": "custom",
        "allowedCombinations": strings(",".join(combination) for combination in strength.allowed_combinations),
    }
