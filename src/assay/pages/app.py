"""Put the pages together: the routes, what happens when one fails, and the guard around them."""

import logging
from collections.abc import Callable

from litestar import Litestar, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.types import ASGIApp

from assay.identities.hashing import HashingBusyError
from assay.pages.admission import Problem
from assay.pages.answers import Answers
from assay.pages.flows import (
    CommandLines,
    Enrol,
    HelpDesk,
    OwnDevices,
    OwnHome,
    OwnResets,
    OwnSessions,
    OwnSignIns,
    SignIn,
    Tickets,
)
from assay.pages.forms import MAX_BODY
from assay.pages.guard import Guard
from assay.pages.routes.app_host import app_host_routes, asset
from assay.pages.routes.device import device_routes, oauth_routes
from assay.pages.routes.enrolment import link_routes, method_routes, passkey_routes
from assay.pages.routes.health import health_routes
from assay.pages.routes.help_desk import help_desk_routes, own_reset_routes
from assay.pages.routes.incoming import ClientGoneError, Incoming, arrival_of
from assay.pages.routes.own_pages import home_routes, known_device_routes, session_routes, sign_in_list_routes
from assay.pages.routes.sign_in import sign_in_routes, way_out_routes
from assay.pages.routes.well_known import well_known_routes
from assay.pages.settings import PagesSettings
from assay.store import StoreBusyError, StoreUnavailableError
from assay.values import InvalidInputError, Reason

logger = logging.getLogger(__name__)

RETRY_SECONDS = "3"
_CODES = {404: "pageNotFound", 405: "pageMethod", 413: "pageTooLarge"}


def create_pages(
    *,
    sign_in: SignIn,
    enrol: Enrol,
    tickets: Tickets,
    settings: PagesSettings,
    closed: Callable[[], Reason | None] = lambda: None,
    help_desk: HelpDesk,
    own_resets: OwnResets,
    command_lines: CommandLines,
    own_home: OwnHome,
    own_sessions: OwnSessions,
    own_devices: OwnDevices,
    own_sign_ins: OwnSignIns,
) -> ASGIApp:
    """The ASGI application behind `id.` and behind `/.assay/` of every app's host."""
    answers = Answers(settings)

    def failed(request: Incoming, error: Exception) -> Response[bytes]:
        problem = problem_of(error)
        if isinstance(error, ClientGoneError):
            logger.debug("a client left before it had sent everything")
        if problem.status == 500:
            # The address is left out, because an enrolment link is a secret.
            logger.error("a page failed", exc_info=error)
        answer = answers.problem(arrival_of(request), problem)
        headers = {**dict(answer.headers), "content-type": answer.content_type}
        if isinstance(error, MethodNotAllowedException):
            headers["allow"] = (error.headers or {}).get("Allow", "GET, HEAD, POST")
        if problem.status == 503:
            headers["retry-after"] = RETRY_SECONDS
        return Response(answer.body, status_code=answer.status, headers=headers)

    routes = Litestar(
        [
            *sign_in_routes(sign_in, answers),
            *way_out_routes(sign_in, answers),
            *home_routes(own_home, answers),
            *session_routes(own_sessions, answers),
            *known_device_routes(own_devices, answers),
            *sign_in_list_routes(own_sign_ins, answers),
            *link_routes(enrol, answers),
            *method_routes(enrol, answers),
            *passkey_routes(enrol, answers),
            *help_desk_routes(help_desk, answers),
            *own_reset_routes(own_resets, answers),
            *device_routes(command_lines, answers),
            *oauth_routes(command_lines, settings),
            *app_host_routes(tickets, answers),
            *well_known_routes(answers, settings),
            *health_routes(),
            asset,
        ],
        exception_handlers={Exception: failed},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=MAX_BODY,
    )
    return Guard(routes, settings=settings, answers=answers, closed=closed)


def problem_of(error: Exception) -> Problem:
    """What a failed request is to the person; nothing of the exception's own words."""
    if isinstance(error, HashingBusyError | StoreBusyError):
        return Problem(status=503, reason=Reason.of("pageBusy"))
    if isinstance(error, StoreUnavailableError):
        return Problem(status=503, reason=Reason.of("databaseGone"))
    if isinstance(error, InvalidInputError | ClientGoneError):
        return Problem(status=400, reason=Reason.of("pageMalformed"))
    if isinstance(error, HTTPException) and error.status_code < 500:
        return Problem(status=error.status_code, reason=Reason.of(_CODES.get(error.status_code, "pageMalformed")))
    return Problem(status=500, reason=Reason.of("pageFailed"))
