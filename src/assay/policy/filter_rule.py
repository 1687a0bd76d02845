"""Filter rules (for devices, applications, service principals) as values: what one may read, and when it holds."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from assay.values import Value

MAX_RULE: Final = 3072  # characters (concept-condition-filters-for-devices)

Scalar = str | bool | None
Seen = str | bool | tuple[str, ...] | None


class FilterOperator(StrEnum):
    """How a property is compared; the hyphen before it is optional in a rule."""

    EQ = "eq"
    NE = "ne"
    STARTS_WITH = "startsWith"
    NOT_STARTS_WITH = "notStartsWith"
    ENDS_WITH = "endsWith"
    NOT_ENDS_WITH = "notEndsWith"
    CONTAINS = "contains"
    NOT_CONTAINS = "notContains"
    IN = "in"
    NOT_IN = "notIn"

    @property
    def takes_list(self) -> bool:
        """Whether its values stand in brackets."""
        return self in (FilterOperator.IN, FilterOperator.NOT_IN)


NEGATIVE: Final = {
    FilterOperator.NE: FilterOperator.EQ,
    FilterOperator.NOT_STARTS_WITH: FilterOperator.STARTS_WITH,
    FilterOperator.NOT_ENDS_WITH: FilterOperator.ENDS_WITH,
    FilterOperator.NOT_CONTAINS: FilterOperator.CONTAINS,
    FilterOperator.NOT_IN: FilterOperator.IN,
}


class Comparison(Value, frozen=True, kw_only=True):
    """One property against its values: one value, or one and more of `in` and `notIn`.

    A bare True or False beside a property that is text is kept as it is, and compares as that word.
    """

    property: str
    operator: FilterOperator
    values: tuple[Scalar, ...]


class Not(Value, frozen=True, kw_only=True):
    """The opposite, also where a property is null."""

    rule: "FilterRule"


class And(Value, frozen=True, kw_only=True):
    """All of two and more rules."""

    rules: tuple["FilterRule", ...]


class Or(Value, frozen=True, kw_only=True):
    """Any of two and more rules."""

    rules: tuple["FilterRule", ...]


FilterRule = Comparison | Not | And | Or


class PropertyKind(StrEnum):
    """What a property holds, where it is not null."""

    STRING = "string"
    BOOLEAN = "boolean"
    COLLECTION = "collection"
    IDENTIFIER = "identifier"  # a string that is only compared whole
    STRING_OR_COLLECTION = "stringOrCollection"


class FilterProperty(Value, frozen=True, kw_only=True):
    """A property that rules may read; `name` in its canonical spelling, without the vocabulary's prefix."""

    name: str
    kind: PropertyKind
    operators: frozenset[FilterOperator]


_ALL = frozenset(FilterOperator)
_WHOLE = frozenset((FilterOperator.EQ, FilterOperator.NE))
_ELEMENTS = frozenset((FilterOperator.CONTAINS, FilterOperator.NOT_CONTAINS))
_LISTED = _WHOLE | {FilterOperator.IN, FilterOperator.NOT_IN}
_SET_AND_ATTRIBUTE = re.compile(r"[^\W_]+_\w+")


class Vocabulary(Value, frozen=True, kw_only=True):
    """Which names a rule may use: those of a table, without case, or any custom security attribute `<Set>_<Attribute>`.

    An attribute keeps the spelling of the rule: Graph's customSecurityAttributeDefinition says that its name has case.
    """

    prefix: str
    table: dict[str, FilterProperty] | None  # by folded name

    def find(self, word: str) -> FilterProperty | None:
        """The property that a word of a rule names, such as `device.deviceid`."""
        if fold(word[: len(self.prefix)]) != fold(self.prefix):
            return None
        name = word[len(self.prefix) :]
        if self.table is not None:
            return self.table.get(fold(name))
        if not _SET_AND_ATTRIBUTE.fullmatch(name):
            return None
        return FilterProperty(name=name, kind=PropertyKind.STRING_OR_COLLECTION, operators=_ALL)


