"""The addresses under `/.assay/` at every app's own host, and the assets at every host."""

from datetime import timedelta

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from assay.access.assertion import KEYS_KEPT
from assay.access.cookies import APP_COOKIE, STATE_COOKIE
from assay.access.exchange import Redirect
from assay.pages.answers import JSON, Answer, Answers, status_of
from assay.pages.assets import ASSET_CACHING, ASSET_PATH, asset_at
from assay.pages.flows import Tickets
from assay.pages.forms import Nothing, TicketQuery
from assay.pages.routes.incoming import Incoming, arrival_of, form_of, query_of, visitor_of

KEYS_CACHING = f"public, max-age={KEYS_KEPT // timedelta(seconds=1)}"


def app_host_routes(tickets: Tickets, answers: Answers) -> list[HTTPRouteHandler]:
    """The arrival of a session at an app's host, the keys of its assertions, and the way out."""

    @get("/.assay/ticket")
    async def redeem(request: Incoming) -> ASGIResponse:
        arrival, query = arrival_of(request), query_of(request, TicketQuery)
        state = arrival.cookie_value(STATE_COOKIE)
        found = await tickets.redeem(arrival.hostname, query.ticket, state, visitor_of(arrival))
        if isinstance(found, Redirect):
            return answers.redirect(arrival, found).response
        return answers.page(arrival, found, status=status_of(found)).response

    @get("/.assay/jwks.json")
    async def keys(request: Incoming) -> ASGIResponse:
        found = await tickets.keys(arrival_of(request).hostname)
        if found is None:
            raise NotFoundException
        caching = (("cache-control", KEYS_CACHING),)
        return Answer(status=200, body=found, content_type=JSON, headers=caching).response

    @post("/.assay/sign-out")
    async def sign_out(request: Incoming) -> ASGIResponse:
        arrival = arrival_of(request)
        await form_of(request, Nothing)
        cookie = arrival.cookie_value(APP_COOKIE)
        found = await tickets.sign_out(arrival.hostname, cookie, visitor_of(arrival))
        return answers.redirect(arrival, found).response

    return [redeem, keys, sign_out]


@get(ASSET_PATH + "{name:str}")
async def asset(name: FromPath[str]) -> ASGIResponse:
    """A file of ours; its address changes with its content, so it is kept for good."""
    found = asset_at(ASSET_PATH + name)
    if found is None:
        raise NotFoundException
    caching = (("cache-control", ASSET_CACHING),)
    return Answer(status=200, body=found.content, content_type=found.content_type, headers=caching).response
