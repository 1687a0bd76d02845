"""People, their sessions, groups and policies for `assay bench lists`: a large company, and what is asked of it."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from assay.access.admission import Admission
from assay.access.premises import Premises
from assay.access.visitor import Visitor
from assay.api.graph.groups import GROUPS
from assay.api.graph.policies import POLICIES
from assay.api.graph.sessions import SESSIONS
from assay.api.graph.users import USERS
from assay.api.reading import Reading
from assay.cli.bench.pages import NOBODY, Cost, costs_of, questions
from assay.governance.records import policies as policy_records
from assay.identities.groups import Group
from assay.identities.records import groups, users
from assay.identities.users import User
from assay.policy import ConditionalAccessPolicy, PolicyState
from assay.policy.condition_set import ConditionSet, Users
from assay.policy.request import Method, Proof, UserKind
from assay.sessions.session import SessionLimits
from assay.store import Transaction
from assay.values import GroupId, PolicyId, UserId
from assay.values.asking import Compare, Operator, Scalar

AT_ONCE: Final = 500
AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36"
# One holds everybody, through the others.
TEAMS: Final = 200
POLICIES_KEPT: Final = 100
SIGNED_IN: Final = 5
FAMILY: Final = ("Okafor", "Lindqvist", "Sørensen", "Nguyen", "Álvarez", "Kowalski", "Haddad", "Tanaka", "Meier", "Roy")
GIVEN: Final = ("Ada", "Bola", "Chen", "Dana", "Eero", "Fatima", "Goran", "Hana", "Ivo", "Jun", "Kai", "Lea", "Mo")


async def fill(premises: Premises, count: int) -> None:
    """Put them in, as the flows do after they have asked who may."""
    await premises.store.write(_teams)
    admission, now = Admission(premises, SessionLimits()), datetime.now(UTC)
    for first in range(0, count, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, count))
        await premises.store.write(partial(_people, admission=admission, numbers=numbers, now=now))


async def ask(reading: Reading) -> dict[str, list[tuple[Cost, str]]]:
    """What each page costs, by the list."""
    known: dict[str, tuple[Scalar, ...]] = {
        "id": (_person(7), NOBODY),
        "user_key": ("person000007@example.com", NOBODY),
        "email": (_mail(7), NOBODY),
    }
    instants: tuple[Scalar, ...] = (
        datetime.now(UTC) - timedelta(days=365),
        datetime.now(UTC),
        datetime.now(UTC) + timedelta(days=1),
    )
    people = known | {"created_at": instants, "display_name": (_called(7), NOBODY)}
    shared = {"started_at": instants, "last_seen_at": instants, "expires_at": instants, "user_id": (_person(7), NOBODY)}
    enabled = Compare(field="enabled", operator=Operator.EQ, value=True)
    return {
        "people": await costs_of(reading.directory.people, questions(USERS.asked, people, enabled)),
        "sessions": await costs_of(reading.open_sessions.page, questions(SESSIONS.asked, shared)),
        "groups": await costs_of(reading.directory.groups, questions(GROUPS.asked, {"created_at": instants})),
        "policies": await costs_of(reading.policies.page, questions(POLICIES.asked, {"changed_at": instants})),
    }


def _teams(transaction: Transaction) -> None:
    now = datetime.now(UTC)
    for number in range(TEAMS + 1):
        groups.insert(transaction, Group(id=_team(number), name=f"Team {number:03}", created_at=now))
    for number in range(1, TEAMS + 1):
        assert groups.nest(transaction, _team(0), _team(number)) is None
    for number in range(POLICIES_KEPT):
        conditions = ConditionSet(users=Users(include_groups=(_team(number),), exclude_users=(_person(number),)))
        policy = ConditionalAccessPolicy(
            id=PolicyId(f"00000000-0000-4000-c000-{number:012}"),
            display_name=f"Policy {number}",
            state=PolicyState.DISABLED,
            conditions=conditions,
        )
        policy_records.put(transaction, policy, now)


def _people(transaction: Transaction, *, admission: Admission, numbers: range, now: datetime) -> None:
    for number in numbers:
        user = User(
            id=_person(number),
            user_name=f"person{number:06}@example.com",
            display_name=_called(number),
            kind=UserKind.GUEST if number % 20 == 0 else UserKind.MEMBER,
            enabled=number % 50 != 0,
            created_at=now - timedelta(hours=number % 20_000),
            email=_mail(number),
        )
        users.insert(transaction, user)
        groups.add_member(transaction, _team(1 + number % TEAMS), user.id)
        if number % SIGNED_IN == 0:
            proof = Proof(method=Method.PASSWORD, at=now, user_verified=True)
            visitor = Visitor(cookie="", address=f"198.51.100.{number % 256}", port=50_000, user_agent=AGENT)
            at = now - timedelta(seconds=number % 1_800)
            admission.start(transaction, user.id, proof, visitor, replaced=None, at=at, noted=[])


def _person(number: int) -> UserId:
    return UserId(f"00000000-0000-4000-8000-{number:012}")


def _team(number: int) -> GroupId:
    return GroupId(f"00000000-0000-4000-b000-{number:012}")


def _called(number: int) -> str:
    return f"{GIVEN[number % len(GIVEN)]} {FAMILY[number % len(FAMILY)]} {number}"


def _mail(number: int) -> str:
    return f"person{number:06}@example.com"
