"""What must hold of any bytes, as a filter rule and as a file of policies (`./run fuzz filters`, `… policies`)."""

import json
import random
import re
from pathlib import Path
from typing import Any

from assay.policy import SourceFile, compile_policies, export_location, export_policy, export_strength, import_policies
from assay.policy.filter_parser import FilterRuleError, parse_filter_rule
from assay.policy.filter_rule import (
    CUSTOM_SECURITY_ATTRIBUTE,
    DEVICE,
    FilterOperator,
    FilterRule,
    Vocabulary,
    holds,
    properties,
)
from assay.policy.filter_text import write_filter_rule
from tests.policy.filter_rules import PROPERTIES, obviously

PACKS = Path(__file__).parent / "packs"
DEVICES = (
    {},
    {"isCompliant": True, "model": "a", "displayName": "True", "systemLabels": ("CloudPC", "x"), "deviceId": "1"},
    {"isCompliant": False, "model": "", "extensionAttribute1": "SAW", "physicalIds": (), "trustType": "ServerAD"},
)
RULES = (
    'device.isCompliant -eq True -or device.trustType -eq "ServerAD"',
    "not(device.model startsWith 'it''s' and device.deviceId in [\"1\", '2'])",
    'device.systemLabels -contains "say `"x`"" -or (device.displayName -ne null)',
    'CustomSecurityAttribute.Set_Name -notContains "a" -and CustomSecurityAttribute.Set_Name -notIn ("b")',
)
WORDS = ["(", ")", "[", "]", ",", "-not", "and", "or", "True", "null", '""', "'a'", "-eq", "ne", "-in", "notIn"]
WORDS += ["contains", "-startsWith", "notEndsWith", "device.model", "device.isCompliant", "device.systemLabels"]


def filters(data: bytes) -> bool:
    """Read or refused with a place in the text; what is read means what the table says, and is written losslessly."""
    text = data.decode("utf-8", "surrogateescape")
    read = False
    for vocabulary in (DEVICE, CUSTOM_SECURITY_ATTRIBUTE):
        rule = _read(text, vocabulary)
        if rule is None:
            continue
        read = True
        assert parse_filter_rule(write_filter_rule(rule, vocabulary), vocabulary) == rule
        assert properties(rule)
        for device in DEVICES:
            answer = holds(rule, device)
            assert not text.isascii() or answer is obviously(rule, device)
    return read


def _read(text: str, vocabulary: Vocabulary) -> FilterRule | None:
    refused = None
    try:
        return parse_filter_rule(text, vocabulary)
    except FilterRuleError as error:
        refused = error
    assert 0 <= refused.position <= len(text)
    json.dumps(refused.reason.parameters, ensure_ascii=False).encode()
    return None


def policies(data: bytes) -> bool:
    """Nothing raises; what was read compiles, and is the same after it is exported and read again."""
    result = import_policies([SourceFile(name="file", content=data)])
    found = [imported.policy for imported in result.policies]
    compile_policies(result.policy_set)
    written = [
        *map(export_policy, found),
        *map(export_location, result.locations),
        *map(export_strength, result.strengths),
    ]
    again = import_policies([SourceFile(name="again", content=json.dumps(written).encode())])
    assert again.malformed == ()
    assert [imported.policy for imported in again.policies] == found
    assert again.locations == result.locations
    assert set(again.strengths) == set(result.strengths)
    return bool(written)


TARGETS = {"filters": filters, "policies": policies}


def seeds(name: str) -> list[bytes]:
    """Inputs to begin with: rules; or the packs, smallest first."""
    if name == "filters":
        return [rule.encode() for rule in RULES]
    return sorted((path.read_bytes() for path in PACKS.rglob("*.json")), key=len)


def change_rule(data: bytes, seed: int) -> bytes:
    """A rule made larger, or one word of it in place of another; what is no rule begins anew half of the time."""
    drawn = random.Random(seed)
    text = data.decode("utf-8", "replace")
    if drawn.random() < 0.5 and not filters(data):
        text = drawn.choice(RULES)
    value = drawn.choice(['"a"', "'b'", "null", "True", '["a", "b"]', '"`""'])
    one = f"device.{drawn.choice(list(PROPERTIES))} {drawn.choice(list(FilterOperator))} {value}"
    larger = (f"not({text})", f"{text} or {one}", f"{text} -and {one}", f"({text})and not {one}", f"{one} OR ({text})")
    if drawn.random() < 0.6:
        return drawn.choice((one, *larger)).encode()
    words = re.findall(r""""[^"]*"|'[^']*'|-?\w[\w.]*|\S""", text)
    at = drawn.randrange(len(words) + 1)
    words[at : at + 1] = [drawn.choice(WORDS + words)]
    return drawn.choice(["", " ", " "]).join(words).encode()


def change_json(data: bytes, seed: int) -> bytes | None:
    """One value of a JSON document put in place of another, renamed, doubled or made of another type; None: no JSON."""
    try:
        encoding = "utf-16" if data[:2] == b"\xff\xfe" else "utf-8-sig"
        document = json.loads(data.decode(encoding))
    except (ValueError, RecursionError):
        return None
    drawn = random.Random(seed)
    places = list(_places(document))
    if not places:
        return None
    inside, key = drawn.choice(places)
    other, other_key = drawn.choice(places)
    value = inside[key]
    odd = [None, True, "", "All", "None", "x", 0, -1, 1.5, [], {}, [value], {"value": value}, other[other_key]]
    if isinstance(inside, dict) and drawn.random() < 0.3:
        inside[drawn.choice([str(key).upper(), str(other_key), f"{key}@odata.x", "#x", "id"])] = inside.pop(key)
    else:
        inside[key] = drawn.choice(odd)
    try:
        return json.dumps(document).encode()
    except (ValueError, RecursionError):  # a value that now holds itself
        return None


CHANGES = {"filters": change_rule, "policies": change_json}


def _places(document: Any) -> list[tuple[Any, Any]]:
    waiting, found = [document], []
    while waiting:
        value = waiting.pop()
        keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        found += [(value, key) for key in keys]
        waiting += [value[key] for key in keys]
    return found
