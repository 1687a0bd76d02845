"""Read what a request carries into the values that flows take."""

from typing import TypeAlias, TypeVar

from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import HTTPException, InternalServerException

from assay.access.cookies import DEVICE_COOKIE, ID_COOKIE
from assay.access.visitor import Visitor
from assay.pages.arrival import Arrival, read_arrival
from assay.pages.forms import FORM, JSON, Form, read_fields, read_json
from assay.values import AssayError, InvalidInputError


class ClientGoneError(AssayError):
    """The client left before the whole body was here; there is nobody to answer."""


Incoming: TypeAlias = Request[None, None, State]
F = TypeVar("F", bound=Form)


def arrival_of(request: Incoming) -> Arrival:
    """The request's own words about itself."""
    return read_arrival(request.method, request.scope["path"], request.scope["headers"])


def visitor_of(arrival: Arrival) -> Visitor:
    """Who asks, with the cookies of `id.`; admission has already refused what has no peer."""
    visitor = arrival.visitor(arrival.cookie_value(ID_COOKIE), arrival.cookie_value(DEVICE_COOKIE))
    if visitor is None:
        raise InvalidInputError("the gateway did not say who the peer is")
    return visitor


def query_of(request: Incoming, kind: type[F]) -> F:
    """The query's fields."""
    return read_fields(request.scope["query_string"], kind)


async def form_of(request: Incoming, kind: type[F]) -> F:
    """The form's fields; any other content type is refused (415)."""
    if arrival_of(request).media_type != FORM:
        raise HTTPException(status_code=415)
    return read_fields(await _body(request), kind)


async def json_of(request: Incoming, kind: type[F]) -> F:
    """The script's JSON; any other content type is refused (415), so that no plain form can send it."""
    if arrival_of(request).media_type != JSON:
        raise HTTPException(status_code=415)
    return read_json(await _body(request), kind)


async def _body(request: Incoming) -> bytes:
    try:
        return await request.body()
    except InternalServerException as error:
        raise ClientGoneError("the client left before it had sent everything") from error
