"""The query options of a collection (OData 4.01 §5.1, as Graph takes them); what is unknown is refused."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from assay.api.odata.filter import read_filter
from assay.api.odata.properties import Collection
from assay.api.odata.refused import UNSUPPORTED, Refused, RefusedError
from assay.api.odata.skiptoken import read_skiptoken
from assay.api.odata.tokens import readable
from assay.values import Value
from assay.values.asking import Ask, Condition, Order, Position

TOP_LIMIT: Final = 999
SEARCH_LIMIT: Final = 200
SELECT_LIMIT: Final = 1_000
SKIP_LIMIT: Final = 999_999
KNOWN: Final = ("$filter", "$orderby", "$select", "$top", "$skip", "$skiptoken", "$count", "$search")


class Options(Value, frozen=True, kw_only=True):
    """A page that is asked for; `select`: which properties of each row, empty for all."""

    ask: Ask
    select: tuple[str, ...] = ()


def read_options(pairs: Iterable[tuple[str, str]], collection: Collection) -> Options | Refused:
    """What the query string asks of this collection, or why it cannot be answered; nothing is raised."""
    try:
        given = _given(pairs, collection)
        order = _order(given.get("$orderby", ""), collection)
        return Options(
            ask=Ask(
                order=order,
                where=_where(given.get("$filter"), collection),
                skip=_skip(given.get("$skip", "0")),
                after=_after(given.get("$skiptoken"), order, collection),
                limit=_top(given.get("$top"), collection),
                count=_count(given.get("$count")),
                search=_search(given.get("$search", "")),
            ),
            select=_select(given.get("$select", ""), collection),
        )
    except RefusedError as error:
        return error.refused


def read_select(pairs: Iterable[tuple[str, str]], collection: Collection) -> tuple[str, ...] | Refused:
    """`$select` of one thing, for which there are no other options."""
    try:
        given: dict[str, str] = {}
        for name, value in pairs:
            if name.startswith("$") and name != "$select":
                raise RefusedError(f"{name[:40]} is for collections; one thing takes $select", UNSUPPORTED)
            given[name] = value
        return _select(given.get("$select", ""), collection)
    except RefusedError as error:
        return error.refused


def _given(pairs: Iterable[tuple[str, str]], collection: Collection) -> Mapping[str, str]:
    unknown = {"$search": not collection.searched, "$skip": not collection.whole}
    known = [name for name in KNOWN if not unknown.get(name)]
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            raise RefusedError(f"{collection.name} knows no option {name[:40]!r}; it knows: {', '.join(known)}")
        if name in given:
            raise RefusedError(f"{name} is given twice")
        given[name] = value
    return given


def _where(text: str | None, collection: Collection) -> Condition | None:
    if text is None or not text.strip():
        return None
    condition = read_filter(text, collection)
    if isinstance(condition, Refused):
        raise RefusedError(condition.message, condition.code)
    return condition


def _order(text: str, collection: Collection) -> Order:
    if not text.strip():
        return collection.order
    words = text.split()
    if len(words) > 2 or "," in text or (len(words) == 2 and words[1] not in ("asc", "desc")):
        raise RefusedError(f"$orderby takes one property and asc or desc; one of: {collection.orders}", UNSUPPORTED)
    found = collection.property_at(words[0])
    if found is None or not found.ordered:
        raise RefusedError(
            f"{collection.name} cannot be ordered by {words[0][:60]!r}; these can: {collection.orders}", UNSUPPORTED
        )
    return Order(field=found.field, descending=words[-1] == "desc")


def _after(text: str | None, order: Order, collection: Collection) -> Position | None:
    if text is None:
        return None
    position = read_skiptoken(text, order, collection)
    if isinstance(position, Refused):
        raise RefusedError(position.message, position.code)
    return position


def _top(text: str | None, collection: Collection) -> int:
    if text is None:
        return collection.top
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= TOP_LIMIT:
        raise RefusedError(f"$top is a number from 1 to {TOP_LIMIT}")
    return int(text)


def _skip(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise RefusedError(f"$skip is a number from 0 to {SKIP_LIMIT}")
    return int(text)


def _count(text: str | None) -> bool:
    if text not in (None, "true", "false"):
        raise RefusedError("$count is true or false")
    return text == "true"


def _search(text: str) -> str:
    inner = text.strip()
    if len(inner) >= 2 and inner[0] == inner[-1] == '"':
        inner = inner[1:-1]
    if len(inner) > SEARCH_LIMIT:
        raise RefusedError(f"$search has more than {SEARCH_LIMIT} characters")
    if '"' in inner or not inner.isprintable():
        raise RefusedError('$search is one text in double quotes: $search="ada"')
    return readable(inner)


def _select(text: str, collection: Collection) -> tuple[str, ...]:
    if len(text) > SELECT_LIMIT:
        raise RefusedError(f"$select has more than {SELECT_LIMIT} characters")
    names = tuple(name.strip() for name in text.split(",")) if text.strip() else ()
    for name in names:
        if name not in collection.selectable:
            able = ", ".join(collection.selectable)
            raise RefusedError(f"{collection.name} have no property {name[:60]!r}; these can be selected: {able}")
    return names
