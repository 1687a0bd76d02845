"""Long questions: who leaves is no longer answered, and who comes when too many wait is told so."""

import asyncio
from collections.abc import Coroutine
from typing import Final, TypeVar

from litestar.exceptions import HTTPException, TooManyRequestsException

from assay.access.only_newest import Unanswered
from assay.api.graph.asking import Asking

T = TypeVar("T")
# Of a client that is not there any more: nobody reads it (nginx's own number, which its logs are searched for).
CLOSED: Final = 499
RETRY_SECONDS: Final = "10"


async def while_they_wait(request: Asking, answer: Coroutine[object, object, T | Unanswered]) -> T | None:
    """The answer, for as long as the client is there; None where they asked something newer meanwhile.

    To be called when the body has been read. Raises TooManyRequestsException where too many wait already.
    """
    asked = asyncio.ensure_future(answer)
    leaving = asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({asked, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not asked.done():
            raise HTTPException("the client left", status_code=CLOSED)
        found = asked.result()
    finally:
        for each in (asked, leaving):
            each.cancel()
        await asyncio.wait({asked, leaving})
    if found is Unanswered.TOO_MANY:
        raise TooManyRequestsException("too many wait for an answer like this", headers={"Retry-After": RETRY_SECONDS})
    return None if isinstance(found, Unanswered) else found


async def _gone(request: Asking) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
