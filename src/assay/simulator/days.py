"""The days on paper: who comes when, from where, with what, and what goes wrong.

Each day of each person is drawn by itself, from the company's seed, the name and the date: any part of the time can
be planned alone, and is the same whenever that is done.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from assay.policy import UserKind
from assay.simulator import offices
from assay.simulator.company import Company, PlannedPerson
from assay.simulator.departments import BREAK_GLASS, DAILY, SERVICE_ACCOUNTS
from assay.values import Value

SATURDAY: Final = 5
# Out of a hundred.
SICK, ON_LEAVE, AT_HOME, BY_VPN, TRAVELLING, WEEKEND, EVENING, CURIOUS = 2, 7, 30, 55, 3, 5, 25, 2
MISHAPS: Final = (88, 6, 4, 2)
# Minutes between two looks at an app; a session that nobody uses for an hour is over.
PAUSE: Final = (40, 57)
_NIGHTLY: Final = time(2, 30)


class Mishap(StrEnum):
    """What goes wrong where a sign-in is needed."""

    NONE = "none"
    WRONG_PASSWORD = "wrongPassword"  # noqa: S105  a kind of mistake
    WRONG_CODE = "wrongCode"
    LOST_PHONE = "lostPhone"  # a recovery code is used


class Act(Value, frozen=True, kw_only=True):
    """One person opens one app and looks at some pages of it, signing in on the way where that is asked."""

    at: datetime
    user_name: str
    device: int
    address: str
    app: str
    requests: int
    mishap: Mishap = Mishap.NONE
    signs_out: bool = False


class Habits(Value, frozen=True, kw_only=True):
    """When a person works: `begins` and `lunch` after midnight of their office, how long each lasts."""

    begins: timedelta
    lasts: timedelta
    lunch: timedelta
    eats: timedelta
    favourites: tuple[str, ...]


def plan_acts(company: Company, after: datetime, until: datetime) -> tuple[Act, ...]:
    """Everything that people do after one instant and until another, in order of time."""
    acts = [
        act
        for day in _dates(after, until)
        for person in company.people
        for act in _day(company, person, day)
        if after < act.at <= until
    ]
    return tuple(sorted(acts, key=lambda act: (act.at, act.user_name)))


def habits_of(company: Company, person: PlannedPerson) -> Habits:
    """The same for a person every day."""
    random = Random(f"{company.seed}/{person.user_name}")  # noqa: S311  a company's habits, not secrets
    early = random.random() < 0.12
    begins = random.randint(5 * 60 + 15, 6 * 60 + 45) if early else random.randint(7 * 60 + 30, 9 * 60 + 45)
    mine = company.apps_of(person)
    return Habits(
        begins=timedelta(minutes=begins),
        lasts=timedelta(minutes=random.randint(8 * 60, 9 * 60 + 30)),
        lunch=timedelta(minutes=random.randint(11 * 60 + 45, 13 * 60)),
        eats=timedelta(minutes=random.randint(20, 45)),
        favourites=_favourites(random, mine),
    )


def _favourites(random: Random, mine: tuple[str, ...]) -> tuple[str, ...]:
    """Three apps, of which the first is opened most; one of them is one that everybody opens."""
    own = random.sample(mine, min(len(mine), 3))
    if not set(own) & set(DAILY) & set(mine):
        own[-1] = next((name for name in DAILY if name in mine), own[-1])
    return tuple(own)


def _dates(after: datetime, until: datetime) -> Iterator[date]:
    """The days of any office of which some part lies between."""
    day = after.date() - timedelta(days=1)
    while day <= until.date() + timedelta(days=1):
        yield day
        day += timedelta(days=1)


def _day(company: Company, person: PlannedPerson, day: date) -> list[Act]:
    random = Random(f"{company.seed}/{person.user_name}/{day.isoformat()}")  # noqa: S311  a day's habits, not secrets
    midnight = datetime.combine(day, time(), UTC) - person.office.ahead
    if SERVICE_ACCOUNTS in person.groups:
        return [_report(random, person, datetime.combine(day, _NIGHTLY, UTC))]
    if person.kind is not UserKind.MEMBER:
        return _visits(random, company, person, midnight)
    if BREAK_GLASS in person.groups or _absent(company, random, person, day):
        return []
    return _workday(random, company, person, midnight) + _evening(random, company, person, midnight)


def _absent(company: Company, random: Random, person: PlannedPerson, day: date) -> bool:
    """Weekends, a week of leave, a day in bed."""
    if day.weekday() >= SATURDAY:
        return random.randrange(100) >= WEEKEND
    week = Random(f"{company.seed}/{person.user_name}/{day.isocalendar()[:2]}")  # noqa: S311  as above
    on_leave = week.randrange(100) < ON_LEAVE and not person.owner
    return on_leave or random.randrange(100) < SICK


def _workday(random: Random, company: Company, person: PlannedPerson, midnight: datetime) -> list[Act]:
    habits = habits_of(company, person)
    address = _place(random, person)
    at = midnight + habits.begins + timedelta(minutes=random.randint(-12, 25), seconds=random.randint(0, 59))
    ends = at + habits.lasts
    lunch = midnight + habits.lunch + timedelta(minutes=random.randint(-10, 10))
    acts: list[Act] = []
    while at < ends:
        if lunch <= at < lunch + habits.eats:
            at = lunch + habits.eats
        acts.append(_act(random, company, person, habits, at, device=0, address=address))
        at += timedelta(minutes=random.randint(*PAUSE), seconds=random.randint(0, 59))
    if random.random() < 0.2:
        acts.append(_act(random, company, person, habits, ends, device=0, address=address, signs_out=True))
    return acts


def _evening(random: Random, company: Company, person: PlannedPerson, midnight: datetime) -> list[Act]:
    """A look at the phone after work, or at lunch."""
    if len(person.devices) < 2 or random.randrange(100) >= EVENING:
        return []
    habits = habits_of(company, person)
    at = midnight + timedelta(minutes=random.randint(18 * 60, 22 * 60), seconds=random.randint(0, 59))
    road = offices.on_the_road(person.number)
    address = road if random.random() < 0.6 else offices.at_home(person.number)
    return [_act(random, company, person, habits, at, device=1, address=address)]


def _visits(random: Random, company: Company, person: PlannedPerson, midnight: datetime) -> list[Act]:
    """Guests and customers come now and then, from their own places."""
    if random.random() >= 0.4:
        return []
    at = midnight + timedelta(minutes=random.randint(8 * 60, 19 * 60), seconds=random.randint(0, 59))
    habits = habits_of(company, person)
    return [_act(random, company, person, habits, at, device=0, address=offices.at_home(person.number))]


def _report(random: Random, person: PlannedPerson, at: datetime) -> Act:
    """What an account that is no person's does every night."""
    return Act(
        at=at + timedelta(seconds=random.randint(0, 20)),
        user_name=person.user_name,
        device=0,
        address=offices.SERVICE_ADDRESS,
        app="datasette",
        requests=12,
    )


