"""What our gateway never sees in a sign-in, so that nobody gets in by it there (docs/policy.md)."""

from typing import Final

from assay.policy.conditions.base import ConditionName
from assay.policy.enforcement import GATEWAY
from assay.policy.proof.ground import Ground
from assay.policy.request import ClientApp, Method
from assay.policy.symbolic import (
    AGENT_CONTEXT,
    APP_ATTRIBUTE,
    CLIENT,
    COMPLIANT_NETWORK,
    GPS_COUNTRY,
    PRINCIPAL_ATTRIBUTE,
    Thing,
    level,
)
from assay.policy.unenforced import METHODS as HERE

# Whatever else can be used, each stands in for one of these; a recovery code alone is no way in.
METHODS: Final = frozenset({Method.PASSWORD, Method.SOFTWARE_OATH, Method.FIDO2})
_RISKS: Final = frozenset(
    level(name)
    for name in (
        ConditionName.SIGN_IN_RISK,
        ConditionName.USER_RISK,
        ConditionName.SERVICE_PRINCIPAL_RISK,
        ConditionName.AGENT_ID_RISK,
        ConditionName.INSIDER_RISK,
    )
)
_NOTHING: Final = (AGENT_CONTEXT, GPS_COUNTRY, COMPLIANT_NETWORK)


def unseen(ground: Ground) -> dict[str, Thing]:
    """By dimension, what it always is in a browser at our gateway; empty where somebody else enforces.

    For a statement that somebody gets in. One about everybody who does holds for fewer as well, and needs none of it.
    """
    return {CLIENT: ClientApp.BROWSER, **unseen_of_any(ground)} if ground.enforced_by == GATEWAY else {}


def unseen_of_any(ground: Ground) -> dict[str, Thing]:
    """The same of whatever client: programs come to our gateway too."""
    if ground.enforced_by != GATEWAY:
        return {}
    found: dict[str, Thing] = {}
    for name, dimension in ground.vocabulary.dimensions.items():
        if (
            name.startswith(("shown ", "device.", "flow ", APP_ATTRIBUTE, PRINCIPAL_ATTRIBUTE))
            or name in _RISKS
            or name in _NOTHING
        ):
            found[name] = dimension.values[0]
    for each in ground.evidences.every:
        if each.proof.method not in METHODS:
            found[each.dimension] = None
    return found


def unseen_in_use(ground: Ground) -> dict[str, Thing]:
    """The same, but for recovery codes and enrolment links: whoever has one gets in by it, and so may somebody anew."""
    used = {each.dimension for each in ground.evidences.every if each.proof.method in HERE}
    return {name: value for name, value in unseen_of_any(ground).items() if name not in used}


def untold(ground: Ground) -> tuple[str, ...]:
    """Policies about countries, which nothing there can tell: a document always can, so nothing is proved of them."""
    if ground.enforced_by != GATEWAY:
        return ()
    sourceless = ground.meaning.compiled.locations.sourceless
    names = (
        each.policy.display_name
        for each in ground.meaning.enforced
        if (found := each.policy.conditions.locations) is not None
        and sourceless.intersection((*found.include_locations, *found.exclude_locations))
    )
    return tuple(f"{name}: countries, which our gateway cannot tell" for name in names)
