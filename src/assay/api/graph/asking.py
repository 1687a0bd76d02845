"""What a request asks of a collection or of one thing, read at the edge; and the answer as Graph writes it."""

from collections.abc import Iterable
from typing import Annotated, Final, Generic, TypeVar

import msgspec
from litestar import MediaType, Request, Response
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from assay.api.graph_answers import UnsupportedQueryError
from assay.api.odata.options import Options, read_options, read_select
from assay.api.odata.pages import Link, entity, page
from assay.api.odata.properties import Collection
from assay.api.odata.refused import UNSUPPORTED, Refused
from assay.values import InvalidInputError, Wire
from assay.values.asking import Found

T = TypeVar("T")
Asking = Request[None, None, State]

# As the API's description shows them; `options_of` reads the query itself, so that nothing given is overlooked.
Filter = Annotated[str | None, QueryParameter(name="$filter", description="OData filter, see docs/api.md")]
OrderBy = Annotated[str | None, QueryParameter(name="$orderby", description="One property, then asc or desc")]
Select = Annotated[str | None, QueryParameter(name="$select", description="Properties, by commas")]
Top = Annotated[str | None, QueryParameter(name="$top", description="Rows of a page, 1 to 999")]
SkipToken = Annotated[str | None, QueryParameter(name="$skiptoken", description="Of an @odata.nextLink")]
Count = Annotated[str | None, QueryParameter(name="$count", description="true: how many there are in all")]
Search = Annotated[str | None, QueryParameter(name="$search", description="A text in double quotes")]


class Rows(Wire, Generic[T], frozen=True, kw_only=True):
    """A collection's answer, for the API's description."""

    odata_context: str = msgspec.field(name="@odata.context")
    odata_count: int | None = msgspec.field(name="@odata.count", default=None)
    odata_next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)
    value: tuple[T, ...]


JSON: Final = MediaType.JSON


def answers(shape: type[object]) -> dict[int, ResponseSpec]:
    """What the API's description says of an answer whose bytes are made here."""
    # Its examples would be random letters.
    return {200: ResponseSpec(data_container=shape, description="OK", media_type=JSON, generate_examples=False)}


def link_of(request: Asking) -> Link:
    """Where this was asked for; the door let through only hosts that are ours."""
    path = request.url.path
    prefix = "/v1.0"
    assert path.startswith(prefix)
    return Link(
        root=f"https://{request.headers['host']}{prefix}",
        path=path.removeprefix(prefix),
        query=tuple(request.query_params.multi_items()),
    )


def options_of(request: Asking, collection: Collection) -> Options:
    """The page that is asked for; raises InvalidInputError with what to do."""
    return _read(read_options(request.query_params.multi_items(), collection))


def select_of(request: Asking, collection: Collection) -> tuple[str, ...]:
    """The properties that are asked for of one thing; raises InvalidInputError."""
    return _read(read_select(request.query_params.multi_items(), collection))


def page_answer(
    request: Asking, options: Options, context: str, found: Found[T], rows: Iterable[object]
) -> Response[bytes]:
    """The collection's JSON; `rows` are the shapes of what was found, `context` what the metadata calls it."""
    answer = page(rows, options, link_of(request), context, next_at=found.next, count=found.count)
    return Response(msgspec.json.encode(answer), media_type=JSON)


def entity_answer(request: Asking, row: object, collection: Collection) -> Response[bytes]:
    """One thing's JSON, with `$select` if that was asked."""
    select = select_of(request, collection)
    return Response(bytes(entity(row, link_of(request), collection.name, select)), media_type=JSON)


def _read(read: T | Refused) -> T:
    if not isinstance(read, Refused):
        return read
    raise UnsupportedQueryError(read.message) if read.code == UNSUPPORTED else InvalidInputError(read.message)
