"""Session controls from and to Graph's JSON."""

import re
from collections.abc import Mapping
from typing import Final

from assay.policy.graph_json import Json, JsonObject, MalformedError, Node, strings
from assay.policy.session_controls import (
    AuthenticationType,
    CloudAppSecurity,
    ContinuousAccessEvaluation,
    FrequencyInterval,
    FrequencyUnit,
    LimitControls,
    PersistentBrowserMode,
    SessionControls,
    SignInFrequency,
)

LONGEST: Final = {FrequencyUnit.HOURS: 24 * 366, FrequencyUnit.DAYS: 366}
_TOKEN = re.compile(r"[A-Z][A-Z-]{0,31}")


def read_session(node: Node) -> SessionControls | None:
    """sessionControls; a control that is not enabled says nothing."""
    part = node.child("sessionControls")
    if part is None:
        return None
    session = SessionControls(
        sign_in_frequency=_frequency(part),
        persistent_browser=_persistent(part),
        limits=_limits(part),
        disable_resilience_defaults=part.boolean("disableResilienceDefaults") or False,
        application_enforced_restrictions=_enabled(part, "applicationEnforcedRestrictions") is not None,
        cloud_app_security=_cloud_app_security(part),
        continuous_access_evaluation=_evaluation(part),
        secure_sign_in_session=_enabled(part, "secureSignInSession") is not None,
        network_access_security=_profile(part, "networkAccessSecurity", "policyId"),
        global_secure_access_filtering_profile=_profile(part, "globalSecureAccessFilteringProfile", "profileId"),
    )
    part.leave()
    return session if session != SessionControls() else None


def _enabled(part: Node, key: str, *read: str) -> Mapping[str, str | None] | None:
    """A control that counts only where it `isEnabled`, with the texts that it holds beside that."""
    node = part.child(key)
    if node is None:
        return None
    if node.boolean("isEnabled") is not True:
        return None
    texts = {name: node.text(name) for name in read}
    node.leave()
    return texts


def _cloud_app_security(part: Node) -> CloudAppSecurity | None:
    """Without a type it is left to the session policies of the proxy, as `mcasConfigured` says."""
    node = part.child("cloudAppSecurity")
    if node is None or node.boolean("isEnabled") is not True:
        return None
    kind = node.choice("cloudAppSecurityType", CloudAppSecurity)
    node.leave()
    return kind or CloudAppSecurity.MCAS_CONFIGURED


def _evaluation(part: Node) -> ContinuousAccessEvaluation | None:
    """Unlike the others it has no `isEnabled` (X PACK)."""
    node = part.child("continuousAccessEvaluation")
    if node is None or node.boolean("isEnabled") is False:
        return None
    mode = node.choice("mode", ContinuousAccessEvaluation)
    node.leave()
    return mode


def _profile(part: Node, key: str, name: str) -> str | None:
    """Without an id nobody knows which profile is meant."""
    found = _enabled(part, key, name)
    if found is not None and not found[name]:
        part.undecided(key, {"isEnabled": True})
    return None if found is None else found[name] or None


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
    found |= _written(session)
    return found


def _written(session: SessionControls) -> JsonObject:
    """The controls that have no choices of ours."""
    found: dict[str, Json] = {}
    if session.disable_resilience_defaults:
        found["disableResilienceDefaults"] = True
    if session.application_enforced_restrictions:
        found["applicationEnforcedRestrictions"] = {"isEnabled": True}
    if session.cloud_app_security is not None:
        found["cloudAppSecurity"] = {"isEnabled": True, "cloudAppSecurityType": session.cloud_app_security.value}
    if session.continuous_access_evaluation is not None:
        found["continuousAccessEvaluation"] = {"mode": session.continuous_access_evaluation.value}
    if session.secure_sign_in_session:
        found["secureSignInSession"] = {"isEnabled": True}
    if session.network_access_security is not None:
        found["networkAccessSecurity"] = {"isEnabled": True, "policyId": session.network_access_security}
    if session.global_secure_access_filtering_profile is not None:
        profile = session.global_secure_access_filtering_profile
        found["globalSecureAccessFilteringProfile"] = {"isEnabled": True, "profileId": profile}
    return found
