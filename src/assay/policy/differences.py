"""What differs between two policies, condition by condition, in words and by Graph's paths. Names are given."""

import json
from collections.abc import Iterator
from typing import Final

from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.graph_json import Json, is_empty, is_noise
from assay.policy.importers.export import export_policy
from assay.policy.sentence import Named, Names
from assay.values import Value

# Graph's path, what people call it, and what the ids there are the ids of.
_PARTS: Final[tuple[tuple[str, str, Named | None], ...]] = (
    ("displayName", "name", None),
    ("description", "description", None),
    ("state", "state", None),
    ("templateId", "template", None),
    *(
        (f"conditions.users.{verb}{noun}", f"{word} {verb}d", kind)
        for verb in ("include", "exclude")
        for noun, word, kind in (
            ("Users", "people", Named.USER),
            ("Groups", "groups", Named.GROUP),
            ("Roles", "roles", Named.ROLE),
        )
    ),
    *(
        (f"conditions.users.{verb}GuestsOrExternalUsers.{key}", f"guests {verb}d: {word}", None)
        for verb in ("include", "exclude")
        for key, word in (("guestOrExternalUserTypes", "types"), ("externalTenants", "organisations"))
    ),
    ("conditions.applications.includeApplications", "apps included", Named.APP),
    ("conditions.applications.excludeApplications", "apps excluded", Named.APP),
    ("conditions.applications.includeUserActions", "user actions", None),
    ("conditions.applications.includeAuthenticationContextClassReferences", "authentication contexts", None),
    ("conditions.applications.applicationFilter", "filter of apps", None),
    ("conditions.clientAppTypes", "client apps", None),
    ("conditions.platforms.includePlatforms", "platforms included", None),
    ("conditions.platforms.excludePlatforms", "platforms excluded", None),
    ("conditions.locations.includeLocations", "locations included", Named.LOCATION),
    ("conditions.locations.excludeLocations", "locations excluded", Named.LOCATION),
    ("conditions.devices.deviceFilter", "filter of devices", None),
    ("conditions.signInRiskLevels", "sign-in risk", None),
    ("conditions.userRiskLevels", "user risk", None),
    ("conditions.servicePrincipalRiskLevels", "risk of programs", None),
    ("conditions.insiderRiskLevels", "insider risk", None),
    ("conditions.authenticationFlows.transferMethods", "authentication flows", None),
    ("grantControls.operator", "how controls combine", None),
    ("grantControls.builtInControls", "controls demanded", None),
    ("grantControls.authenticationStrength.id", "strength demanded", Named.STRENGTH),
    ("grantControls.termsOfUse", "terms of use demanded", None),
    ("grantControls.customAuthenticationFactors", "factors demanded", None),
)
_WORDS: Final = {path: word for path, word, _ in _PARTS}
_KINDS: Final = {path: kind for path, _, kind in _PARTS}
_ORDER: Final = {path: number for number, (path, _, _) in enumerate(_PARTS)}
_STATES: Final = {"enabled": "on", "disabled": "off", "enabledForReportingButNotEnforced": "report-only"}
_GUIDS: Final = 36


class Difference(Value, frozen=True, kw_only=True):
    """One part that differs: of a list what is `added` and `removed`, of anything else `before` and `after`.

    `path` is Graph's, `what` what people call it; None: not configured. Ids are given by their names of today.
    """

    path: str
    what: str
    before: str | None = None
    after: str | None = None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def differences(before: ConditionalAccessPolicy, after: ConditionalAccessPolicy, name: Names) -> tuple[Difference, ...]:
    """Everything that differs, in the order in which people read a policy; the ids of the policies are not compared."""
    was, becomes = dict(_leaves(export_policy(before), ())), dict(_leaves(export_policy(after), ()))
    paths = sorted(was.keys() | becomes.keys(), key=lambda path: (_ORDER.get(path, len(_ORDER)), path))
    return tuple(
        _difference(path, was.get(path), becomes.get(path), name)
        for path in paths
        if path != "id" and not _same(was.get(path), becomes.get(path))
    )


def _leaves(value: dict[str, Json], above: tuple[str, ...]) -> Iterator[tuple[str, Json]]:
    for key, inner in value.items():
        path = ".".join((*above, key))
        if is_noise(key) or is_empty(inner):
            continue
        if isinstance(inner, dict) and path not in _WORDS:
            yield from _leaves(inner, (*above, key))
        else:
            yield path, inner


def _same(before: Json, after: Json) -> bool:
    """Lists mean sets: their order says nothing."""
    if isinstance(before, list) and isinstance(after, list):
        return sorted(map(_text, before)) == sorted(map(_text, after))
    return before == after


def _difference(path: str, before: Json, after: Json, name: Names) -> Difference:
    kind = _KINDS.get(path)

    def said(value: Json) -> str:
        text = _text(value)
        if path == "state":
            return _STATES.get(text, text)
        return name(kind, text) if kind is not None and len(text) == _GUIDS else text

    what = _WORDS.get(path, path)
    if isinstance(before, list) or isinstance(after, list):
        was, becomes = (value if isinstance(value, list) else [] for value in (before, after))
        return Difference(
            path=path,
            what=what,
            added=tuple(said(each) for each in becomes if each not in was),
            removed=tuple(said(each) for each in was if each not in becomes),
        )
    return Difference(
        path=path,
        what=what,
        before=None if before is None else said(before),
        after=None if after is None else said(after),
    )


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
