"""The one-time link, and the person's sign-in methods."""

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from msgspec.structs import replace

from assay.access.steps import ChooseMethods, Outcome, PasskeyChallenge
from assay.access.visitor import Destination
from assay.pages.answers import Answers
from assay.pages.flows import Enrol
from assay.pages.forms import MAX_PASS, NewPasskeyAnswer, NewPasswordForm, NewTotpForm, Nothing, OwnThingForm
from assay.pages.routes.incoming import Incoming, arrival_of, form_of, json_of, visitor_of
from assay.pages.routes.sign_in import challenge_answer
from assay.values import InvalidInputError, Reason

METHODS = "/methods"


def link_routes(enrol: Enrol, answers: Answers) -> list[HTTPRouteHandler]:
    """The one-time link: looking uses nothing up, because mail programs look too."""

    @get("/enrol/{code:str}")
    async def look(request: Incoming, code: FromPath[str]) -> ASGIResponse:
        arrival = arrival_of(request)
        return answers.outcome(arrival, await enrol.look(visitor_of(arrival), _bounded(code))).response

    @post("/enrol/{code:str}")
    async def use(request: Incoming, code: FromPath[str]) -> ASGIResponse:
        arrival = arrival_of(request)
        await form_of(request, Nothing)
        return answers.outcome(arrival, await enrol.use(visitor_of(arrival), _bounded(code))).response

    return [look, use]


def method_routes(enrol: Enrol, answers: Answers) -> list[HTTPRouteHandler]:
    """Password, authenticator app and recovery codes."""

    @get(METHODS)
    async def methods(request: Incoming) -> ASGIResponse:
        arrival = arrival_of(request)
        return answers.outcome(arrival, await enrol.methods(visitor_of(arrival)), Destination(path=METHODS)).response

    @post("/methods/password")
    async def set_password(request: Incoming) -> ASGIResponse:
        arrival, form = arrival_of(request), await form_of(request, NewPasswordForm)
        visitor = visitor_of(arrival)
        if form.password == form.repeated:
            outcome = await enrol.set_password(visitor, form.password)
        else:
            outcome = with_error(await enrol.methods(visitor), Reason.of("passwordsDiffer"))
        return answers.outcome(arrival, outcome).response

    @post("/methods/totp/new")
    async def begin_totp(request: Incoming) -> ASGIResponse:
        arrival = arrival_of(request)
        await form_of(request, Nothing)
        return answers.outcome(arrival, await enrol.begin_totp(visitor_of(arrival))).response

    @post("/methods/totp")
    async def confirm_totp(request: Incoming) -> ASGIResponse:
        arrival, form = arrival_of(request), await form_of(request, NewTotpForm)
        return answers.outcome(arrival, await enrol.confirm_totp(visitor_of(arrival), form.code)).response

    @post("/methods/recovery-codes")
    async def recovery_codes(request: Incoming) -> ASGIResponse:
        arrival = arrival_of(request)
        await form_of(request, Nothing)
        return answers.outcome(arrival, await enrol.recovery_codes(visitor_of(arrival))).response

    @post("/methods/remove")
    async def remove(request: Incoming) -> ASGIResponse:
        arrival, form = arrival_of(request), await form_of(request, OwnThingForm)
        outcome = await enrol.remove(visitor_of(arrival), form.id)
        return answers.outcome(arrival, outcome, Destination(path=METHODS)).response

    @get(["/methods/password", "/methods/totp/new", "/methods/totp", "/methods/recovery-codes", "/methods/remove"])
    async def back_to_methods(request: Incoming) -> ASGIResponse:
        """A person who reloads the address of a form's answer comes back to the methods."""
        return answers.go(arrival_of(request), METHODS).response

    return [methods, set_password, begin_totp, confirm_totp, recovery_codes, remove, back_to_methods]


def passkey_routes(enrol: Enrol, answers: Answers) -> list[HTTPRouteHandler]:
    """Passkeys, for the script."""

    @post("/methods/passkey/options")
    async def passkey_options(request: Incoming) -> ASGIResponse:
        arrival = arrival_of(request)
        await json_of(request, Nothing)
        found = await enrol.passkey_options(visitor_of(arrival))
        if isinstance(found, PasskeyChallenge):
            return challenge_answer(found).response
        return answers.script(arrival, found, onward=METHODS).response

    @post("/methods/passkey")
    async def add_passkey(request: Incoming) -> ASGIResponse:
        arrival, sent = arrival_of(request), await json_of(request, NewPasskeyAnswer)
        outcome = await enrol.add_passkey(visitor_of(arrival), sent.handle, bytes(sent.credential), sent.name)
        return answers.script(arrival, outcome, onward=METHODS).response

    return [passkey_options, add_passkey]


def with_error(outcome: Outcome, error: Reason) -> Outcome:
    """The same page with this error on it; a step that is not about methods stays as it is."""
    if not isinstance(outcome.step, ChooseMethods):
        return outcome
    return replace(outcome, step=replace(outcome.step, error=error))


def _bounded(code: str) -> str:
    if len(code) > MAX_PASS:
        raise InvalidInputError("no link is this long")
    return code
