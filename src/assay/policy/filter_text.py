"""Writing a filter rule as text, which reads back as the same rule."""

from assay.policy.filter_rule import MAX_RULE, And, Comparison, FilterRule, Not, Or, Scalar, Vocabulary


def write_filter_rule(rule: FilterRule, vocabulary: Vocabulary) -> str:
    """The rule as text that reads back as the same rule.

    Where that is longer than a rule may be, without what can be left out: no text that was read is shorter.
    """
    text = _write(rule, vocabulary.prefix, "-", " ")
    return text if len(text) <= MAX_RULE else _write(rule, vocabulary.prefix, "", "")


def _write(rule: FilterRule, prefix: str, hyphen: str, space: str) -> str:
    match rule:
        case Comparison():
            values = [_write_value(value) for value in rule.values]
            value = f"[{f',{space}'.join(values)}]" if rule.operator.takes_list else values[0]
            return _joined([f"{prefix}{rule.property}", f"{hyphen}{rule.operator}", value], space)
        case Not():
            return _joined([f"{hyphen}not", _inside(rule.rule, (And, Or), prefix, hyphen, space)], space)
        case And():
            parts = [_inside(part, (And, Or), prefix, hyphen, space) for part in rule.rules]
            return _chain(parts, f"{hyphen}and", space)
        case Or():
            return _chain([_inside(part, (Or,), prefix, hyphen, space) for part in rule.rules], f"{hyphen}or", space)


def _inside(rule: FilterRule, looser: tuple[type, ...], prefix: str, hyphen: str, space: str) -> str:
    """Part of a rule, in parentheses where it binds no tighter than the rule around it."""
    text = _write(rule, prefix, hyphen, space)
    return f"({text})" if isinstance(rule, looser) else text


def _chain(parts: list[str], word: str, space: str) -> str:
    between: list[str] = [parts[0]]
    for part in parts[1:]:
        between += [word, part]
    return _joined(between, space)


def _joined(parts: list[str], space: str) -> str:
    """Words side by side; two letters that would run into one word stay apart."""
    text = parts[0]
    for part in parts[1:]:
        text += space or " " * (_is_word(text[-1]) and _is_word(part[0]))
        text += part
    return text


def _is_word(character: str) -> bool:
    return character.isalnum() or character in "_."


def _write_value(value: Scalar) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value)
    double = '"' + value.replace('"', '`"') + '"'
    single = "'" + value.replace("'", "''") + "'"
    # A backtick before the closing quote would be read as escaping it.
    return single if value.endswith("`") or len(single) < len(double) else double
