"""A crash right after each commit of a sign-in: nothing is half done, and the person signs in at the next try."""

import asyncio
import os
import signal
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from assay.cli.bench.person import STEP_SECONDS, Person
from assay.cli.bench.stage import APP, Child, Stage
from assay.cli.bench.wire import UnexpectedAnswerError
from assay.sessions.secret import secret_hash
from tests.crash.aftermath import Acknowledged, all_is_there, log_verifies
from tests.crash.writers import APP_COOKIE, APP_HOST, GONE
from tests.forked_program import Running
from tests.ports import free_port

# A session, its decision, the code, the session raised, the ticket, the session at the app's host: and as many commits
# of what follows them (the change feed reads in a transaction of its own). The test finds the end itself.
MOST_COMMITS = 30
PEOPLE = 14
DYING = Path(__file__).with_name("dying_service.py")
GONE_SECONDS = 300
NOBODY_JUDGED = "Nobody could say whether you may"

pytestmark = [pytest.mark.slow, pytest.mark.interop]


class Dying:
    """Such a service, as a process of asyncio has it."""

    def __init__(self, running: Running, stdout: asyncio.StreamReader) -> None:
        self.pid = running.pid
        self.stdout = stdout
        self._ended = asyncio.ensure_future(asyncio.to_thread(running.wait, GONE_SECONDS))

    @classmethod
    async def of(cls, running: Running) -> "Dying":
        stdout = asyncio.StreamReader()
        # Closed with what it reads, which the service has open to its end.
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdout), running.stdout)
        return cls(running, stdout)

    def send_signal(self, number: int) -> None:
        if not self._ended.done():
            os.kill(self.pid, number)

    async def wait(self) -> int:
        # Whoever gives up waiting leaves the others to it.
        return await asyncio.shield(self._ended)


async def people(stage: Stage) -> list[Person]:
    """People with a password, an authenticator app and recovery codes, assigned to the app."""
    await stage.owner()
    await stage.protect_app()
    enrolled = []
    for number in range(PEOPLE):
        welcome = await stage.admin.add_user(f"person-{number}")
        enrolled.append(await stage.enrol(f"person-{number}", welcome.enrolment_url))
        await stage.admin.assign(APP, f"person-{number}")
    return enrolled


async def serve_until(stage: Stage, commits: int) -> None:
    """A service that dies after so many commits from when it is told to count."""
    words = (str(stage.data), str(stage.port), str(commits))
    running = Running(*words, environment=os.environ | stage.environment, program=DYING)
    await stage.served_by(Child(await Dying.of(running)))


async def dies_during_sign_in(stage: Stage, person: Person) -> bool:
    """Sign in while the service counts; whether it died before the app was open."""
    person.forget()
    os.kill(stage.service_pid, signal.SIGUSR1)
    try:
        await person.open(stage.app_url)
    except GONE:
        return True
    except UnexpectedAnswerError as error:
        # Envoy lived long enough to say that nobody answers it any more, or that nobody could judge the request.
        if error.status != 503 and not (error.status == 403 and NOBODY_JUDGED in str(error)):
            raise
        return True
    return False


async def test_a_crash_after_each_commit_of_a_sign_in() -> None:
    with TemporaryDirectory(prefix="assay-crash-") as directory:
        async with Stage(Path(directory), port=free_port()) as stage:
            waiting = await people(stage)
            await stage.stop_service()
            await serve_until(stage, 1)
            crashes = 0
            for commits in range(1, MOST_COMMITS):
                assert waiting, "a sign-in has more commits than there are people"
                # The code of the enrolment is over: nothing else is committed while somebody waits for the next.
                person = waiting.pop(0)
                await asyncio.sleep(max(0.0, (person._totp_step + 1) * STEP_SECONDS - time.time()))
                died = await dies_during_sign_in(stage, person)
                await stage.stop_service(signal.SIGKILL)
                # What finds everything as it was counts the next sign-in, not what it is asked until then.
                await serve_until(stage, commits + 1)
                await all_is_there(stage.data, promised(person))
                await log_verifies(stage)
                person.forget()
                await person.open(stage.app_url, recovery_code=person.knows.recovery_codes[0])
                if not died:
                    break
                crashes += 1
    assert crashes >= 5, "a sign-in has more commits than were met"


def promised(person: Person) -> Acknowledged:
    """What the browser was given before the crash and nothing replaces: the cookie of the app's host.

    The cookie of `id.` is no promise while a code is being proved: whoever rises gets a new secret, and the old one is
    worthless from that commit on, whether the answer with the new one arrived or not.
    """
    promised = Acknowledged()
    if cookie := person.cookie(APP_HOST, APP_COOKIE):
        promised.app_sessions.add(secret_hash(cookie))
    return promised
