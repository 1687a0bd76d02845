"""Whether this node may be sent requests: for load balancers, at `id.` and without a session."""

from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from assay.pages.answers import Answer

ALIVE: Final = "/health/alive"
READY: Final = "/health/ready"
_TEXT: Final = "text/plain; charset=utf-8"


def health_routes() -> list[HTTPRouteHandler]:
    """`alive`: the process answers. `ready`: it may be sent people; the guard answers 503 while it may not."""

    @get([ALIVE, READY])
    async def healthy() -> ASGIResponse:
        return Answer(status=200, body=b"ok\n", content_type=_TEXT).response

    return [healthy]
