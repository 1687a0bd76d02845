"""Where password managers and browsers find the pages for methods, without a session."""

from typing import Final

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from assay.pages.answers import JSON, Answer, Answers
from assay.pages.routes.enrolment import METHODS
from assay.pages.routes.incoming import Incoming, arrival_of
from assay.pages.settings import PagesSettings
from assay.values import Value

# W3C "A Well-Known URL for Changing Passwords" and "A Well-Known URL for Relying Party Passkey Endpoints".
CHANGE_PASSWORD: Final = "/.well-known/change-password"  # noqa: S105  an address
PASSKEY_ENDPOINTS: Final = "/.well-known/passkey-endpoints"


class PasskeyEndpoints(Value, frozen=True, kw_only=True):
    """Where passkeys are made and managed."""

    enroll: str
    manage: str


def well_known_routes(answers: Answers, settings: PagesSettings) -> list[HTTPRouteHandler]:
    """Both lead to the page of methods; it asks who it is."""
    methods = f"{settings.origin}{METHODS}"
    endpoints = msgspec.json.encode(PasskeyEndpoints(enroll=methods, manage=methods))

    @get(CHANGE_PASSWORD)
    async def change_password(request: Incoming) -> ASGIResponse:
        return answers.go(arrival_of(request), METHODS).response

    @get(PASSKEY_ENDPOINTS)
    async def passkey_endpoints() -> ASGIResponse:
        return Answer(status=200, body=endpoints, content_type=JSON).response

    return [change_password, passkey_endpoints]
