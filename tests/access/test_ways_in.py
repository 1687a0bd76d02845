"""Every way in, and everything that shuts a person out: a cell is open or shut, and a shut one says why in the log."""

import ast
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import assay.access
from assay.access.command_lines import CommandLines
from assay.access.enrol import Enrol
from assay.access.expire_sessions import expire_sessions
from assay.access.help_desk import HelpDesk
from assay.access.methods import Methods
from assay.access.own_resets import OwnResets
from assay.access.revoke_sessions import Sessions
from assay.access.sign_in import SignIn
from assay.access.tickets import Tickets
from assay.access.visitor import Destination
from assay.events import tail
from assay.events.records.decisions import DecisionQuery, search_decisions
from assay.events.records.search import content
from assay.identities.guessing import GuessingLimits, Schedule
from assay.sessions.records import expired as expired_sessions
from assay.store import Store
from tests.access.house import BY, NOW, HandClock, House
from tests.access.test_check import policy, publish
from tests.access.ways_in import WAYS, Victim, victim

pytestmark = pytest.mark.slow

FEW = Schedule(free=3, first=timedelta(seconds=1), longest=timedelta(minutes=1), lock=3)
LIMITS = GuessingLimits(stranger_password=FEW, stranger_code=FEW, known_password=FEW, known_code=FEW)


@pytest.fixture
async def house(sqlite_store: Store) -> AsyncIterator[House]:
    """A house that locks after three wrong guesses."""
    opened = House(sqlite_store, HandClock(NOW), limits=LIMITS)
    await opened.start()
    yield opened
    opened.hashing.close()


async def nothing(_: Victim) -> None:
    """Nothing happens: every way must open, or its row would prove nothing."""


async def disabled(of: Victim) -> None:
    await of.house.people.disable(BY, of.name)


async def locked(of: Victim) -> None:
    """Somebody who knows the password guesses codes, then passwords."""
    guesser = of.browser()
    await guesser.password()
    for _ in range(4):
        await of.house.sign_in.with_totp(guesser.visitor, Destination(), "000000")
        await of.house.sign_in.with_recovery_code(guesser.visitor, Destination(), "7ZQK-0M3F-XR2A-9TBC")
    for _ in range(4):
        await of.house.sign_in.with_password(of.browser().visitor, Destination(), of.name, "wrong wrong wrong")


async def recreated(of: Victim) -> None:
    await of.house.people.remove(BY, of.name)
    await of.house.people.add(BY, user_name=of.name)
    await of.house.apps.assign(BY, "wiki", user=of.name)


async def expired(of: Victim) -> None:
    of.house.clock.advance(days=2)
    at = of.house.clock.now()
    over = await of.house.store.read(lambda reader: expired_sessions.find(reader, at=at, limit=100))
    await of.house.store.write(lambda t: expire_sessions(t, premises=of.house.premises, found=over, until=at, at=at))


async def unassigned(of: Victim) -> None:
    await of.house.apps.unassign(BY, "wiki", user=of.name)
    await of.house.roles.remove(BY, "Reports Reader", user=of.name)


async def revoked(of: Victim) -> None:
    await Sessions(of.house.premises).revoke(BY, user=of.name)


async def blocked(of: Victim) -> None:
    await publish(of.house, policy(block=True))


async def methods_removed(of: Victim) -> None:
    methods = Methods(of.house.premises)
    for held in (await methods.held(of.name)).methods:
        await methods.remove(BY, of.name, held.id)


STATES: dict[str, Callable[[Victim], Awaitable[None]]] = {
    "nothing": nothing,
    "disabled": disabled,
    "locked": locked,
    "deleted and made again": recreated,
    "expired": expired,
    "unassigned": unassigned,
    "revoked": revoked,
    "blocked by policy": blocked,
    "methods removed": methods_removed,
}


BY_PASSWORD = ("password", "password, code", "password, recovery code", "methods page")
BY_SESSION = (
    "ticket",
    "cookie of the app",
    "cookie of id.",
    "rise",
    "start of the service",
    "command line",
    "command line token",
)
BY_LINK = ("enrolment link", "reset link")

# What is shut, with the reason that the log must hold for it; every other cell must be open.
SHUT: dict[str, dict[str, str]] = {
    "nothing": {},
    "disabled": dict.fromkeys(WAYS, "userDisabled"),
    # Guessing shuts the guessable methods for strangers, and nothing else: no passkey, no link, nobody who is in.
    "locked": dict.fromkeys(BY_PASSWORD, "tooManyAttempts"),
    "deleted and made again": {
        **dict.fromkeys(BY_PASSWORD, "signInFailed"),
        **dict.fromkeys(BY_SESSION, "userDeleted"),
        # Links go with the person: what is left of them is the removal.
        **dict.fromkeys(BY_LINK, "byAdministrator"),
        "passkey": "passkeyUnknown",
        "ticket": "userUnknown",
    },
    "expired": {
        **dict.fromkeys(BY_SESSION, "expired"),
        **dict.fromkeys(BY_LINK, "passExpired"),
        "ticket": "sessionEnded",
    },
    "unassigned": dict.fromkeys(WAYS, "notAssigned"),
    "revoked": {**dict.fromkeys(BY_SESSION, "revoked"), "ticket": "sessionEnded"},
    "blocked by policy": dict.fromkeys(WAYS, "blockedByPolicy"),
    "methods removed": {**dict.fromkeys(BY_PASSWORD, "signInFailed"), "passkey": "passkeyUnknown"},
}


