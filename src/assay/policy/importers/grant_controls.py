"""Grant controls from and to Graph's JSON."""

from msgspec.structs import replace

from assay.policy.definition import AuthenticationStrengthPolicy, BuiltInControl, GrantControls, Operator
from assay.policy.graph_json import JsonObject, MalformedError, Node, strings
from assay.policy.importers.strengths import read_strength
from assay.policy.strengths import BUILT_IN


def read_grant(node: Node) -> tuple[GrantControls | None, AuthenticationStrengthPolicy | None]:
    """grantControls, and the custom strength that an export holds inline; empty controls demand nothing."""
    part = node.child("grantControls")
    if part is None:
        return None, None
    operator = part.choice("operator", Operator)
    strength, inline = _strength(part)
    grant = GrantControls(
        operator=operator or Operator.OR,
        built_in_controls=part.choices("builtInControls", BuiltInControl),
        authentication_strength=strength,
        terms_of_use=part.ids("termsOfUse"),
        custom_authentication_factors=part.ids("customAuthenticationFactors"),
    )
    part.leave()
    if operator is None and _count(grant) > 1:
        # Graph always says which; where it is missing, the reading that restricts (U).
        grant = replace(grant, operator=Operator.AND)
    says_nothing = grant == GrantControls(operator=grant.operator) and not any(
        undecided.path[0] == "grantControls" for undecided in part.kept
    )
    return (None if says_nothing else grant), inline


def _count(grant: GrantControls) -> int:
    lists = (grant.built_in_controls, grant.terms_of_use, grant.custom_authentication_factors)
    return sum(map(len, lists)) + (grant.authentication_strength is not None)


def _strength(part: Node) -> tuple[str | None, AuthenticationStrengthPolicy | None]:
    inline = part.child("authenticationStrength")
    if inline is None:
        return None, None
    read = read_strength(inline)
    if not read.id:
        raise MalformedError((*inline.path, "id"), "required")
    if read.id in BUILT_IN or not (read.allowed_combinations or read.undecided):
        return read.id, None
    return read.id, read


def write_grant(grant: GrantControls | None) -> JsonObject | None:
    """Graph's shape; the strength by its id, as templates have it."""
    if grant is None:
        return None
    strength: JsonObject | None = {"id": grant.authentication_strength} if grant.authentication_strength else None
    return {
        "operator": grant.operator.value,
        "builtInControls": strings(grant.built_in_controls),
        "customAuthenticationFactors": strings(grant.custom_authentication_factors),
        "termsOfUse": strings(grant.terms_of_use),
        "authenticationStrength": strength,
    }
