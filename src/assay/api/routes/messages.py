"""/v1/messages: the outbox."""

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from assay.access.attempt import By
from assay.access.messages import Messages
from assay.api.errors import done
from assay.api.shapes.messages import MessageList, MessageShape, MessageTest, MessageTestResult
from assay.messages.message import Message
from assay.messages.outcome import Fate


@get("/messages")
async def list_messages(messages: NamedDependency[Messages]) -> MessageList:
    """What waits, and what was given up."""
    found = await messages.waiting()
    return MessageList(
        value=tuple(map(_message, found.messages)),
        waiting=found.count.waiting,
        given_up=found.count.given_up,
        oldest=found.count.oldest,
        configured=found.configured,
        error=found.error,
    )


@get("/messages/{message:str}")
async def show_message(message: FromPath[str], messages: NamedDependency[Messages]) -> MessageShape:
    """One message."""
    return _message(await messages.show(message))


@post("/messages/{message:str}/retry", status_code=200)
async def retry_message(
    message: FromPath[str], messages: NamedDependency[Messages], by: NamedDependency[By]
) -> MessageShape:
    """Try it now."""
    return _message(done(await messages.retry(by, message)))


@post("/messages/test", status_code=200)
async def send_test_message(
    data: JSONBody[MessageTest], messages: NamedDependency[Messages], by: NamedDependency[By]
) -> MessageTestResult:
    """Send a test message, past the outbox."""
    attempt = await messages.test(by, data.to)
    return MessageTestResult(sent=attempt.fate is Fate.SENT, error=attempt.error)


ROUTES: Final = (list_messages, show_message, retry_message, send_test_message)


def _message(message: Message) -> MessageShape:
    return MessageShape(
        id=message.id,
        notice=message.notice.value,
        name=message.name,
        recipient=message.recipient,
        state="waiting" if message.given_up_at is None else "givenUp",
        attempts=message.attempts,
        error=message.error,
        created_date_time=message.created_at,
        due_date_time=message.due_at,
        parameters=dict(message.parameters),
    )
