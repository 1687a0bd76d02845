"""The person's own pages: apps, sessions, devices, sign-ins."""

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from assay.access.own_steps import Home
from assay.access.visitor import Destination
from assay.pages.addresses import continue_address
from assay.pages.answers import Answers
from assay.pages.flows import OwnDevices, OwnHome, OwnSessions, OwnSignIns
from assay.pages.forms import DestinationForm, Nothing, OwnThingForm, SignInsQuery
from assay.pages.routes.incoming import Incoming, arrival_of, form_of, query_of, visitor_of

SESSIONS, DEVICES, SIGN_INS = "/sessions", "/devices", "/sign-ins"


def home_routes(home: OwnHome, answers: Answers) -> list[HTTPRouteHandler]:
    """The first page, and the offer of a passkey put off."""

    @get("/")
    async def first(request: Incoming) -> ASGIResponse:
        arrival = arrival_of(request)
        found = await home.home(visitor_of(arrival))
        if isinstance(found, Home):
            return answers.page(arrival, found).response
        return answers.outcome(arrival, found).response

    @post("/offers/later")
    async def later(request: Incoming) -> ASGIResponse:
        """On to where the person was going, whatever became of the offer: it is never in the way."""
        arrival, form = arrival_of(request), await form_of(request, DestinationForm)
        await home.put_off_passkey(visitor_of(arrival))
        location = continue_address(form.destination) if form.app else "/"
        return answers.go(arrival, location).response

    @get("/offers/later")
    async def back_home(request: Incoming) -> ASGIResponse:
        return answers.go(arrival_of(request), "/").response

    return [first, later, back_home]


def session_routes(sessions: OwnSessions, answers: Answers) -> list[HTTPRouteHandler]:
    """The person's sessions, and their end."""
    here = Destination(path=SESSIONS)

    @get(SESSIONS)
    async def page(request: Incoming) -> ASGIResponse:
        arrival = arrival_of(request)
        return answers.outcome(arrival, await sessions.page(visitor_of(arrival)), here).response

    @post(f"{SESSIONS}/report")
    async def report(request: Incoming) -> ASGIResponse:
        arrival, form = arrival_of(request), await form_of(request, OwnThingForm)
        return answers.outcome(arrival, await sessions.report(visitor_of(arrival), form.id), here).response

    @post(f"{SESSIONS}/end-others")
    async def end_others(request: Incoming) -> ASGIResponse:
        arrival = arrival_of(request)
        await form_of(request, Nothing)
        return answers.outcome(arrival, await sessions.end_others(visitor_of(arrival)), here).response

    @get([f"{SESSIONS}/report", f"{SESSIONS}/end-others"])
    async def back_to_sessions(request: Incoming) -> ASGIResponse:
        return answers.go(arrival_of(request), SESSIONS).response

    return [page, report, end_others, back_to_sessions]


def known_device_routes(devices: OwnDevices, answers: Answers) -> list[HTTPRouteHandler]:
    """The person's known devices."""
    here = Destination(path=DEVICES)

    @get(DEVICES)
    async def page(request: Incoming) -> ASGIResponse:
        arrival = arrival_of(request)
        return answers.outcome(arrival, await devices.page(visitor_of(arrival)), here).response

    @post(f"{DEVICES}/forget")
    async def forget(request: Incoming) -> ASGIResponse:
        arrival, form = arrival_of(request), await form_of(request, OwnThingForm)
        return answers.outcome(arrival, await devices.forget(visitor_of(arrival), form.id), here).response

    @get(f"{DEVICES}/forget")
    async def back_to_devices(request: Incoming) -> ASGIResponse:
        return answers.go(arrival_of(request), DEVICES).response

    return [page, forget, back_to_devices]


def sign_in_list_routes(sign_ins: OwnSignIns, answers: Answers) -> list[HTTPRouteHandler]:
    """The person's own sign-ins."""

    @get(SIGN_INS)
    async def page(request: Incoming) -> ASGIResponse:
        arrival, query = arrival_of(request), query_of(request, SignInsQuery)
        outcome = await sign_ins.page(visitor_of(arrival), query.before)
        return answers.outcome(arrival, outcome, Destination(path=SIGN_INS)).response

    return [page]
