"""A collection of the API as one value, and the routes that are made of it: its list, and one thing of it by name."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Generic, TypeVar
from urllib.parse import quote

from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from assay.access.authorize import Permission
from assay.api.graph.asking import (
    Asking,
    Count,
    Filter,
    IfNoneMatch,
    OrderBy,
    Rows,
    Search,
    Select,
    Skip,
    SkipToken,
    Top,
    answers,
    count_of,
    entity_answer,
    number,
    options_of,
    page_answer,
)
from assay.api.graph_flows import GraphFlows
from assay.api.odata.properties import Collection
from assay.values import Value, Wire
from assay.values.asking import Ask, Found

T = TypeVar("T")
# A shape of ours, or Graph's JSON as it was imported.
Row = Wire | Mapping[str, object]
READ: Final = "permission"
ETAG: Final = "@odata.etag"


class Resource(Value, Generic[T], frozen=True, kw_only=True):
    """Where a collection is, who may read it, what it can be asked, who finds it and how a row of it looks.

    `shape`: a row, as the API's description has it. `one` finds a thing by the name in the path and raises
    NotFoundError; None where there is no such route, or one that shows something else. `words` and `one_words` are
    for the description.
    """

    path: str
    permission: Permission
    asked: Collection
    shape: type[object]
    words: str
    find: Callable[[GraphFlows, Ask], Awaitable[Found[T]]]
    show: Callable[[T], Row]
    one: Callable[[GraphFlows, str], Awaitable[T]] | None = None
    one_words: str = ""
    # The tag of what is stored; None where things of this kind have none.
    etag: Callable[[T], str] | None = None

    def row(self, found: T) -> Row:
        """A row, with its tag where it has one."""
        shown = self.show(found)
        return {ETAG: self.etag(found), **shown} if self.etag and isinstance(shown, Mapping) else shown

    def answer(self, request: Asking, found: T, *, created: str = "") -> Response[bytes]:
        """One of them as an answer; `created`: its id, where it was just made."""
        etag = self.etag(found) if self.etag else ""
        return entity_answer(request, self.row(found), self.asked, etag=etag, created=created)


class Part(Value, Generic[T], frozen=True, kw_only=True):
    """A collection that hangs on one thing, whose name is in the path as `{name}`: who is in a group.

    `path` is `{whole}/{name:str}/{part}`. `find` raises NotFoundError where there is no such thing. `context`: what
    the metadata calls it, with `{name}` where that is part of it.
    """

    whole: str
    part: str
    permission: Permission
    asked: Collection
    shape: type[object]
    words: str
    find: Callable[[GraphFlows, str, Ask], Awaitable[Found[T]]]
    show: Callable[[T], Row]
    context: str = ""


def route_of_part(part: Part[T]) -> HTTPRouteHandler:
    """The route of a collection that hangs on one thing."""

    async def answer(request: Asking, name: str, graph: GraphFlows) -> Response[bytes]:
        options = options_of(request, part.asked)
        found = await part.find(graph, name, options.ask)
        context = part.context.replace("{name}", quote(name, safe="@")) or part.asked.name
        return page_answer(request, options, context, found, map(part.show, found.rows))

    async def page(
        request: Asking,
        name: FromPath[str],
        graph: NamedDependency[GraphFlows],
        select: Select = None,
        top: Top = None,
        skiptoken: SkipToken = None,
        count: Count = None,
    ) -> Response[bytes]:
        return await answer(request, name, graph)

    async def filtered_page(
        request: Asking,
        name: FromPath[str],
        graph: NamedDependency[GraphFlows],
        filter_: Filter = None,
        orderby: OrderBy = None,
        select: Select = None,
        top: Top = None,
        skiptoken: SkipToken = None,
        count: Count = None,
    ) -> Response[bytes]:
        return await answer(request, name, graph)

    return get(
        f"{part.whole}/{{name:str}}/{part.part}",
        opt={READ: part.permission},
        responses=answers(Rows[part.shape]),  # type: ignore[name-defined]  # a type that is known when it runs
        summary=part.words,
        description=f"{part.words} {_asked(part.asked)}",
    )(filtered_page if part.asked.properties else page)


def routes_of_resource(resource: Resource[T]) -> tuple[HTTPRouteHandler, ...]:
    """The routes of a collection: whatever is asked of any of them is read, answered and refused alike."""
    counted = (_count(resource),) if resource.asked.whole else ()
    one = () if resource.one is None else (_one(resource, resource.one),)
    return (_list(resource), *counted, *one)


def _count(resource: Resource[T]) -> HTTPRouteHandler:
    async def number_of(request: Asking, graph: NamedDependency[GraphFlows], filter_: Filter = None) -> Response[bytes]:
        found = await resource.find(graph, count_of(request, resource.asked))
        return Response(str(found.count).encode(), media_type=MediaType.TEXT)

    words = f"How many there are: {resource.words}"
    return get(
        f"{resource.path}/$count",
        opt={READ: resource.permission},
        responses=number(),
        summary=words,
        description=words,
    )(number_of)


def _list(resource: Resource[T]) -> HTTPRouteHandler:
    async def answer(request: Asking, graph: GraphFlows) -> Response[bytes]:
        options = options_of(request, resource.asked)
        found = await resource.find(graph, options.ask)
        return page_answer(request, options, resource.asked.name, found, map(resource.row, found.rows))

    # The parameters are for the API's description; `options_of` reads the query itself.
    async def page(
        request: Asking,
        graph: NamedDependency[GraphFlows],
        filter_: Filter = None,
        orderby: OrderBy = None,
        select: Select = None,
        top: Top = None,
        skiptoken: SkipToken = None,
        count: Count = None,
    ) -> Response[bytes]:
        return await answer(request, graph)

    async def whole_page(
        request: Asking,
        graph: NamedDependency[GraphFlows],
        filter_: Filter = None,
        orderby: OrderBy = None,
        select: Select = None,
        top: Top = None,
        skip: Skip = None,
        skiptoken: SkipToken = None,
        count: Count = None,
    ) -> Response[bytes]:
        return await answer(request, graph)

    async def searched_page(
        request: Asking,
        graph: NamedDependency[GraphFlows],
        filter_: Filter = None,
        orderby: OrderBy = None,
        select: Select = None,
        top: Top = None,
        skiptoken: SkipToken = None,
        count: Count = None,
        search: Search = None,
    ) -> Response[bytes]:
        return await answer(request, graph)

    return get(
        resource.path,
        opt={READ: resource.permission},
        responses=answers(Rows[resource.shape]),  # type: ignore[name-defined]  # a type that is known when it runs
        summary=resource.words,
        description=f"{resource.words} {_asked(resource.asked)}",
    )(searched_page if resource.asked.searched else whole_page if resource.asked.whole else page)


def _one(resource: Resource[T], one: Callable[[GraphFlows, str], Awaitable[T]]) -> HTTPRouteHandler:
    async def entity(
        request: Asking, name: FromPath[str], graph: NamedDependency[GraphFlows], select: Select = None
    ) -> Response[bytes]:
        return resource.answer(request, await one(graph, name))

    async def tagged_entity(
        request: Asking,
        name: FromPath[str],
        graph: NamedDependency[GraphFlows],
        select: Select = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response[bytes]:
        return resource.answer(request, await one(graph, name))

    return get(
        f"{resource.path}/{{name:str}}",
        opt={READ: resource.permission},
        responses=answers(resource.shape),
        summary=resource.one_words,
        description=resource.one_words,
    )(entity if resource.etag is None else tagged_entity)


def _asked(collection: Collection) -> str:
    """What the description says of a collection's own limits."""
    able = f"Can be selected: {', '.join(collection.selectable)}."
    if not collection.properties:
        return able
    return f"Can be filtered by: {collection.filters}. Can be ordered by: {collection.orders}. {able}"
