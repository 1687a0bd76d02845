"""The device: Graph's filter for devices, and its deprecated device states."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from assay.policy.condition_set import ConditionSet, Devices, DeviceState, Filter, FilterMode
from assay.policy.conditions.base import Condition, ConditionName, Index, Match, Policies, Rule, RuleMatch, mask
from assay.policy.conditions.filters import decode_filter, encode_filter, rule_of, symbolic_rule
from assay.policy.definition import ConditionalAccessPolicy
from assay.policy.device import Device, TrustType
from assay.policy.filter_rule import DEVICE, NEGATIVE, Comparison, FilterRule, holds, properties
from assay.policy.graph_json import JsonObject, Node, strings
from assay.policy.location_table import LocationTable
from assay.policy.request import AccessRequest
from assay.policy.symbolic import (
    MANAGED,
    REGISTERED,
    Is,
    Term,
    Thing,
    Vocabulary,
    element,
    every,
    of_device,
    opposite,
    some,
)

PART: Final = "devices"
STATES_PART: Final = "deviceStates"  # beta, before `devices` was
EVERY: Final = "All"
EXTENSION: Final = "extensionAttribute"
REMEMBERED: Final = 8_192  # devices whose masks are kept


def passes(rule: FilterRule, device: Device | None) -> bool:
    """Whether a device matches a rule; one that is not registered has every property null (D DEV).

    Extension attributes of a device that is neither managed, compliant nor hybrid joined are not there to be read:
    a rule that reads them does not match, whatever else it says (I, from the table of D DEV).
    """
    if device is None:
        return holds(rule, {})
    if not device.shows_extension_attributes and any(name.startswith(EXTENSION) for name in properties(rule)):
        return False
    return holds(rule, device.properties())


def _in_state(state: DeviceState, device: Device | None) -> bool:
    if device is None:
        return False
    return device.is_compliant is True if state is DeviceState.COMPLIANT else device.hybrid_joined


def _test(devices: Devices) -> Callable[[Device | None], bool]:
    """One policy's condition, its rule read once."""
    found = devices.device_filter
    rule = rule_of(found, DEVICE) if found else None

    def satisfied(device: Device | None) -> bool:
        if any(_in_state(state, device) for state in devices.exclude_states):
            return False
        return rule is None or found is None or passes(rule, device) is (found.mode is FilterMode.INCLUDE)

    return satisfied


def index(policies: Policies, _: LocationTable) -> Index:
    """Masks by device: each is held against each distinct condition once."""
    anywhere = mask(policies, lambda policy: policy.conditions.devices is None)
    distinct: dict[Devices, int] = {}
    for bit, policy in enumerate(policies):
        if policy.conditions.devices is not None:
            distinct[policy.conditions.devices] = distinct.get(policy.conditions.devices, 0) | 1 << bit
    if not distinct:
        return None
    tests = [(bits, _test(devices)) for devices, bits in distinct.items()]
    known: dict[Device | None, int] = {}

    def mask_of(request: AccessRequest) -> int:
        found = known.get(request.device)
        if found is None:
            found = anywhere | sum(bits for bits, test in tests if test(request.device))
            if len(known) >= REMEMBERED:
                known.clear()
            known[request.device] = found
        return found

    return mask_of


def match(policy: ConditionalAccessPolicy, request: AccessRequest, _: LocationTable) -> Match:
    """How one policy sees the device."""
    devices, device = policy.conditions.devices, request.device
    value = "unregistered" if device is None else device.device_id or device.display_name or "registered"
    if devices is None:
        return Match(configured=False, value=value, supplied=device is not None)
    include, exclude = _filter_rules(devices.device_filter, device)
    states = tuple(
        RuleMatch(rule=Rule.DEVICE_STATE, value=state) for state in devices.exclude_states if _in_state(state, device)
    )
    return Match(
        configured=True, value=value, include=include, exclude=(*exclude, *states), supplied=device is not None
    )


def _filter_rules(found: Filter | None, device: Device | None) -> tuple[tuple[RuleMatch, ...], tuple[RuleMatch, ...]]:
    everything = (RuleMatch(rule=Rule.ALL_DEVICES, value=EVERY),)
    if found is None:
        return everything, ()
    matched = (RuleMatch(rule=Rule.DEVICE_FILTER, value=found.rule),) if passes(rule_of(found, DEVICE), device) else ()
    return (matched, ()) if found.mode is FilterMode.INCLUDE else (everything, matched)


