"""`assay login`: what the command line asks (RFC 8628, RFC 7009), and the page on which its code is confirmed."""

from typing import Final, TypeVar

import msgspec
from litestar import get, post
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from assay.access.command_lines import NotYet
from assay.access.visitor import Destination
from assay.pages.answers import JSON, Answer, Answers
from assay.pages.flows import CommandLines
from assay.pages.forms import (
    DeviceAnswerForm,
    DeviceAuthorizationForm,
    DeviceForm,
    OAuthForm,
    RevocationForm,
    TokenForm,
)
from assay.pages.routes.incoming import Incoming, arrival_of, form_of, visitor_of
from assay.pages.security_headers import NO_STORE
from assay.pages.settings import PagesSettings
from assay.values import InvalidInputError, Value

DEVICE: Final = "/device"
OAUTH: Final = "/oauth2"
DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
RETRY_SECONDS: Final = "60"
F = TypeVar("F", bound=OAuthForm)


class DeviceAuthorization(Value, frozen=True, kw_only=True):
    """RFC 8628 §3.2, without `verification_uri_complete`: nobody is to be sent a link with a code in it."""

    device_code: str
    user_code: str
    verification_uri: str
    expires_in: int
    interval: int


class TokenAnswer(Value, frozen=True, kw_only=True):
    """RFC 6749 §5.1."""

    access_token: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105  the name of a scheme


class OAuthError(Value, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 6749 §5.2."""

    error: str
    error_description: str = ""


def device_routes(command_lines: CommandLines, answers: Answers) -> list[HTTPRouteHandler]:
    """Type the code, see who asks, answer."""
    here = Destination(path=DEVICE)

    @get(DEVICE)
    async def page(request: Incoming) -> ASGIResponse:
        arrival = arrival_of(request)
        return answers.outcome(arrival, await command_lines.page(visitor_of(arrival)), here).response

    @post(DEVICE)
    async def look(request: Incoming) -> ASGIResponse:
        arrival, form = arrival_of(request), await form_of(request, DeviceForm)
        return answers.outcome(arrival, await command_lines.look(visitor_of(arrival), form.code), here).response

    @post(f"{DEVICE}/answer")
    async def answer(request: Incoming) -> ASGIResponse:
        arrival, form = arrival_of(request), await form_of(request, DeviceAnswerForm)
        allow = form.answer == "allow"
        outcome = await command_lines.answer(visitor_of(arrival), form.code, allow=allow)
        return answers.outcome(arrival, outcome, here).response

    @get(f"{DEVICE}/answer")
    async def back(request: Incoming) -> ASGIResponse:
        """Whoever reloads the address of a form's answer begins again."""
        return answers.go(arrival_of(request), DEVICE).response

    return [page, look, answer, back]


def oauth_routes(command_lines: CommandLines, settings: PagesSettings) -> list[HTTPRouteHandler]:
    """For programs: no cookie is read here, and none is set."""

    @post(f"{OAUTH}/device_authorization")
    async def begin(request: Incoming) -> ASGIResponse:
        form = await _form(request, DeviceAuthorizationForm)
        if form is None:
            return _error("invalid_request")
        begun = await command_lines.begin(visitor_of(arrival_of(request)), form.device_name)
        if begun is None:
            return _error("slow_down", "too many codes wait to be confirmed; try again in a minute", status=429)
        told = DeviceAuthorization(
            device_code=begun.device_code,
            user_code=begun.user_code,
            verification_uri=f"{settings.origin}{DEVICE}",
            expires_in=int(begun.expires_in.total_seconds()),
            interval=int(begun.interval.total_seconds()),
        )
        return _json(told)

    @post(f"{OAUTH}/token")
    async def token(request: Incoming) -> ASGIResponse:
        form = await _form(request, TokenForm)
        if form is None or not form.device_code:
            return _error("invalid_request")
        if form.grant_type != DEVICE_GRANT:
            return _error("unsupported_grant_type")
        given = await command_lines.poll(visitor_of(arrival_of(request)), form.device_code)
        if isinstance(given, NotYet):
            return _error(given.error)
        lives = given.session.ends_at - given.session.started_at
        return _json(TokenAnswer(access_token=given.token, expires_in=int(lives.total_seconds())))

    @post(f"{OAUTH}/revoke")
    async def revoke(request: Incoming) -> ASGIResponse:
        form = await _form(request, RevocationForm)
        if form is None or not form.token:
            return _error("invalid_request")
        await command_lines.revoke(visitor_of(arrival_of(request)), form.token)
        return Answer(status=200, content_type=JSON, body=b"{}", headers=(NO_STORE,)).response

    return [begin, token, revoke]


async def _form(request: Incoming, kind: type[F]) -> F | None:
    """The form's fields; None where they cannot be read, whatever is wrong with them."""
    try:
        return await form_of(request, kind)
    except (InvalidInputError, HTTPException):
        return None


def _error(code: str, description: str = "", *, status: int = 400) -> ASGIResponse:
    headers = (NO_STORE, ("retry-after", RETRY_SECONDS)) if status == 429 else (NO_STORE,)
    body = msgspec.json.encode(OAuthError(error=code, error_description=description))
    return Answer(status=status, content_type=JSON, body=body, headers=headers).response


def _json(told: DeviceAuthorization | TokenAnswer) -> ASGIResponse:
    return Answer(status=200, content_type=JSON, body=msgspec.json.encode(told), headers=(NO_STORE,)).response