async def reasons(house: House, name: str, since: datetime, *, before: int, prepared: int) -> set[str]:
    """Every reason in the log since this way was tried, and of this person since it was prepared."""
    await house.log.flush()
    leaves = await house.store.read(lambda reader: tail(reader, after=prepared, limit=1_000))
    told = set()
    for leaf in leaves:
        event = content(leaf)
        assert event is not None
        if leaf.leaf_index > before or (event.user is not None and event.user.name == name):
            told.add(event.status_code or "")
    judged = await house.store.read(lambda reader: search_decisions(reader, DecisionQuery(since=since)))
    return told | {reason.code for decision in judged for reason in decision.reasons}


async def newest(house: House) -> int:
    """The number of the newest event."""
    return len(await house.store.read(lambda reader: tail(reader, after=-1, limit=1_000))) - 1


@pytest.mark.parametrize("state", STATES)
async def test_a_row(house: House, state: str) -> None:
    wiki = await house.app("wiki")
    victims = {way: await victim(house, f"v{number}", wiki) for number, way in enumerate(WAYS)}
    # The one that waits for hours comes first, or the others' sessions would be over.
    prepared = {way: await WAYS[way](victims[way]) for way in sorted(WAYS, key=lambda way: way != "reset link")}
    first = await newest(house)
    wrong = []
    for way, attempt in prepared.items():
        before = await newest(house)
        await STATES[state](victims[way])
        house.clock.advance(seconds=1)
        since = house.clock.now()
        opened = await attempt()
        why = await reasons(house, victims[way].name, since, before=before, prepared=first)
        expected = SHUT[state].get(way)
        if opened != (expected is None) or (expected is not None and expected not in why):
            wrong.append((way, "open" if opened else sorted(why), expected))
    assert wrong == []


def test_no_cell_is_empty() -> None:
    assert set(SHUT) == set(STATES)
    assert all(set(cells) <= set(WAYS) for cells in SHUT.values())


# Who grants, as the code says: a function that is not here has no row above. To each the rows that go through it.
GRANTS = {
    "sign_in.SignIn._proved": ("password", "password, code", "password, recovery code", "passkey", "rise"),
    "engine_answers.EngineAnswers.keep": ("cookie of id.", "cookie of the app"),
    "use_link.LinkUse.use": ("enrolment link", "reset link"),
    "command_lines.CommandLines._poll": ("command line", "command line token"),
    "tickets.Tickets.redeem": ("ticket", "cookie of the app", "start of the service"),
}
# What a person's browser can ask of the flows: each can be a way in, or says here why not.
ASKED = {
    "SignIn.start": ("cookie of id.",),
    "SignIn.with_password": ("password",),
    "SignIn.with_totp": ("password, code", "rise"),
    "SignIn.with_recovery_code": ("password, recovery code",),
    "SignIn.with_passkey": ("passkey",),
    "SignIn.passkey_options": "a challenge proves nothing",
    "SignIn.sign_out": "takes only",
    "SignIn.own_page": "shows only",
    "SignIn.session": "reads only",
    "Enrol.look": "reads only: links get previewed",
    "Enrol.use": ("enrolment link", "reset link"),
    "Enrol.methods": "shows only",
    "Enrol.passkey_options": "a challenge proves nothing",
    "Enrol.add_passkey": ("reset link",),
    "Enrol.set_password": ("methods page",),
    "Enrol.begin_totp": "a key that waits for its first code counts for nothing",
    "Enrol.confirm_totp": ("methods page",),
    "Enrol.recovery_codes": ("methods page",),
    "Enrol.remove": "takes only",
    "Tickets.redeem": ("ticket",),
    "Tickets.sign_out": "takes only",
    "Tickets.keys": "public keys",
    "HelpDesk.page": "shows only",
    "HelpDesk.request": "what comes of it is the reset link",
    "HelpDesk.approve": "what comes of it is the reset link",
    "HelpDesk.hand_out": ("reset link",),
    "HelpDesk.cancel": "takes only",
    "CommandLines.begin": "a code that nobody has confirmed opens nothing",
    "CommandLines.poll": ("command line", "command line token"),
    "CommandLines.revoke": "takes only",
    "CommandLines.page": "shows only",
    "CommandLines.look": "shows only",
    "CommandLines.answer": ("command line", "command line token"),
    "OwnResets.cancel": "takes only",
    "OwnResets.seen": "reads only",
}


def granting_functions() -> set[str]:
    """Every function of `access` that calls a method of the admission that grants."""
    found = set()
    for path in Path(assay.access.__path__[0]).rglob("*.py"):
        module = ast.parse(path.read_text())
        for owner in (node for node in module.body if isinstance(node, ast.ClassDef)):
            for function in (node for node in owner.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
                for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                    if ast.unparse(call.func).removeprefix("self.") in {
                        f"_admission.{grant}" for grant in ("start", "start_command_line", "rise", "ticket", "redeem")
                    }:
                        found.add(f"{path.stem}.{owner.name}.{function.name}")
    return found


def test_every_function_that_grants_has_its_rows() -> None:
    assert granting_functions() == set(GRANTS)
    assert {way for ways in GRANTS.values() for way in ways} <= set(WAYS)


def test_everything_that_a_browser_can_ask_has_its_rows() -> None:
    flows = (SignIn, Enrol, Tickets, HelpDesk, OwnResets, CommandLines)
    public = {
        f"{flow.__name__}.{name}"
        for flow in flows
        for name, member in vars(flow).items()
        if not name.startswith("_") and inspect.iscoroutinefunction(member)
    }
    assert public == set(ASKED)
    rows = {way for ways in ASKED.values() if isinstance(ways, tuple) for way in ways}
    assert rows <= set(WAYS)
