"""Outcomes become HTTP answers: pages, redirects, the script's JSON, and the cookie that goes with them."""

from typing import Final

import msgspec
from litestar.response.base import ASGIResponse

from assay.access.cookies import DEVICE_COOKIE, ID_COOKIE, clear_cookie, set_cookie
from assay.access.exchange import Redirect
from assay.access.steps import (
    AskAgain,
    AskFirstFactor,
    AskSecondFactor,
    ChooseMethods,
    Enter,
    NotFound,
    Outcome,
    Refused,
)
from assay.access.visitor import Destination
from assay.pages.admission import Problem
from assay.pages.arrival import Arrival
from assay.pages.languages import available_languages, preferred_language
from assay.pages.rendering import Onward, Shown, Trouble, render
from assay.pages.security_headers import NO_STORE
from assay.pages.sentences import sentence
from assay.pages.settings import PagesSettings
from assay.values import AssayError, Reason, Value
from assay.values.text import translations

HTML: Final = "text/html; charset=utf-8"
JSON: Final = "application/json"
Headers = tuple[tuple[str, str], ...]
# Browsers keep cookies for 400 days at most (RFC 6265bis §5.5); how long a device is known is the server's business.
DEVICE_COOKIE_AGE: Final = 400 * 24 * 3600


class ErrorText(Value, frozen=True, kw_only=True):
    """What the script shows: the stable code and its sentence."""

    code: str
    text: str


class ScriptError(Value, frozen=True, kw_only=True):
    """The answer to a script whose request came to nothing."""

    error: ErrorText


class ScriptLocation(Value, frozen=True, kw_only=True):
    """The answer to a script whose ceremony succeeded: where the browser goes."""

    location: str


class Answer(Value, frozen=True, kw_only=True):
    """One HTTP answer; `headers` may name one header more than once."""

    status: int
    body: bytes = b""
    content_type: str = HTML
    headers: Headers = (NO_STORE,)

    @property
    def response(self) -> ASGIResponse:
        """The same for the web framework."""
        return ASGIResponse(
            body=self.body,
            status_code=self.status,
            # Not as the framework's media type, to which it would add a charset of its own.
            headers=(*self.headers, ("content-type", self.content_type)),
        )


def language_of(arrival: Arrival) -> str:
    """The language that the browser prefers among ours."""
    return preferred_language(arrival.accept_language, available_languages())