def _place(random: Random, person: PlannedPerson) -> str:
    """Where somebody works on a day."""
    drawn = random.randrange(100)
    if drawn < TRAVELLING:
        return offices.at_hotel(person.number)
    if drawn < TRAVELLING + AT_HOME:
        by_vpn = random.randrange(100) < BY_VPN
        return offices.on_vpn(person.number) if by_vpn else offices.at_home(person.number)
    return offices.at_office(person.office, person.number)


def _act(
    random: Random,
    company: Company,
    person: PlannedPerson,
    habits: Habits,
    at: datetime,
    *,
    device: int,
    address: str,
    signs_out: bool = False,
) -> Act:
    return Act(
        at=at,
        user_name=person.user_name,
        device=device,
        address=address,
        app=_app(random, company, habits),
        requests=random.choice((2, 3, 4, 6, 9, 14)),
        mishap=random.choices(tuple(Mishap), weights=MISHAPS)[0],
        signs_out=signs_out,
    )


def _app(random: Random, company: Company, habits: Habits) -> str:
    """Mostly what this person works with, and now and then what is nobody's business of theirs."""
    if random.randrange(100) < CURIOUS:
        return random.choice(company.apps).name
    most = habits.favourites[0]
    return most if random.random() < 0.5 else random.choice(habits.favourites)
