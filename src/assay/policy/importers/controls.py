"""Grant and session controls from and to Graph's JSON."""

import re
from typing import Final

from assay.policy.definition import (
    AuthenticationStrengthPolicy,
    AuthenticationType,
    BuiltInControl,
    FrequencyInterval,
    FrequencyUnit,
    GrantControls,
    LimitControls,
    Operator,
    PersistentBrowserMode,
    SessionControls,
    SignInFrequency,
)
from assay.policy.graph_json import Json, JsonObject, MalformedError, Node, strings
from assay.policy.importers.strengths import read_strength
from assay.policy.strengths import BUILT_IN

LONGEST: Final = {FrequencyUnit.HOURS: 24 * 366, FrequencyUnit.DAYS: 366}
_TOKEN = re.compile(r"[A-Z][A-Z-]{0,31}")
_SWITCHED = ("applicationEnforcedRestrictions", "cloudAppSecurity", "secureSignInSession",
             "networkAccessSecurity", "globalSecureAccessFilteringProfile")  # fmt: skip


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
    )
    for key in ("customAuthenticationFactors", "termsOfUse"):
        for name in part.texts(key):
            part.undecided(key, name, element=True)
    part.leave()
    says_nothing = grant == GrantControls(operator=grant.operator) and not any(
        undecided.path[0] == "grantControls" for undecided in part.kept
    )
    return (None if says_nothing else grant), inline


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
        "customAuthenticationFactors": [],
        "termsOfUse": [],
        "authenticationStrength": strength,
    }


def read_session(node: Node) -> SessionControls | None:
    """sessionControls; a control that is not enabled says nothing."""
    part = node.child("sessionControls")
    if part is None:
        return None
    for key in _SWITCHED:
        part.drop_if(key, lambda value: isinstance(value, dict) and value.get("isEnabled") is False)
    session = SessionControls(
        sign_in_frequency=_frequency(part),
        persistent_browser=_persistent(part),
        limits=_limits(part),
        disable_resilience_defaults=part.boolean("disableResilienceDefaults") or False,
    )
    part.leave()
    return session if session != SessionControls() else None


def _frequency(part: Node) -> SignInFrequency | None:
    node = part.child("signInFrequency")
    if node is None or node.boolean("isEnabled") is False:
        return None
    frequency = SignInFrequency(
        interval=node.choice("frequencyInterval", FrequencyInterval) or FrequencyInterval.TIME_BASED,
        value=node.integer("value"),
        unit=node.choice("type", FrequencyUnit),
        authentication_type=node.choice("authenticationType", AuthenticationType)
        or AuthenticationType.PRIMARY_AND_SECONDARY,
    )
    node.leave()
    if frequency.interval is FrequencyInterval.EVERY_TIME:
        return SignInFrequency(interval=frequency.interval, authentication_type=frequency.authentication_type)
    if frequency.unit is None or frequency.value is None:
        raise MalformedError(node.path, "required")
    if not 1 <= frequency.value <= LONGEST[frequency.unit]:
        raise MalformedError((*node.path, "value"), "outOfRange")
    return frequency


def _persistent(part: Node) -> PersistentBrowserMode | None:
    node = part.child("persistentBrowser")
    if node is None or node.boolean("isEnabled") is False:
        return None
    mode = node.choice("mode", PersistentBrowserMode)
    node.leave()
    return mode


def _limits(part: Node) -> LimitControls | None:
    """Our own extension: unlike Graph's parts, what it holds beside the known is an error."""
    assay = part.child("assay")
    node = assay.child("limits") if assay else None
    if assay is None or node is None:
        return None
    methods = node.texts("methods")
    for method in methods:
        if not _TOKEN.fullmatch(method):
            raise MalformedError((*node.path, "methods"), "notAMethod", value=method[:40])
    limits = LimitControls(read_only=node.boolean("readOnly") or False, methods=methods or None)
    node.finish()
    assay.finish()
    return limits if limits != LimitControls() else None


def write_session(session: SessionControls | None) -> JsonObject | None:
    """Graph's shape, limits under `assay`."""
    if session is None:
        return None
    found: dict[str, Json] = {}
    frequency = session.sign_in_frequency
    if frequency is not None:
        found["signInFrequency"] = {
            "isEnabled": True,
            "value": frequency.value,
            "type": frequency.unit.value if frequency.unit else None,
            "frequencyInterval": frequency.interval.value,
            "authenticationType": frequency.authentication_type.value,
        }
    if session.persistent_browser is not None:
        found["persistentBrowser"] = {"isEnabled": True, "mode": session.persistent_browser.value}
    if session.limits is not None:
        limits: JsonObject = {"readOnly": session.limits.read_only}
        if session.limits.methods is not None:
            limits["methods"] = strings(session.limits.methods)
        found["assay"] = {"limits": limits}
    if session.disable_resilience_defaults:
        found["disableResilienceDefaults"] = True
    return found
