"""The help-desk's page, and what a person answers to a reset of their own methods."""

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from assay.access.steps import NotFound, Outcome
from assay.access.visitor import Destination
from assay.pages.answers import Answer, Answers
from assay.pages.arrival import Arrival
from assay.pages.flows import HelpDesk, OwnResets
from assay.pages.forms import Nothing, ResetForm, ResetRequestForm
from assay.pages.rendering import Renewed
from assay.pages.routes.incoming import Incoming, arrival_of, form_of, visitor_of

HELP_DESK = "/help-desk"
RESETS = f"{HELP_DESK}/resets"


def help_desk_routes(desk: HelpDesk, answers: Answers) -> list[HTTPRouteHandler]:
    """Ask, approve, hand out, call off."""

    def answer(arrival: Arrival, outcome: Outcome) -> Answer:
        if isinstance(outcome.step, NotFound):
            # Without a role this is an address like any other at which there is nothing.
            raise NotFoundException
        return answers.outcome(arrival, outcome, Destination(path=HELP_DESK))

    @get(HELP_DESK)
    async def page(request: Incoming) -> ASGIResponse:
        arrival = arrival_of(request)
        return answer(arrival, await desk.page(visitor_of(arrival))).response

    @post(RESETS)
    async def ask(request: Incoming) -> ASGIResponse:
        arrival, form = arrival_of(request), await form_of(request, ResetRequestForm)
        return answer(arrival, await desk.request(visitor_of(arrival), form.user_name, form.why)).response

    @post(f"{RESETS}/approve")
    async def approve(request: Incoming) -> ASGIResponse:
        arrival, form = arrival_of(request), await form_of(request, ResetForm)
        return answer(arrival, await desk.approve(visitor_of(arrival), form.id)).response

    @post(f"{RESETS}/link")
    async def hand_out(request: Incoming) -> ASGIResponse:
        arrival, form = arrival_of(request), await form_of(request, ResetForm)
        return answer(arrival, await desk.hand_out(visitor_of(arrival), form.id)).response

    @post(f"{RESETS}/cancel")
    async def cancel(request: Incoming) -> ASGIResponse:
        arrival, form = arrival_of(request), await form_of(request, ResetForm)
        return answer(arrival, await desk.cancel(visitor_of(arrival), form.id)).response

    @get([RESETS, f"{RESETS}/approve", f"{RESETS}/link", f"{RESETS}/cancel"])
    async def back_to_help_desk(request: Incoming) -> ASGIResponse:
        """Whoever reloads the address of a form's answer comes back to the page."""
        return answers.go(arrival_of(request), HELP_DESK).response

    return [page, ask, approve, hand_out, cancel, back_to_help_desk]


def own_reset_routes(resets: OwnResets, answers: Answers) -> list[HTTPRouteHandler]:
    """What the person whose methods are reset can do: call it off, and say that it is known."""

    @post("/reset/cancel")
    async def cancel(request: Incoming) -> ASGIResponse:
        arrival = arrival_of(request)
        await form_of(request, Nothing)
        return answers.outcome(arrival, await resets.cancel(visitor_of(arrival)), Destination(path="/")).response

    @post("/reset/seen")
    async def seen(request: Incoming) -> ASGIResponse:
        arrival = arrival_of(request)
        await form_of(request, Nothing)
        return answers.outcome(arrival, await resets.seen(visitor_of(arrival)), Destination(path="/")).response

    @get(["/reset/cancel", "/reset/seen"])
    async def back_home(request: Incoming) -> ASGIResponse:
        return answers.go(arrival_of(request), "/").response

    @get("/methods/renewed")
    async def renewed(request: Incoming) -> ASGIResponse:
        return answers.page(arrival_of(request), Renewed()).response

    return [cancel, seen, back_home, renewed]