def decode(node: Node, conditions: ConditionSet) -> ConditionSet:
    """conditionalAccessDevices, and what older exports say of device states there or in a part of its own."""
    part, old = node.child(PART), node.child(STATES_PART)
    states: list[DeviceState] = []
    device_filter = None
    if part is not None:
        device_filter = decode_filter(part, "deviceFilter", DEVICE)
        for word in ("Devices", "DeviceStates"):
            states += _states(part, word)
        part.leave()
    if old is not None:
        states += _states(old, "States")
        old.leave()
    devices = Devices(device_filter=device_filter, exclude_states=tuple(dict.fromkeys(states)))
    return replace(conditions, devices=devices if devices != Devices() else None)


def _states(part: Node, word: str) -> tuple[DeviceState, ...]:
    """The only include that Graph ever had is All; another is shown as undecided."""
    for included in part.texts(f"include{word}"):
        if included.lower() != EVERY.lower():
            part.undecided(f"include{word}", included, element=True)
    return part.choices(f"exclude{word}", DeviceState)


def encode(conditions: ConditionSet) -> JsonObject:
    """Graph's shape."""
    devices = conditions.devices
    if devices is None:
        return {PART: None}
    written: JsonObject = {"deviceFilter": encode_filter(devices.device_filter)}
    if devices.exclude_states:
        written |= {"includeDevices": [EVERY], "excludeDevices": strings(devices.exclude_states)}
    return {PART: written}


def symbolic(policy: ConditionalAccessPolicy, vocabulary: Vocabulary) -> Term | None:
    """For proofs: the deprecated states, and the filter by what its properties can be."""
    devices = policy.conditions.devices
    if devices is None:
        return every()
    outside = every(*(opposite(in_state(state)) for state in devices.exclude_states))
    if devices.device_filter is None:
        return outside
    rule = rule_of(devices.device_filter, DEVICE)
    passing = symbolic_rule(rule, lambda comparison: _comparison(comparison, vocabulary))
    if any(name.startswith(EXTENSION) for name in properties(rule)):
        passing = every(passing, some(opposite(Is(REGISTERED, True)), _shows_extensions(vocabulary)))
    included = devices.device_filter.mode is FilterMode.INCLUDE
    return every(outside, passing if included else opposite(passing))


def in_state(state: DeviceState) -> Term:
    """For proofs: the device is compliant, or hybrid joined."""
    if state is DeviceState.COMPLIANT:
        return Is(of_device("isCompliant"), True)
    return Is(of_device("trustType"), TrustType.SERVER_AD.value)


def _shows_extensions(vocabulary: Vocabulary) -> Term:
    managed_by = of_device("mdmAppId")
    known = managed_by in vocabulary.dimensions
    return some(
        Is(MANAGED, True),
        *map(in_state, DeviceState),
        *((opposite(Is(managed_by, None)),) if known else ()),
    )


def _comparison(rule: Comparison, vocabulary: Vocabulary) -> Term:
    """By the rule itself, asked about everything that the property can be; of a collection one element is enough."""
    name, elements = rule.property, vocabulary.elements.get(rule.property)
    if elements is None:

        def true_of(seen: Thing) -> bool:
            return holds(rule, {name: None if seen is None else seen if isinstance(seen, bool) else str(seen)})

        return vocabulary.where(of_device(name), true_of)
    positive = replace(rule, operator=NEGATIVE.get(rule.operator, rule.operator))
    none = every(*(opposite(Is(element(name, text), True)) for text in elements))
    found = some(
        *(Is(element(name, text), True) for text in elements if holds(positive, {name: (text,)})),
        *((none,) if holds(positive, {name: None}) else ()),
    )
    return found if positive.operator is rule.operator else opposite(found)


DEVICES = Condition(
    name=ConditionName.DEVICE_STATE,
    part=PART,
    decode=decode,
    encode=encode,
    match=match,
    index=index,
    also=(STATES_PART,),
    symbolic=symbolic,
)
