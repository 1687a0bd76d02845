"""What a request asks of a collection or of one thing, read at the edge; and the answer as Graph writes it."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated, Final, Generic, TypeVar
from urllib.parse import quote

import msgspec
from litestar import MediaType, Request, Response
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter

from assay.access.seen_version import WHATEVER, Seen
from assay.api.graph_answers import UnsupportedQueryError
from assay.api.odata.options import Options, read_options, read_select
from assay.api.odata.pages import Link, entity, page
from assay.api.odata.properties import Collection
from assay.api.odata.refused import UNSUPPORTED, Refused
from assay.api.overriding import OVERRIDE
from assay.policy.graph_json import Json
from assay.policy.importers.source import read_json
from assay.values import InvalidInputError, Wire
from assay.values.asking import Ask, Found

T = TypeVar("T")
Asking = Request[None, None, State]

# As the API's description shows them; `options_of` reads the query itself, so that nothing given is overlooked.
Filter = Annotated[str | None, QueryParameter(name="$filter", description="OData filter, see docs/api.md")]
OrderBy = Annotated[str | None, QueryParameter(name="$orderby", description="One property, then asc or desc")]
Select = Annotated[str | None, QueryParameter(name="$select", description="Properties, by commas")]
Top = Annotated[str | None, QueryParameter(name="$top", description="Rows of a page, 1 to 999")]
Skip = Annotated[str | None, QueryParameter(name="$skip", description="Rows to pass over")]
SkipToken = Annotated[str | None, QueryParameter(name="$skiptoken", description="Of an @odata.nextLink")]
Count = Annotated[str | None, QueryParameter(name="$count", description="true: how many there are in all")]
IfMatch = Annotated[str | None, HeaderParameter(name="If-Match", description="The ETag that the change goes by")]
Override = Annotated[
    str | None, QueryParameter(name=OVERRIDE, description="Why an invariant of the owner may be broken")
]
IfNoneMatch = Annotated[str | None, HeaderParameter(name="If-None-Match", description="304 where it is this ETag")]
Search = Annotated[str | None, QueryParameter(name="$search", description="A text in double quotes")]

# RFC 9110 §8.8.3: an opaque tag, weak or strong; §5.6.1: a list of them, in which elements may be empty.
_TAG: Final = re.compile(r'(?:W/)?("[\x21\x23-\x7e]*")')
_TAGS: Final = re.compile(rf"[\s,]*{_TAG.pattern}(?:\s*,[\s,]*{_TAG.pattern})*[\s,]*")


class Rows(Wire, Generic[T], frozen=True, kw_only=True):
    """A collection's answer, for the API's description."""

    odata_context: str = msgspec.field(name="@odata.context")
    odata_count: int | None = msgspec.field(name="@odata.count", default=None)
    odata_next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)
    value: tuple[T, ...]


JSON: Final = MediaType.JSON


def answers(shape: type[object], status: int = HTTPStatus.OK) -> dict[int, ResponseSpec]:
    """What the API's description says of an answer whose bytes are made here."""
    words = HTTPStatus(status).phrase
    # Its examples would be random letters.
    return {status: ResponseSpec(data_container=shape, description=words, media_type=JSON, generate_examples=False)}


def number() -> dict[int, ResponseSpec]:
    """What the description says of an answer that is one number."""
    found = HTTPStatus.OK
    words, plain = found.phrase, MediaType.TEXT
    return {found: ResponseSpec(data_container=int, description=words, media_type=plain, generate_examples=False)}


def nothing() -> dict[int, ResponseSpec]:
    """What the description says of an answer without a body."""
    gone = HTTPStatus.NO_CONTENT
    return {gone: ResponseSpec(data_container=None, description=gone.phrase, generate_examples=False)}


def link_of(request: Asking) -> Link:
    """Where this was asked for; the door let through only hosts that are ours."""
    path = request.url.path
    prefix = f"/{path.split('/', 2)[1]}"
    return Link(
        root=f"https://{request.headers['host']}{prefix}",
        path=path.removeprefix(prefix),
        query=tuple(request.query_params.multi_items()),
    )


def options_of(request: Asking, collection: Collection) -> Options:
    """The page that is asked for; raises InvalidInputError with what to do."""
    return _read(read_options(request.query_params.multi_items(), collection))


def count_of(request: Asking, collection: Collection) -> Ask:
    """How many there are of those that `$filter` and `$search` leave; raises InvalidInputError."""
    alone = (("$count", "true"), ("$top", "1"))
    return _read(read_options((*request.query_params.multi_items(), *alone), collection)).ask


def select_of(request: Asking, collection: Collection) -> tuple[str, ...]:
    """The properties that are asked for of one thing; raises InvalidInputError."""
    reads = request.method in ("GET", "HEAD")
    given = ((name, value) for name, value in request.query_params.multi_items() if reads or name != OVERRIDE)
    return _read(read_select(given, collection))


def page_answer(
    request: Asking, options: Options, context: str, found: Found[T], rows: Iterable[object]
) -> Response[bytes]:
    """The collection's JSON; `rows` are the shapes of what was found, `context` what the metadata calls it."""
    answer = page(rows, options, link_of(request), context, next_at=found.next, count=found.count)
    return Response(msgspec.json.encode(answer), media_type=JSON)


def entity_answer(
    request: Asking, row: object, collection: Collection, *, etag: str = "", created: str = ""
) -> Response[bytes]:
    """One thing's JSON, with `$select` if that was asked; nothing but its tag where the caller has it already.

    `created`: its id, where it was just made.
    """
    select = select_of(request, collection)
    headers = {"etag": etag} if etag else {}
    if etag and request.method == "GET" and etag in _tags(request, "if-none-match"):
        return Response(b"", status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    link = link_of(request)
    if created:
        headers["location"] = f"{link.root}/{collection.name}/{quote(created, safe='')}"
    status = HTTPStatus.CREATED if created else HTTPStatus.OK
    body = bytes(entity(row, link, collection.name, select))
    return Response(body, media_type=JSON, status_code=status, headers=headers)


def seen_of(request: Asking) -> Seen:
    """The version that a change goes by (`If-Match`); raises InvalidInputError where it is none."""
    given = request.headers.getall("if-match", [])
    if not given or given == ["*"]:
        return WHATEVER
    # Where not all of it is understood, a tag that is may be one that was not meant.
    tags = _tags(request, "if-match") if _TAGS.fullmatch(",".join(given)) else frozenset[str]()
    if not tags:
        raise InvalidInputError("If-Match takes entity tags", remedy='send the ETag as it came: W/"…"')
    return Seen(tags=tags)


async def body_of(request: Asking) -> Json:
    """The body's JSON, in which no key stands twice; raises MalformedError."""
    return read_json(await request.body())


def _tags(request: Asking, header: str) -> frozenset[str]:
    """Entity tags of a list; ours are weak, whoever compares them."""
    found = _TAG.findall(",".join(request.headers.getall(header, [])))
    return frozenset(f"W/{tag}" for tag in found)


def _read(read: T | Refused) -> T:
    if not isinstance(read, Refused):
        return read
    raise UnsupportedQueryError(read.message) if read.code == UNSUPPORTED else InvalidInputError(read.message)
