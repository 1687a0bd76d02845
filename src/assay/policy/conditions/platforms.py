"""Device platforms; an unknown one (None) is matched by `all` only, and cannot be excluded (D UNK, COND)."""

from msgspec.structs import replace

from assay.policy.condition_set import ConditionSet, Platforms
from assay.policy.conditions.base import Condition, ConditionName, Index, Match, Policies, Rule, RuleMatch, masks
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.graph_json import JsonObject, Node, strings
from assay.policy.location_table import LocationTable
from assay.policy.request import AccessRequest, Platform
from assay.policy.symbolic import PLATFORM, Term, Vocabulary

PART = "platforms"
EVERY = "all"
SEEN: tuple[Platform | None, ...] = (None, *Platform)
_NOTHING = Platforms()


def _configured(platforms: Platforms | None) -> bool:
    return platforms is not None and platforms != _NOTHING


def _every(platforms: Platforms) -> bool:
    """Excludes without includes are read as: all but those (U; the reading that restricts)."""
    return platforms.include_all or not platforms.include_platforms


def _matches(platforms: Platforms | None, seen: Platform | None) -> bool:
    if platforms is None or not _configured(platforms):
        return True
    included = _every(platforms) or seen in platforms.include_platforms
    return included and seen not in platforms.exclude_platforms


def index(policies: Policies, _: LocationTable) -> Index:
    """Masks by platform, the unknown one among them."""
    if not any(_configured(policy.conditions.platforms) for policy in policies):
        return None
    # Few policies differ in them.
    meant = {
        platforms: tuple(seen for seen in SEEN if _matches(platforms, seen))
        for platforms in {policy.conditions.platforms for policy in policies}
    }
    by_platform = masks(policies, lambda policy: meant[policy.conditions.platforms])
    return lambda request: by_platform.get(request.platform, 0)


def match(policy: ConditionalAccessPolicy, request: AccessRequest, _: LocationTable) -> Match:
    """How one policy sees the platform."""
    platforms, seen = policy.conditions.platforms, request.platform
    value = seen or "unknown"
    if platforms is None or not _configured(platforms):
        return Match(configured=False, value=value, supplied=seen is not None)
    include = (RuleMatch(rule=Rule.ALL_DEVICE_PLATFORMS, value=EVERY),) if _every(platforms) else ()
    named = (RuleMatch(rule=Rule.DEVICE_PLATFORM, value=value),)
    return Match(
        configured=True,
        value=value,
        include=include + (named if seen in platforms.include_platforms else ()),
        exclude=named if seen in platforms.exclude_platforms else (),
        supplied=seen is not None,
    )


def decode(node: Node, conditions: ConditionSet) -> ConditionSet:
    """conditionalAccessPlatforms."""
    part = node.child(PART)
    if part is None:
        return conditions
    every = any(name.lower() == EVERY for name in part.texts("includePlatforms", keep=True))
    platforms = Platforms(
        include_all=every,
        include_platforms=() if every else part.choices("includePlatforms", Platform),
        exclude_platforms=part.choices("excludePlatforms", Platform),
    )
    part.ignore("includePlatforms")
    part.leave()
    return replace(conditions, platforms=platforms if _configured(platforms) else None)


def encode(conditions: ConditionSet) -> JsonObject:
    """Graph's shape."""
    platforms = conditions.platforms
    if platforms is None:
        return {PART: None}
    return {
        PART: {
            "includePlatforms": strings((EVERY,) if platforms.include_all else platforms.include_platforms),
            "excludePlatforms": strings(platforms.exclude_platforms),
        }
    }


def symbolic(policy: ConditionalAccessPolicy, vocabulary: Vocabulary) -> Term:
    """For proofs: the platforms that satisfy the policy."""
    meant = {platform for platform in SEEN if _matches(policy.conditions.platforms, platform)}
    return vocabulary.where(PLATFORM, lambda seen: seen in meant)


PLATFORMS = Condition(
    name=ConditionName.DEVICE_PLATFORM,
    part=PART,
    decode=decode,
    encode=encode,
    match=match,
    index=index,
    symbolic=symbolic,
)