class Answers:
    """How this installation answers."""

    def __init__(self, settings: PagesSettings) -> None:
        self._settings = settings

    def outcome(self, arrival: Arrival, outcome: Outcome, destination: Destination = Destination()) -> Answer:  # noqa: B008  immutable
        """The next step as a page, or the way there."""
        step, cookies = outcome.step, cookie_headers(outcome)
        if isinstance(step, Enter):
            return self.go(arrival, step.location, cookies)
        if outcome.retry_after is not None:
            return self._too_many(arrival, outcome, step, destination)
        if isinstance(step, ChooseMethods) and step.error is None and arrival.method == "POST":
            return self.go(arrival, "/methods", cookies)
        return self.page(arrival, step, destination, status=status_of(step), headers=cookies)

    def page(
        self,
        arrival: Arrival,
        shown: Shown,
        destination: Destination = Destination(),  # noqa: B008  immutable
        *,
        status: int = 200,
        headers: Headers = (),
    ) -> Answer:
        """A page that is never kept by caches."""
        body = render(shown, self._settings, language=language_of(arrival), destination=destination)
        return Answer(status=status, body=body, headers=(NO_STORE, *headers))

    def go(self, arrival: Arrival, location: str, headers: Headers = (), *, status: int = 303) -> Answer:
        """Send the browser on; only to our own pages or to https under the base domain."""
        if not self._settings.leads_home(location):
            raise AssayError(f"a flow leads to an address that is not under {self._settings.base_domain}")
        if arrival.method == "POST" and not location.startswith("/"):
            return self.page(arrival, Onward(location=location), headers=headers)
        return Answer(status=status, headers=(NO_STORE, ("location", location), *headers))

    def redirect(self, arrival: Arrival, redirect: Redirect) -> Answer:
        """A redirect that access made for an app's own host."""
        cookies = tuple(("set-cookie", cookie) for cookie in redirect.set_cookies)
        return self.go(arrival, redirect.location, cookies, status=302)

    def problem(self, arrival: Arrival, problem: Problem, headers: Headers = ()) -> Answer:
        """A request that ends before any flow: a page for a person, JSON for a script or program."""
        if not arrival.wants_page:
            return self.script_error(arrival, problem.reason, status=problem.status, headers=headers)
        trouble = Trouble(status=problem.status, reason=problem.reason, way_on=f"{self._settings.origin}/")
        return self.page(arrival, trouble, status=problem.status, headers=headers)

    def script(self, arrival: Arrival, outcome: Outcome, *, onward: str) -> Answer:
        """The answer to the passkey script: where to go, or why not; `onward` is the page where the flow goes on."""
        cookies = cookie_headers(outcome)
        error = _script_error(outcome)
        if outcome.retry_after is not None:
            return self._too_many_for_script(arrival, outcome)
        if error is not None:
            return self.script_error(arrival, error, status=403, headers=cookies)
        step = outcome.step
        location = step.location if isinstance(step, Enter) else onward
        if not self._settings.leads_home(location):
            raise AssayError(f"a flow leads to an address that is not under {self._settings.base_domain}")
        body = msgspec.json.encode(ScriptLocation(location=location))
        return Answer(status=200, body=body, content_type=JSON, headers=(NO_STORE, *cookies))

    def _too_many(self, arrival: Arrival, outcome: Outcome, shown: Shown, destination: Destination) -> Answer:
        """Nothing was looked at (RFC 6585 §4): the page in words, or JSON for a program."""
        if not arrival.wants_page:
            return self._too_many_for_script(arrival, outcome)
        return self.page(arrival, shown, destination, status=429, headers=_retry_after(outcome))

    def _too_many_for_script(self, arrival: Arrival, outcome: Outcome) -> Answer:
        error = _script_error(outcome) or Reason.of("tooManyAttempts")
        return self.script_error(arrival, error, status=429, headers=_retry_after(outcome))

    def script_error(self, arrival: Arrival, reason: Reason, *, status: int, headers: Headers = ()) -> Answer:
        """Why a script's request came to nothing."""
        text = sentence(reason, translations(language_of(arrival)))
        body = msgspec.json.encode(ScriptError(error=ErrorText(code=reason.code, text=text)))
        return Answer(status=status, body=body, content_type=JSON, headers=(NO_STORE, *headers))


def status_of(shown: Shown) -> int:
    """The status of the page of a step."""
    if isinstance(shown, Refused):
        return 403
    return 404 if isinstance(shown, NotFound) else 200


def cookie_headers(outcome: Outcome) -> Headers:
    """The headers that set, remove or leave our cookies as the outcome says; a known device outlives its session."""
    cookie, device = outcome.cookie, outcome.device
    headers: Headers = ()
    if cookie is not None:
        headers = (("set-cookie", set_cookie(ID_COOKIE, cookie) if cookie else clear_cookie(ID_COOKIE)),)
    if device is not None:
        headers = (*headers, ("set-cookie", set_cookie(DEVICE_COOKIE, device, max_age=DEVICE_COOKIE_AGE)))
    return headers


def _retry_after(outcome: Outcome) -> Headers:
    return (("retry-after", str(outcome.retry_after)),) if outcome.retry_after else ()


def _script_error(outcome: Outcome) -> Reason | None:
    """What the script has to say itself, because no page that it could go to would say it."""
    step = outcome.step
    if isinstance(step, AskFirstFactor | AskSecondFactor | AskAgain | ChooseMethods):
        return step.error
    if isinstance(step, NotFound):
        return step.reason
    if isinstance(step, Refused) and not outcome.cookie:
        return step.reasons[0] if step.reasons else Reason.of("askHelpDesk")
    return None
