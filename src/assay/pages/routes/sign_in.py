"""Sign-in, step-up and sign-out."""

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from assay.access.steps import PasskeyChallenge
from assay.pages.addresses import continue_address
from assay.pages.answers import JSON, Answer, Answers, cookie_headers
from assay.pages.even_time import began, next_beat
from assay.pages.flows import SignIn
from assay.pages.forms import CodeForm, DestinationForm, Nothing, PasskeyAnswer, PasswordForm
from assay.pages.rendering import SignedOut
from assay.pages.routes.incoming import Incoming, arrival_of, form_of, json_of, query_of, visitor_of
from assay.pages.security_headers import NO_STORE
from assay.values import Value


class ScriptChallenge(Value, frozen=True, kw_only=True):
    """What the passkey script needs to begin a ceremony."""

    options: msgspec.Raw
    handle: str


def challenge_answer(challenge: PasskeyChallenge) -> Answer:
    """The challenge for the passkey script."""
    options = msgspec.Raw(challenge.options_json.encode())
    body = msgspec.json.encode(ScriptChallenge(options=options, handle=challenge.handle))
    return Answer(status=200, body=body, content_type=JSON, headers=(NO_STORE,))


def sign_in_routes(sign_in: SignIn, answers: Answers) -> list[HTTPRouteHandler]:
    """The way in, with each factor, and out."""

    @get(["/continue", "/sign-in"])
    async def start(request: Incoming) -> ASGIResponse:
        arrival = arrival_of(request)
        destination = query_of(request, DestinationForm).destination
        outcome = await sign_in.start(visitor_of(arrival), destination)
        return answers.outcome(arrival, outcome, destination).response

    @post("/sign-in/password")
    async def with_password(request: Incoming) -> ASGIResponse:
        arrival, form, since = arrival_of(request), await form_of(request, PasswordForm), began()
        visitor = visitor_of(arrival)
        outcome = await sign_in.with_password(visitor, form.destination, form.user_name, form.password)
        answer = answers.outcome(arrival, outcome, form.destination).response
        if outcome.cookie is None:
            # Whether it was looked at, whose name it was, or nobody's: each takes another time, and none is told.
            await next_beat(since)
        return answer

    @post("/sign-in/totp")
    async def with_totp(request: Incoming) -> ASGIResponse:
        arrival, form = arrival_of(request), await form_of(request, CodeForm)
        outcome = await sign_in.with_totp(visitor_of(arrival), form.destination, form.code)
        return answers.outcome(arrival, outcome, form.destination).response

    @post("/sign-in/recovery")
    async def with_recovery_code(request: Incoming) -> ASGIResponse:
        arrival, form = arrival_of(request), await form_of(request, CodeForm)
        outcome = await sign_in.with_recovery_code(visitor_of(arrival), form.destination, form.code)
        return answers.outcome(arrival, outcome, form.destination).response

    @post("/sign-in/passkey/options")
    async def passkey_options(request: Incoming) -> ASGIResponse:
        arrival = arrival_of(request)
        await json_of(request, Nothing)
        found = await sign_in.passkey_options(visitor_of(arrival))
        if isinstance(found, PasskeyChallenge):
            return challenge_answer(found).response
        return answers.script(arrival, found, onward="/sign-in").response

    @post("/sign-in/passkey")
    async def with_passkey(request: Incoming) -> ASGIResponse:
        arrival, sent = arrival_of(request), await json_of(request, PasskeyAnswer)
        outcome = await sign_in.with_passkey(visitor_of(arrival), sent.destination, sent.handle, bytes(sent.credential))
        return answers.script(arrival, outcome, onward=continue_address(sent.destination)).response

    @get(["/sign-in/password", "/sign-in/totp", "/sign-in/recovery"])
    async def start_again(request: Incoming) -> ASGIResponse:
        """A person who reloads the address of a form's answer begins again, instead of meeting an error."""
        return answers.go(arrival_of(request), "/sign-in").response

    return [start, with_password, with_totp, with_recovery_code, passkey_options, with_passkey, start_again]


def way_out_routes(sign_in: SignIn, answers: Answers) -> list[HTTPRouteHandler]:
    """The way out."""

    @post("/sign-out")
    async def sign_out(request: Incoming) -> ASGIResponse:
        """Where a destination comes along, another account goes on to it."""
        arrival, form = arrival_of(request), await form_of(request, DestinationForm)
        outcome = await sign_in.sign_out(visitor_of(arrival))
        location = continue_address(form.destination) if form.app else "/signed-out"
        return answers.go(arrival, location, cookie_headers(outcome)).response

    @get("/signed-out")
    async def signed_out(request: Incoming) -> ASGIResponse:
        return answers.page(arrival_of(request), SignedOut()).response

    return [sign_out, signed_out]