def fold(text: str) -> str:
    """Text as it is compared, without case: each character by its simple upper case, never another length.

    No character beyond ASCII becomes one of ASCII (long s, dotless i, the Kelvin sign): a look-alike is another name.
    """
    return text.upper() if text.isascii() else "".join(map(_fold_one, text))


def _fold_one(character: str) -> str:
    upper = character.upper()
    return upper if len(upper) == 1 and upper.isascii() == character.isascii() else character


def _device_table() -> dict[str, FilterProperty]:
    """concept-condition-filters-for-devices; `systemLabels -eq` from a support article, where it means one element."""
    strings = ["displayName", "manufacturer", "model", "enrollmentProfileName", "operatingSystem"]
    strings += ["operatingSystemVersion", *(f"extensionAttribute{number}" for number in range(1, 16))]
    rows: list[tuple[Iterable[str], PropertyKind, frozenset[FilterOperator]]] = [
        (("deviceId", "mdmAppId"), PropertyKind.IDENTIFIER, _LISTED),
        (("deviceOwnership", "profileType", "trustType"), PropertyKind.IDENTIFIER, _WHOLE),
        (("isCompliant",), PropertyKind.BOOLEAN, _WHOLE),
        (("physicalIds",), PropertyKind.COLLECTION, _ELEMENTS),
        (("systemLabels",), PropertyKind.COLLECTION, _ELEMENTS | {FilterOperator.EQ}),
        (strings, PropertyKind.STRING, _ALL),
    ]
    return {
        fold(name): FilterProperty(name=name, kind=kind, operators=operators)
        for names, kind, operators in rows
        for name in names
    }


DEVICE: Final = Vocabulary(prefix="device.", table=_device_table())
CUSTOM_SECURITY_ATTRIBUTE: Final = Vocabulary(prefix="CustomSecurityAttribute.", table=None)


def holds(rule: FilterRule, values: Mapping[str, Seen]) -> bool:
    """Whether the rule is true of the values, by canonical property name; what is missing is null.

    Null fails every positive comparison and passes every negative one, before any `-not` (D DEV's table of
    unregistered devices), except that `-eq null` is true of it and `-ne null` false. A collection of nothing is null.
    """
    match rule:
        case Comparison():
            positive = NEGATIVE.get(rule.operator)
            seen = values.get(rule.property)
            if positive is None:
                return _compare(rule.operator, seen, rule.values)
            return not _compare(positive, seen, rule.values)
        case Not():
            return not holds(rule.rule, values)
        case And():
            return all(holds(part, values) for part in rule.rules)
        case Or():
            return any(holds(part, values) for part in rule.rules)


def _compare(operator: FilterOperator, seen: Seen, wanted: tuple[Scalar, ...]) -> bool:
    """A positive comparison; one element of a collection is enough."""
    if seen is None or seen == ():
        return operator is FilterOperator.EQ and wanted == (None,)
    texts = [_text(value) for value in wanted if value is not None]
    if isinstance(seen, tuple):
        whole = operator is FilterOperator.CONTAINS
        return any(_compare_text(FilterOperator.EQ if whole else operator, fold(one), texts) for one in seen)
    return _compare_text(operator, _text(seen), texts)


def _compare_text(operator: FilterOperator, seen: str, texts: list[str]) -> bool:
    if operator is FilterOperator.STARTS_WITH:
        return any(seen.startswith(text) for text in texts)
    if operator is FilterOperator.ENDS_WITH:
        return any(seen.endswith(text) for text in texts)
    if operator is FilterOperator.CONTAINS:
        return any(text in seen for text in texts)
    return seen in texts


def _text(value: str | bool) -> str:
    return fold(str(value))


def properties(rule: FilterRule) -> frozenset[str]:
    """Which properties the rule reads, by canonical name."""
    match rule:
        case Comparison():
            return frozenset((rule.property,))
        case Not():
            return properties(rule.rule)
        case And() | Or():
            return frozenset(name for part in rule.rules for name in properties(part))
