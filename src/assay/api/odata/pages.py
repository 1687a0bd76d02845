"""A page as Graph writes it: context, count, rows and the link to what follows."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote

import msgspec

from assay.api.odata.options import Options
from assay.api.odata.skiptoken import write_skiptoken
from assay.values import Value, Wire
from assay.values.asking import Position


class Link(Value, frozen=True, kw_only=True):
    """Where the collection was asked for: `root` is `https://<host>/v1.0`, `path` below it, `query` as it came."""

    root: str
    path: str
    query: tuple[tuple[str, str], ...] = ()

    def next(self, options: Options, position: Position) -> str:
        """The same question about what follows."""
        kept = [(name, value) for name, value in self.query if name not in ("$skiptoken", "$skip")]
        pairs = [*kept, ("$skiptoken", write_skiptoken(position, options.ask.order))]
        # A dollar sign is legal in a query and reads better than its escape.
        query = "&".join(f"{quote(name, safe='$')}={quote(value, safe='')}" for name, value in pairs)
        return f"{self.root}{self.path}?{query}"


class Page(Wire, frozen=True, kw_only=True, omit_defaults=True):
    """A collection's JSON."""

    odata_context: str = msgspec.field(name="@odata.context")
    odata_count: int | None = msgspec.field(name="@odata.count", default=None)
    odata_next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)
    value: Sequence[msgspec.Raw]


def page(
    rows: Iterable[object], options: Options, link: Link, context: str, *, next_at: Position | None, count: int | None
) -> Page:
    """The page; `context` is what the metadata calls the collection."""
    return Page(
        odata_context=f"{link.root}/$metadata#{context}",
        odata_count=count,
        odata_next_link=None if next_at is None else link.next(options, next_at),
        value=tuple(selected(row, options.select) for row in rows),
    )


def selected(row: object, select: Sequence[str]) -> msgspec.Raw:
    """A row's JSON with the properties that were asked for, in the row's own order; all where none was named."""
    if not select:
        return msgspec.Raw(msgspec.json.encode(row))
    members = msgspec.json.decode(msgspec.json.encode(row), type=dict[str, msgspec.Raw])
    return msgspec.Raw(msgspec.json.encode({name: raw for name, raw in members.items() if name in select}))


def entity(row: object, link: Link, context: str, select: Sequence[str] = ()) -> msgspec.Raw:
    """One thing's JSON, with its context first."""
    members = msgspec.json.decode(selected(row, select), type=dict[str, msgspec.Raw])
    named = {"@odata.context": msgspec.Raw(msgspec.json.encode(f"{link.root}/$metadata#{context}/$entity"))}
    return msgspec.Raw(msgspec.json.encode({**named, **members}))
